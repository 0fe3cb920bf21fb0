import { describe, expect, it } from 'vitest';
import { AwsFault, type FaultDetail } from '../../../src/aws/aws-fault.ts';
import type { Situation } from '../../../src/aws/call-situation.ts';
import { toKeyturnError } from '../../../src/aws/errors.ts';
import {
  InvalidCredentials,
  RequestRejected,
  SecretNotFound,
  SourceUnavailable,
  Throttled,
} from '../../../src/ports/errors.ts';

const ROLE = 'arn:aws:sts::123456789012:assumed-role/app/keyturn-team-store';
const SITUATION: Situation = {
  ref: { key: 'team/db', version: { kind: 'stage', stage: 'AWSCURRENT' } },
  service: 'AWS Secrets Manager',
  action: 'secretsmanager:GetSecretValue',
  region: 'eu-west-1',
  deadlineMs: 10_000,
  credentialsFrom: "the store's static credentials",
  principal: ROLE,
};
const PREVIOUS: Situation = { ...SITUATION, ref: { key: 'team/db', version: { kind: 'stage', stage: 'AWSPREVIOUS' } } };

const SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:team/db';

function about(key: string): Situation {
  return { ...SITUATION, ref: { key, version: { kind: 'stage', stage: 'AWSCURRENT' } } };
}

interface Case {
  readonly fault: FaultDetail;
  readonly situation?: Situation;
  readonly is: new (message: string) => Error;
  readonly says: string;
}

const aws = (code: string, text = '', status: number | undefined = 400): FaultDetail => ({
  origin: 'service',
  code,
  text,
  status,
});

