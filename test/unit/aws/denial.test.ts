import { describe, expect, it } from 'vitest';
import { AwsFault } from '../../../src/aws/aws-fault.ts';
import { type PolicyKind, parseDenial } from '../../../src/aws/aws-text.ts';
import type { Situation } from '../../../src/aws/call-situation.ts';
import { toKeyturnError } from '../../../src/aws/errors.ts';
import { AccessDenied } from '../../../src/ports/errors.ts';

const SESSION = 'arn:aws:sts::123456789012:assumed-role/app/keyturn-team-store';
const GET = 'secretsmanager:GetSecretValue';
const SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:team/db';
const SHARED = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:shared/db-AbCdEf';
const SITUATION: Situation = {
  ref: { key: 'team/db', version: { kind: 'stage', stage: 'AWSCURRENT' } },
  service: 'AWS Secrets Manager',
  action: GET,
  region: 'eu-west-1',
  deadlineMs: 10_000,
  credentialsFrom: "the store's static credentials",
  principal: SESSION,
};

function about(key: string, more: Partial<Situation> = {}): Situation {
  return { ...SITUATION, ref: { key, version: { kind: 'stage', stage: 'AWSCURRENT' } }, ...more };
}

function message(text: string, situation: Situation = SITUATION, code = 'AccessDeniedException'): string {
  const error = toKeyturnError(new AwsFault({ origin: 'service', code, text, status: 400 }), situation);
  expect(error).toBeInstanceOf(AccessDenied);
  return error.message;
}

const NOT_AUTHORIZED = `User: ${SESSION} is not authorized to perform: ${GET} on resource: team/db`;
/** What every identity policy that allows it has. */
const ALLOWS = `{"Effect":"Allow","Action":"${GET}","Resource":"${SECRET}-??????"}`;

/**
 * The words are those of https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html, with the
 * action and the resource that Keyturn asks for.
 */
const KINDS: Readonly<Record<string, { readonly text: string; readonly policy: PolicyKind; readonly advice: string }>> =
  {
    'no identity-based policy': {
      text: `${NOT_AUTHORIZED} because no identity-based policy allows the ${GET} action`,
      policy: 'identity',
      advice: `Add to the policies of the identity: ${ALLOWS}. Check the name as well: AWS denies what does not exist in the same words.`,
    },
    'an explicit deny in an identity-based policy': {
      text: `${NOT_AUTHORIZED} with an explicit deny in an identity-based policy`,
      policy: 'identity',
      advice: `Remove that deny from the policies of the identity. What has to be allowed: ${ALLOWS}.`,
    },
    'no resource-based policy': {
      text: `User: ${SESSION} is not authorized to perform: ${GET} because no resource-based policy allows the ${GET} action`,
      policy: 'resource',
      advice: `Add to the resource policy of the secret: {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/app"},"Action":"${GET}","Resource":"*"}.`,
    },
    'an explicit deny in a resource-based policy': {
      text: `${NOT_AUTHORIZED} with an explicit deny in a resource-based policy`,
      policy: 'resource',
      advice: `Remove that deny from the resource policy of the secret. What has to be allowed: ${ALLOWS}.`,
    },
    'no service control policy': {
      text: `User: ${SESSION} is not authorized to perform: ${GET} because no service control policy allows the ${GET} action`,
      policy: 'serviceControl',
      advice: `Add to the service control policy of the organization: ${ALLOWS}.`,
    },
    'an explicit deny in a service control policy': {
      text: `${NOT_AUTHORIZED} with an explicit deny in a service control policy`,
      policy: 'serviceControl',
      advice: `Remove that deny from the service control policy of the organization. What has to be allowed: ${ALLOWS}.`,
    },
    'an explicit deny in a service control policy that AWS names': {
      text: `${NOT_AUTHORIZED} with an explicit deny in a service control policy: arn:aws:organizations::111122223333:policy/o-a1b2c3d4e5/service_control_policy/p-a1b2c3d4`,
      policy: 'serviceControl',
      advice: `Remove that deny from the service control policy of the organization (arn:aws:organizations::111122223333:policy/o-a1b2c3d4e5/service_control_policy/p-a1b2c3d4). What has to be allowed: ${ALLOWS}.`,
    },
    'an explicit deny in a resource control policy': {
      text: `${NOT_AUTHORIZED} with an explicit deny in a resource control policy`,
      policy: 'resourceControl',
      advice: `Remove that deny from the resource control policy of the organization. What has to be allowed: ${ALLOWS}.`,
    },
    'no VPC endpoint policy': {
      text: `User: ${SESSION} is not authorized to perform: ${GET} because no VPC endpoint policy allows the ${GET} action`,
      policy: 'endpoint',
      advice: `Add to the policy of the VPC endpoint: {"Effect":"Allow","Principal":"*","Action":"${GET}","Resource":"${SECRET}-??????"}.`,
    },
    'an explicit deny in a VPC endpoint policy': {
      text: `${NOT_AUTHORIZED} with an explicit deny in a VPC endpoint policy`,
      policy: 'endpoint',
      advice: `Remove that deny from the policy of the VPC endpoint. What has to be allowed: ${ALLOWS}.`,
    },
    'an explicit deny behind a VPC endpoint': {
      text: `${NOT_AUTHORIZED} with an explicit deny in a VPC endpoint policy transitively through a service control policy`,
      policy: 'serviceControl',
      advice: `Remove that deny from the service control policy of the organization. What has to be allowed: ${ALLOWS}.`,
    },
    'no permissions boundary': {
      text: `${NOT_AUTHORIZED} because no permissions boundary allows the ${GET} action`,
      policy: 'boundary',
      advice: `Add to the permissions boundary of the identity: ${ALLOWS}.`,
    },
    'an explicit deny in a permissions boundary': {
      text: `User: ${SESSION} is not authorized to perform: ${GET} with an explicit deny in a permissions boundary: arn:aws:iam::123456789012:policy/boundary`,
      policy: 'boundary',
      advice: `Remove that deny from the permissions boundary of the identity (arn:aws:iam::123456789012:policy/boundary). What has to be allowed: ${ALLOWS}.`,
    },
    'no session policy': {
      text: `User: ${SESSION} is not authorized to perform: ${GET} because no session policy allows the ${GET} action`,
      policy: 'session',
      advice: `Add to the session policy that its credentials were made with: ${ALLOWS}.`,
    },
    'an explicit deny in a session policy': {
      text: `${NOT_AUTHORIZED} with an explicit deny in a sessions policy`,
      policy: 'session',
      advice: `Remove that deny from the session policy that its credentials were made with. What has to be allowed: ${ALLOWS}.`,
    },
    'an explicit deny in the trust policy of a role': {
      text: `User: ${SESSION} is not authorized to perform: sts:AssumeRole with an explicit deny in the role trust policy`,
      policy: 'trust',
      advice: 'Remove that deny from the trust policy of the role.',
    },
  };

