import { describe, expect, it } from 'vitest';
import { AwsFault, type FaultDetail } from '../../../src/aws/aws-fault.ts';
import type { Situation } from '../../../src/aws/call-situation.ts';
import { toKeyturnError } from '../../../src/aws/errors.ts';
import {
  AccessDenied,
  InvalidCredentials,
  type KeyturnError,
  RequestRejected,
  SourceUnavailable,
  Throttled,
} from '../../../src/ports/errors.ts';

const SITUATION: Situation = {
  ref: undefined,
  queue: { name: 'events', arn: 'arn:aws:sqs:eu-west-1:123456789012:events' },
  service: 'AWS SQS',
  action: 'sqs:DeleteMessage',
  region: 'eu-west-1',
  deadlineMs: 8_000,
  credentialsFrom: "the operator's own credentials",
  principal: undefined,
};
const ROLE = 'arn:aws:sts::123456789012:assumed-role/keyturn/session';

interface Case {
  readonly fault: FaultDetail;
  readonly is: new (message: string) => KeyturnError;
  readonly says: string;
}

const aws = (code: string, text = ''): FaultDetail => ({ origin: 'service', code, text, status: 400 });

const CASES: Readonly<Record<string, Case>> = {
  'a denial names the permission of the single call and the queue': {
    fault: aws(
      'AccessDenied',
      `User: ${ROLE} is not authorized to perform: sqs:deletemessage on resource: arn:aws:sqs:eu-west-1:123456789012:events because no identity-based policy allows the sqs:deletemessage action`,
    ),
    is: AccessDenied,
    says: `${ROLE} may not sqs:DeleteMessage on queue "events" (AccessDenied: no identity-based policy allows the sqs:deletemessage action). Add to the policies of the identity: {"Effect":"Allow","Action":"sqs:DeleteMessage","Resource":"arn:aws:sqs:eu-west-1:123456789012:events"}.`,
  },
  'a denial of which nothing more is known': {
    fault: aws('AccessDenied'),
    is: AccessDenied,
    says: 'The operator may not sqs:DeleteMessage on queue "events" (AccessDenied). AWS does not say which policy lacks it; most likely it is that of the identity. Add to its policies: {"Effect":"Allow","Action":"sqs:DeleteMessage","Resource":"arn:aws:sqs:eu-west-1:123456789012:events"}.',
  },
  'a KMS key that may not be used': {
    fault: aws('KmsAccessDenied'),
    is: AccessDenied,
    says: 'The operator may not use the KMS key of queue "events" (KmsAccessDenied: access to KMS is not allowed). Add to the policies of the identity: {"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:eu-west-1:123456789012:key/*","Condition":{"StringEquals":{"kms:ViaService":"sqs.eu-west-1.amazonaws.com"}}}. Unless the key\'s policy leaves that to IAM, add there: {"Effect":"Allow","Principal":{"AWS":"ARN_OF_THE_IDENTITY"},"Action":"kms:Decrypt","Resource":"*"}.',
  },
  'a KMS key that is disabled': {
    fault: aws('KmsDisabled'),
    is: RequestRejected,
    says: 'AWS cannot decrypt queue "events" (KmsDisabled). Check that its KMS key is enabled and not scheduled for deletion.',
  },
  'a queue that does not exist': {
    fault: aws('QueueDoesNotExist'),
    is: RequestRejected,
    says: 'AWS has no queue "events" in eu-west-1 (QueueDoesNotExist). Check the queue URL, and that the queue still exists.',
  },
  'the same in the words of the old protocol': {
    fault: aws('AWS.SimpleQueueService.NonExistentQueue'),
    is: RequestRejected,
    says: 'AWS has no queue "events" in eu-west-1 (AWS.SimpleQueueService.NonExistentQueue). Check the queue URL, and that the queue still exists.',
  },
  'too many messages in flight': {
    fault: aws('OverLimit'),
    is: Throttled,
    says: 'AWS SQS in eu-west-1 asks to slow down (OverLimit). It is tried again; the quota is shared by the whole account.',
  },
  'no credentials': {
    fault: { origin: 'credentials', code: 'CredentialsProviderError' },
    is: InvalidCredentials,
    says: "AWS credentials could not be had from the operator's own credentials (CredentialsProviderError). Check the ServiceAccount's role and its trust policy.",
  },
  'no answer in time': {
    fault: { origin: 'deadline', code: 'DeadlineExceeded' },
    is: SourceUnavailable,
    says: 'AWS SQS in eu-west-1 did not answer within 8 s. Check network policies, proxies and VPC endpoints on the way.',
  },
  'a request that SQS refuses': {
    fault: aws('UnsupportedOperation', 'no'),
    is: RequestRejected,
    says: 'AWS refuses sqs:DeleteMessage (UnsupportedOperation).',
  },
};

describe('an error of the queue', () => {
  it.each(Object.entries(CASES))('%s', (_sentence, { fault, is, says }) => {
    const error = toKeyturnError(new AwsFault(fault), SITUATION);
    expect(error).toBeInstanceOf(is);
    expect(error.message).toBe(says);
  });
});