const CASES: Readonly<Record<string, Case>> = {
  'a secret that does not exist': {
    fault: aws('ResourceNotFoundException', "Secrets Manager can't find the specified secret."),
    is: SecretNotFound,
    says: 'AWS has no secret "team/db" in eu-west-1 (ResourceNotFoundException). Check the key, the region and the account.',
  },
  'a name with the random suffix of an ARN': {
    fault: aws('ResourceNotFoundException', "Secrets Manager can't find the specified secret."),
    situation: about('team/db-AbCdEf'),
    is: SecretNotFound,
    says: 'AWS has no secret "team/db-AbCdEf" in eu-west-1 (ResourceNotFoundException). Check the key, the region and the account. A random suffix belongs to ARNs only: if "-AbCdEf" was copied from an ARN, leave it out of the name.',
  },
  'a full ARN': {
    fault: aws('ResourceNotFoundException', "Secrets Manager can't find the specified secret."),
    situation: about(`${SECRET}-AbCdEf`),
    is: SecretNotFound,
    says: `AWS has no secret "${SECRET}-AbCdEf" in eu-west-1 (ResourceNotFoundException). Check the key, the region and the account. If it was deleted and made again, it is "team/db" with another suffix than "-AbCdEf": the name alone finds it. If "-AbCdEf" is the end of its name, AWS took that for the random suffix: give the full ARN, or the name.`,
  },
  'an ARN without its random suffix': {
    fault: aws('ResourceNotFoundException', "Secrets Manager can't find the specified secret."),
    situation: about(SECRET),
    is: SecretNotFound,
    says: `AWS has no secret "${SECRET}" in eu-west-1 (ResourceNotFoundException). Check the key, the region and the account. It lacks the random suffix: AWS finds by such an ARN only what exactly one secret matches. Give the full ARN, or the name.`,
  },
  'an ARN of another account without its random suffix': {
    fault: aws('ResourceNotFoundException', "Secrets Manager can't find the specified secret."),
    situation: { ...about(SECRET), principal: 'arn:aws:sts::111122223333:assumed-role/app/session' },
    is: SecretNotFound,
    says: `AWS has no secret "${SECRET}" in eu-west-1 (ResourceNotFoundException). Check the key, the region and the account. It is of account 123456789012, and the identity of 111122223333: secrets of another account are found by the full ARN only, with its random suffix.`,
  },
  'a full ARN of another account': {
    fault: aws('ResourceNotFoundException', "Secrets Manager can't find the specified secret."),
    situation: { ...about(`${SECRET}-AbCdEf`), principal: 'arn:aws:sts::111122223333:assumed-role/app/session' },
    is: SecretNotFound,
    says: `AWS has no secret "${SECRET}-AbCdEf" in eu-west-1 (ResourceNotFoundException). Check the key, the region and the account. If it was deleted and made again, it is "team/db" with another suffix than "-AbCdEf". If "-AbCdEf" is the end of its name, AWS took that for the random suffix: give the full ARN.`,
  },
  "an ARN behind a store's prefix": {
    fault: aws('ResourceNotFoundException', "Secrets Manager can't find the specified secret."),
    situation: about(`team/${SECRET}`),
    is: SecretNotFound,
    says: `AWS has no secret "team/${SECRET}" in eu-west-1 (ResourceNotFoundException). Check the key, the region and the account. The store's prefix stands before the ARN: give the name without the prefix, or use a store that has none.`,
  },
  'a stage that no version has': {
    fault: aws(
      'ResourceNotFoundException',
      "Secrets Manager can't find the specified secret value for staging label: AWSPREVIOUS",
    ),
    situation: PREVIOUS,
    is: SecretNotFound,
    says: 'Secret "team/db" has no version with the stage "AWSPREVIOUS" (ResourceNotFoundException). Check the version.',
  },
  'a secret that waits for its deletion, as AWS documents it': {
    fault: aws(
      'InvalidRequestException',
      "You can't perform this operation on the secret because it was marked for deletion.",
    ),
    is: SecretNotFound,
    says: 'Secret "team/db" is scheduled for deletion (InvalidRequestException). It can be restored with "aws secretsmanager restore-secret --region eu-west-1 --secret-id team/db".',
  },
  'a secret that waits for its deletion, in other words': {
    fault: aws('InvalidParameterException', 'The secret is scheduled for deletion.'),
    is: SecretNotFound,
    says: 'Secret "team/db" is scheduled for deletion (InvalidParameterException). It can be restored with "aws secretsmanager restore-secret --region eu-west-1 --secret-id team/db".',
  },
  'another parameter that does not fit': {
    fault: aws(
      'InvalidParameterException',
      'You gave two versions. (Service: SecretsManager; Status Code: 400; Request ID: 1f-2e)',
    ),
    is: RequestRejected,
    says: 'AWS refuses to read secret "team/db" (InvalidParameterException: You gave two versions.). Check the key and the version.',
  },
  'a key of an invalid form': {
    fault: aws('ValidationException', "Value at 'secretId' failed to satisfy constraint"),
    is: RequestRejected,
    says: 'AWS refuses to read secret "team/db" (ValidationException: Value at \'secretId\' failed to satisfy constraint). Check the key and the version.',
  },
  'a KMS key that cannot decrypt': {
    fault: aws('DecryptionFailure', ''),
    is: RequestRejected,
    says: 'AWS cannot decrypt secret "team/db" (DecryptionFailure). Check that its KMS key is enabled and not scheduled for deletion.',
  },
  'an access key that AWS does not know': {
    fault: aws('UnrecognizedClientException', 'The security token included in the request is invalid.'),
    is: InvalidCredentials,
    says: "AWS does not accept the store's static credentials (UnrecognizedClientException). Check that they exist, are active, and belong to the partition of the region.",
  },
  'a secret key that does not fit': {
    fault: aws('InvalidSignatureException', 'The request signature we calculated does not match ... canary'),
    is: InvalidCredentials,
    says: "AWS does not accept the store's static credentials (InvalidSignatureException). Check the secret access key, the session token, and the clock of the node.",
  },
  'a session that is over': {
    fault: aws('ExpiredTokenException'),
    is: InvalidCredentials,
    says: "AWS does not accept the store's static credentials (ExpiredTokenException). They have expired: renew them.",
  },
  'a line break in a key': {
    fault: { origin: 'transport', code: 'ERR_INVALID_CHAR' },
    is: InvalidCredentials,
    says: "The store's static credentials cannot be sent to AWS. Look for a line break or another control character in them.",
  },
  'no credentials anywhere': {
    fault: { origin: 'credentials', code: 'CredentialsProviderError' },
    situation: { ...SITUATION, credentialsFrom: "the operator's own credentials" },
    is: InvalidCredentials,
    says: "AWS credentials could not be had from the operator's own credentials (CredentialsProviderError). Check the ServiceAccount's role and its trust policy, or the store's auth.",
  },
  'a role that may not be assumed': {
    fault: {
      origin: 'credentials',
      code: 'AccessDenied',
      text: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
    },
    situation: { ...SITUATION, credentialsFrom: "the operator's own credentials" },
    is: InvalidCredentials,
    says: "AWS does not give the operator's own credentials: sts:AssumeRoleWithWebIdentity is not allowed (AccessDenied). Check the trust policy of the role.",
  },
  'too many calls': {
    fault: aws('ThrottlingException', 'Rate exceeded'),
    is: Throttled,
    says: 'AWS Secrets Manager in eu-west-1 asks to slow down (ThrottlingException). It is tried again; the quota is shared by the whole account.',
  },
  'too many calls, by the status alone': {
    fault: { origin: 'reply', code: 'UnreadableReply', status: 429 },
    is: Throttled,
    says: 'AWS Secrets Manager in eu-west-1 asks to slow down (UnreadableReply). It is tried again; the quota is shared by the whole account.',
  },
  'a fault at AWS': {
    fault: aws('InternalServiceError', 'An error occurred', 500),
    is: SourceUnavailable,
    says: 'AWS Secrets Manager in eu-west-1 failed (InternalServiceError, HTTP 500). It is tried again.',
  },
  'an unknown fault at AWS': {
    fault: aws('Unknown', '', 503),
    is: SourceUnavailable,
    says: 'AWS Secrets Manager in eu-west-1 failed (Unknown, HTTP 503). It is tried again.',
  },
  'a refusal of an unknown kind': {
    fault: aws('BrandNewException', 'words that nobody has checked'),
    is: RequestRejected,
    says: 'AWS refuses to read secret "team/db" (BrandNewException). Check the key and the version.',
  },
  'a region that does not exist': {
    fault: { origin: 'transport', code: 'ENOTFOUND', host: 'secretsmanager.eu-wset-1.amazonaws.com' },
    situation: { ...SITUATION, region: 'eu-wset-1' },
    is: SourceUnavailable,
    says: 'AWS Secrets Manager in eu-wset-1 was not found: there is no host secretsmanager.eu-wset-1.amazonaws.com (ENOTFOUND). Check the region, or the endpoint that is set instead.',
  },
  'a network that does not lead there': {
    fault: { origin: 'transport', code: 'ECONNREFUSED' },
    is: SourceUnavailable,
    says: 'AWS Secrets Manager in eu-west-1 could not be reached (ECONNREFUSED). Check network policies, proxies and VPC endpoints on the way.',
  },
  'an answer that does not come': {
    fault: { origin: 'deadline', code: 'DeadlineExceeded' },
    is: SourceUnavailable,
    says: 'AWS Secrets Manager in eu-west-1 did not answer within 10 s. Check network policies, proxies and VPC endpoints on the way.',
  },
  'an answer that is not one of AWS': {
    fault: { origin: 'reply', code: 'UnreadableReply', status: 200 },
    is: SourceUnavailable,
    says: 'The answer of AWS Secrets Manager in eu-west-1 is not one that AWS gives (HTTP 200). Check what stands between, such as a proxy or another endpoint.',
  },
  'a secret without any value': {
    fault: { origin: 'reply', code: 'NoValue' },
    is: RequestRejected,
    says: 'Secret "team/db" has neither a string nor a binary value. Put a value into it.',
  },
  'a region that cannot be one': {
    fault: { origin: 'unknown', code: 'InvalidRegion' },
    situation: { ...SITUATION, region: 'eu west' },
    is: RequestRejected,
    says: '"eu west" is not the name of a region. Correct the region of the store.',
  },
};

