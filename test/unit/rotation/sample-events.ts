/** Events as AWS documents them, shortened by what nobody reads. */

export const ACCOUNT = '123456789012';
export const REGION = 'us-west-2';
export const ARN = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:mySecret-a1b2c3`;
export const VERSION = 'a1b2c3d4-5678-90ab-cdef-EXAMPLE11111';

type Fields = Readonly<Record<string, unknown>>;

function envelope(fields: Fields): Fields {
  return {
    version: '0',
    id: 'e1b2c3d4-0000-4000-8000-000000000001',
    source: 'aws.secretsmanager',
    account: ACCOUNT,
    time: '2026-03-01T12:00:00Z',
    region: REGION,
    resources: [],
    ...fields,
  };
}

/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/secret-event-notifications.html */
export function labelUpdated(detail: Fields = {}, fields: Fields = {}): Fields {
  return envelope({
    'detail-type': 'Secret Label Updated',
    resources: [ARN],
    detail: { name: 'mySecret', labelUpdated: 'AWSCURRENT', versionId: VERSION, ...detail },
    ...fields,
  });
}

/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/cloudtrail_log_entries.html */
export function apiCall(eventName: string, detail: Fields, fields: Fields = {}): Fields {
  return envelope({
    'detail-type': 'AWS API Call via CloudTrail',
    detail: {
      eventVersion: '1.08',
      userIdentity: { type: 'IAMUser', principalId: 'EXAMPLE', accountId: ACCOUNT, userName: 'myusername' },
      eventTime: '2026-03-01T11:59:58Z',
      eventSource: 'secretsmanager.amazonaws.com',
      eventName,
      awsRegion: REGION,
      requestID: 'e1b2c3d4-0000-4000-8000-000000000002',
      eventID: 'e1b2c3d4-0000-4000-8000-000000000003',
      eventType: 'AwsApiCall',
      recipientAccountId: ACCOUNT,
      ...detail,
    },
    ...fields,
  });
}

export function deleteSecret(detail: Fields = {}): Fields {
  return apiCall('DeleteSecret', {
    requestParameters: { recoveryWindowInDays: 30, secretId: 'mySecret' },
    responseElements: { name: 'mySecret', deletionDate: 'Mar 31, 2026, 12:00:00 PM', arn: ARN },
    ...detail,
  });
}

export function restoreSecret(detail: Fields = {}): Fields {
  return apiCall('RestoreSecret', {
    requestParameters: { secretId: 'mySecret' },
    responseElements: { name: 'mySecret', arn: ARN },
    ...detail,
  });
}

/** CloudTrail records no reply of these calls. */
export function tagCall(eventName: 'TagResource' | 'UntagResource', detail: Fields = {}): Fields {
  return apiCall(eventName, { requestParameters: { secretId: ARN }, responseElements: null, ...detail });
}

export function serviceEvent(eventName: string, detail: Fields = {}, fields: Fields = {}): Fields {
  return envelope({
    'detail-type': 'AWS Service Event via CloudTrail',
    detail: {
      eventVersion: '1.05',
      userIdentity: { accountId: ACCOUNT, invokedBy: 'secretsmanager.amazonaws.com' },
      eventTime: '2026-03-01T11:59:58Z',
      eventSource: 'secretsmanager.amazonaws.com',
      eventName,
      awsRegion: REGION,
      requestParameters: null,
      responseElements: null,
      additionalEventData: { SecretId: ARN },
      eventType: 'AwsServiceEvent',
      recipientAccountId: ACCOUNT,
      ...detail,
    },
    ...fields,
  });
}