describe("AWS's words for", () => {
  it.each(Object.entries(KINDS))('%s tell whose policy to change, and how', (_, { text, policy, advice }) => {
    const denial = parseDenial(text);
    expect(denial.policy).toBe(policy);
    expect(denial.explicit).toBe(text.includes('explicit deny'));
    const told = message(text);
    expect(told).toContain(`${SESSION} may not `);
    expect(told).toContain(`on secret "team/db" (AccessDeniedException: ${denial.reason}). ${advice}`);
  });

  it('an explicit deny without a policy do not send anybody to the wrong one', () => {
    expect(message(`${NOT_AUTHORIZED} with an explicit deny`)).toBe(
      `${SESSION} may not ${GET} on secret "team/db" (AccessDeniedException: explicit deny). Remove that deny from the policy that has it. What has to be allowed: ${ALLOWS}.`,
    );
  });

  it('nothing at all name the likeliest policy, and say that it is a guess', () => {
    expect(message('', { ...SITUATION, principal: undefined })).toBe(
      `The identity of the store may not ${GET} on secret "team/db" (AccessDeniedException). AWS does not say which policy lacks it; most likely it is that of the identity. ` +
        `Add to its policies: {"Effect":"Allow","Action":"${GET}","Resource":"arn:aws:secretsmanager:eu-west-1:*:secret:team/db-??????"}. ` +
        'Check the name as well: AWS denies what does not exist in the same words.',
    );
  });

  it('a denial of a name with a random suffix tell of that instead', () => {
    expect(message(KINDS['no identity-based policy']?.text ?? '', about('team/db-AbCdEf'))).toContain(
      'A random suffix belongs to ARNs only: if "-AbCdEf" was copied from an ARN, leave it out of the name.',
    );
  });

  it('a denial are told the same after the SDK has renewed a session whose name it made up', () => {
    const messages = ['1760000000001', '1760003600002'].map((stamp) =>
      message(
        `User: arn:aws:sts::123456789012:assumed-role/app/aws-sdk-js-session-${stamp} is not authorized to perform: ${GET}`,
      ),
    );
    expect(new Set(messages).size).toBe(1);
    expect(messages[0]).toContain('arn:aws:sts::123456789012:assumed-role/app may not');
  });
});

