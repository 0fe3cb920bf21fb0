import { expect, test } from 'vitest';
import { comparisonText, reportText } from '../../../src/cli/policy-text.ts';
import { only, reads, report, SHARED } from '../domain/policy-given.ts';

test('a policy is printed with who needs it, what is optional, its trust policy, and what another account has to allow', () => {
  const { identities } = report({ specs: [reads(SHARED)], options: { oidcProvider: undefined } });
  expect(
    reportText({
      identities,
      leftOut: ['ExternalSecret team/old: SecretStore "team/gone" does not exist'],
      notes: ['Which SecretAccessPolicies are for "team" could not be read.'],
    }),
  ).toMatchInlineSnapshot(`
      "# role arn:aws:iam::123456789012:role/app
      - SecretStore team/aws: 1 ExternalSecret, 1 source, in eu-central-1

      Policy:
      {
        "Version": "2012-10-17",
        "Statement": [
          {
            "Sid": "ReadSecrets",
            "Effect": "Allow",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "arn:aws:secretsmanager:eu-central-1:111122223333:secret:shared/db-AbCdEf"
          },
          {
            "Sid": "DecryptSecrets",
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": "arn:aws:kms:eu-central-1:111122223333:key/*",
            "Condition": {
              "StringEquals": {
                "kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com"
              },
              "StringLike": {
                "kms:EncryptionContext:SecretARN": "arn:aws:secretsmanager:eu-central-1:111122223333:secret:shared/db-AbCdEf"
              }
            }
          }
        ]
      }

      Optional statements:
      - Labels other than AWSCURRENT, and secrets of other accounts, are checked without reading a value.
        {
          "Sid": "DescribeSecrets",
          "Effect": "Allow",
          "Action": "secretsmanager:DescribeSecret",
          "Resource": "arn:aws:secretsmanager:eu-central-1:111122223333:secret:shared/db-AbCdEf"
        }

      Trust policy:
      {
        "Version": "2012-10-17",
        "Statement": [
          {
            "Effect": "Allow",
            "Principal": {
              "Federated": "arn:aws:iam::123456789012:oidc-provider/OIDC_PROVIDER"
            },
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
              "StringEquals": {
                "OIDC_PROVIDER:sub": "system:serviceaccount:team:reader",
                "OIDC_PROVIDER:aud": "sts.amazonaws.com"
              }
            }
          }
        ]
      }

      In the account of arn:aws:secretsmanager:eu-central-1:111122223333:secret:shared/db-AbCdEf:
      - resource policy of the secret
        {
          "Effect": "Allow",
          "Principal": {
            "AWS": "arn:aws:iam::123456789012:role/app"
          },
          "Action": [
            "secretsmanager:DescribeSecret",
            "secretsmanager:GetSecretValue"
          ],
          "Resource": "*"
        }
      - policy of its KMS key
        {
          "Effect": "Allow",
          "Principal": {
            "AWS": "arn:aws:iam::123456789012:role/app"
          },
          "Action": "kms:Decrypt",
          "Resource": "*",
          "Condition": {
            "StringEquals": {
              "kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com"
            },
            "StringLike": {
              "kms:EncryptionContext:SecretARN": "arn:aws:secretsmanager:eu-central-1:111122223333:secret:shared/db-AbCdEf"
            }
          }
        }

      Notes:
      - OIDC_PROVIDER stands for the cluster's OIDC provider, such as oidc.eks.REGION.amazonaws.com/id/ID: give it with --oidc-provider.
      - Secrets of other accounts have to be encrypted with a customer managed KMS key.

      # Left out
      - ExternalSecret team/old: SecretStore "team/gone" does not exist

      # Notes
      - Which SecretAccessPolicies are for "team" could not be read.
      "
    `);
});

test('of identities that only assume roles, and of nothing at all, that is said', () => {
  const [identity] = report().identities;
  expect(identity).toBeDefined();
  if (identity !== undefined) {
    expect(reportText({ identities: [{ ...identity, serves: [] }], leftOut: [], notes: [] })).toContain(
      '\n- assumes roles only\n',
    );
  }
  expect(reportText({ identities: [], leftOut: [], notes: [] })).toBe('# Nothing is read from AWS Secrets Manager.\n');
});

test('a comparison is printed by what is to be done about it', () => {
  const { identity } = only({});
  const findings = [
    { kind: 'tooMuch', text: 'b' },
    { kind: 'missing', text: 'a' },
    { kind: 'note', text: 'c' },
    { kind: 'missing', text: 'd' },
  ] as const;
  expect(comparisonText(`role ${identity}`, findings, false)).toBe(
    `# role ${identity}\nThe policy does not fit.\n\nMissing:\n- a\n- d\n\nToo much:\n- b\n\nNotes:\n- c\n`,
  );
  expect(comparisonText('x', [], true)).toBe('# x\nThe policy fits.\n');
});