describe('the error for', () => {
  it.each(Object.entries(CASES))('%s', (_, { fault, situation = SITUATION, is, says }) => {
    const error = toKeyturnError(new AwsFault({ ...fault, requestId: 'req-1' }), situation);
    expect(error).toBeInstanceOf(is);
    expect(error.message).toBe(says);
    expect(error.requestId).toBe('req-1');
    expect(error.cause).toBeInstanceOf(AwsFault);
  });

  it('a denial is the same after the SDK has renewed a session whose name it made up', () => {
    const messages = ['1760000000001', '1760003600002'].map((stamp) => {
      const text = `User: arn:aws:sts::123456789012:assumed-role/app/aws-sdk-js-session-${stamp} is not authorized to perform: secretsmanager:GetSecretValue`;
      return toKeyturnError(new AwsFault(aws('AccessDeniedException', text)), SITUATION).message;
    });
    expect(new Set(messages).size).toBe(1);
    expect(messages[0]).toContain('arn:aws:sts::123456789012:assumed-role/app may not');
  });

  it('a code that is no code does not repeat it', () => {
    const error = toKeyturnError(new AwsFault(aws('{"password": "canary-1"}', 'canary-2')), SITUATION);
    expect(error.message).toBe(
      'AWS refuses to read secret "team/db" (UnreadableErrorCode). Check the key and the version.',
    );
  });
});