describe('a KMS key that may not be used', () => {
  const inIdentity = `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:eu-west-1:123456789012:key/*","Condition":{"StringEquals":{"kms:ViaService":"secretsmanager.eu-west-1.amazonaws.com"},"StringLike":{"kms:EncryptionContext:SecretARN":"${SECRET}-??????"}}}`;
  const inKey = (role: string) =>
    `{"Effect":"Allow","Principal":{"AWS":"${role}"},"Action":"kms:Decrypt","Resource":"*"}`;

  it('is told with both statements where AWS says nothing more', () => {
    expect(message('Access to KMS is not allowed')).toBe(
      `${SESSION} may not use the KMS key of secret "team/db" (AccessDeniedException: access to KMS is not allowed). ` +
        `Add to the policies of the identity: ${inIdentity}. Unless the key's policy leaves that to IAM, ` +
        `add there: ${inKey('arn:aws:iam::123456789012:role/app')}.`,
    );
  });

  it('is told with the path of the role, which the ARN of a session lacks', () => {
    const role = 'arn:aws:iam::123456789012:role/team/app';
    expect(message('Access to KMS is not allowed', { ...SITUATION, role })).toContain(inKey(role));
  });

  it('is told of a version that was encrypted with a former key', () => {
    // https://repost.aws/knowledge-center/secrets-manager-cross-account-key
    const text = 'Access to KMS is not allowed. This version of secret is not encrypted with the current KMS key.';
    expect(message(text)).toContain('put a new version, or allow the former key');
  });

  it('that AWS names is named, and its policy first where that is what lacks it', () => {
    const key = 'arn:aws:kms:eu-west-1:123456789012:key/1';
    const text = `User: ${SESSION} is not authorized to perform: kms:Decrypt on resource: ${key} because no resource-based policy allows the kms:Decrypt action`;
    expect(message(text)).toContain(
      `Add to the policy of ${key}: ${inKey('arn:aws:iam::123456789012:role/app')}, and to the policies of the identity: {"Effect":"Allow","Action":"kms:Decrypt","Resource":"${key}",`,
    );
  });

  it('by a service control policy is no matter of the key', () => {
    const text = `User: ${SESSION} is not authorized to perform: kms:Decrypt with an explicit deny in a service control policy`;
    expect(message(text)).toContain(
      `Remove that deny from the service control policy of the organization. What has to be allowed: ${inIdentity}.`,
    );
  });

  it('in China is used by a service whose name has another end', () => {
    const session = 'arn:aws-cn:sts::123456789012:assumed-role/app/session';
    const told = message('Access to KMS is not allowed', { ...SITUATION, region: 'cn-north-1', principal: session });
    expect(told).toContain('"kms:ViaService":"secretsmanager.cn-north-1.amazonaws.com.cn"');
    expect(told).toContain('"Resource":"arn:aws-cn:kms:cn-north-1:123456789012:key/*"');
  });
});

describe('a secret of another account', () => {
  const inSecret = `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/app"},"Action":"${GET}","Resource":"*"}`;
  const denied = `User: ${SESSION} is not authorized to perform: ${GET} on resource: ${SHARED}`;

  it('has to be allowed on both sides, whichever AWS names', () => {
    expect(message(`${denied} because no identity-based policy allows the ${GET} action`, about(SHARED))).toBe(
      `${SESSION} may not ${GET} on secret "${SHARED}" (AccessDeniedException: no identity-based policy allows the ${GET} action). ` +
        `Add to the policies of the identity: {"Effect":"Allow","Action":"${GET}","Resource":"${SHARED}"}. ` +
        `It is of another account (111122223333): a customer managed KMS key and its resource policy have to allow it as well: ${inSecret}.`,
    );
    expect(message(`${denied} because no resource-based policy allows the ${GET} action`, about(SHARED))).toBe(
      `${SESSION} may not ${GET} on secret "${SHARED}" (AccessDeniedException: no resource-based policy allows the ${GET} action). ` +
        `Add to the resource policy of the secret: ${inSecret}. ` +
        'It is of another account (111122223333): a customer managed KMS key and the policies of the identity have to allow it as well.',
    );
  });

  it('that is encrypted with the key of AWS cannot be had, and says what can be done', () => {
    // https://repost.aws/knowledge-center/secrets-manager-cross-account-key
    const text =
      "You can't access a secret from a different AWS account if you encrypt the secret with the default KMS service key.";
    expect(message(text, about(SHARED), 'InvalidRequestException')).toBe(
      `Secret "${SHARED}" is encrypted with the key aws/secretsmanager, which no other account can use (InvalidRequestException). ` +
        'Encrypt it with a customer managed key, let the key\'s policy allow it: {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/app"},"Action":"kms:Decrypt","Resource":"*"}, ' +
        'and the policies of the identity: {"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:eu-west-1:111122223333:key/*",' +
        `"Condition":{"StringEquals":{"kms:ViaService":"secretsmanager.eu-west-1.amazonaws.com"},"StringLike":{"kms:EncryptionContext:SecretARN":"${SHARED}"}}}.`,
    );
  });
});

it('no denial of usual names is longer than what an Event holds', () => {
  const role = 'arn:aws:iam::123456789012:role/team/a-role-of-thirty-characters-xx';
  const session = 'arn:aws:sts::123456789012:assumed-role/a-role-of-thirty-characters-xx/keyturn-a-namespace-a-store';
  const key = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:payments/database-AbCdEf';
  const texts = [
    ...Object.values(KINDS).map(({ text }) => text.replace(SESSION, session)),
    'Access to KMS is not allowed',
  ];
  // "could not get secret data from provider: spec.data[0] (key: ...): " and " (AWS request id ...)" come to it.
  const around = 120 + key.length;
  for (const text of texts) {
    expect(message(text, about(key, { principal: session, role })).length + around, text).toBeLessThan(1_024);
  }
});
