/** The files of examples/iam say what `keyturn policy` and the messages of denials say. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { narrowExternalSecret, narrowStore } from '../../../src/api/narrow.ts';
import { AwsFault } from '../../../src/aws/aws-fault.ts';
import { toKeyturnError } from '../../../src/aws/errors.ts';
import { comparePolicy } from '../../../src/domain/policy-compare.ts';
import { readPolicy } from '../../../src/domain/policy-given.ts';
import { type IdentityPolicy, policyReport } from '../../../src/domain/policy-report.ts';
import type { IamStatement } from '../../../src/ports/iam-statement.ts';
import { at } from '../../integration/cluster-objects.ts';

const DIRECTORY = new URL('../../../examples/iam/', import.meta.url);
const ISSUER = 'oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE';
const KEY = 'key/1234abcd-12ab-34cd-56ef-1234567890ab';
const META = { uid: 'u', resourceVersion: '1' };

function file(name: string): string {
  return readFileSync(new URL(name, DIRECTORY), 'utf8');
}

function statementsOf(name: string): readonly unknown[] {
  const statements = at(JSON.parse(file(name)), 'Statement');
  return Array.isArray(statements) ? statements : [];
}

/** Manifests as the API server would have them. */
function manifests(...names: readonly string[]): readonly unknown[] {
  return names.flatMap((name) =>
    parseAllDocuments(file(name)).map((document) => {
      const manifest: unknown = document.toJS();
      return { ...Object(manifest), metadata: { ...Object(at(manifest, 'metadata')), ...META } };
    }),
  );
}

/** What is said of the role of examples/iam/values.yaml for these ExternalSecrets. */
function roleFor(names: readonly string[], kmsKeys: readonly string[] = []): IdentityPolicy {
  const objects = manifests('values.yaml', ...names.filter((name) => name !== 'values.yaml'));
  const ofKind = (kind: string) => objects.filter((object) => at(object, 'kind') === kind);
  const [store] = ofKind('SecretStore');
  const [account] = ofKind('ServiceAccount');
  const roleArn = String(at(account, 'metadata', 'annotations', 'eks.amazonaws.com/role-arn'));
  const wanted = manifests(...names).filter((object) => at(object, 'kind') === 'ExternalSecret');
  const { identities, leftOut } = policyReport(
    {
      externalSecrets: wanted.map(narrowExternalSecret),
      storeOf: (key) => (key === 'SecretStore/shop/aws' ? narrowStore('SecretStore', store) : undefined),
      labelsOf: () => ({}),
      accessOf: () => ({ kind: 'open' }),
      controllerClass: 'default',
      controllerIdentity: 'cluster',
      allowsGeneric: false,
    },
    {
      account: undefined,
      oidcProvider: ISSUER,
      kmsKeys,
      roleBearerOf: () => ({ uid: 'u', roleArn, audience: undefined }),
    },
  );
  expect(leftOut).toEqual([]);
  const [first] = identities;
  if (first === undefined || identities.length > 1) throw new Error('there is not one identity');
  return first;
}

function findings(policy: IdentityPolicy, name: string): readonly unknown[] {
  const needed = { required: policy.required, optional: policy.optional.map(({ statement }) => statement) };
  return comparePolicy(needed, readPolicy(file(name)));
}

/** The statements in the message for a denial by KMS. */
function statementsOnKms(key: string): readonly IamStatement[] {
  const error = toKeyturnError(
    new AwsFault({
      origin: 'service',
      code: 'AccessDeniedException',
      text: 'Access to KMS is not allowed',
      status: 400,
    }),
    {
      ref: { key, version: { kind: 'stage', stage: 'AWSCURRENT' } },
      service: 'AWS Secrets Manager',
      action: 'secretsmanager:GetSecretValue',
      region: 'eu-central-1',
      deadlineMs: 10_000,
      credentialsFrom: 'role arn:aws:iam::123456789012:role/shop',
      principal: 'arn:aws:sts::123456789012:assumed-role/shop/keyturn-shop-aws',
    },
  );
  return [...error.message.matchAll(/\{"Effect":.*?\}(?=\. |\.$)/g)].map(([text]): IamStatement => JSON.parse(text));
}

describe('the example of', () => {
  it('a least-privilege policy fits what it is for, and has GetSecretValue only', () => {
    expect(findings(roleFor(['values.yaml']), 'least-privilege.json')).toEqual([]);
    expect(statementsOf('least-privilege.json')).toEqual([
      expect.objectContaining({ Action: 'secretsmanager:GetSecretValue' }),
    ]);
  });

  it('a trust policy is the one that is printed', () => {
    expect(roleFor(['values.yaml']).trustPolicy).toEqual(JSON.parse(file('trust-policy.json')));
  });

  it('a customer managed key is the policy that is printed for it, and allows what a denial by KMS asks for', () => {
    const key = `arn:aws:kms:eu-central-1:123456789012:${KEY}`;
    expect(roleFor(['values.yaml'], [key]).policy).toEqual(JSON.parse(file('customer-managed-key.json')));
    const [inIdentity, inKey] = statementsOnKms('shop/database');
    expect(inKey).toMatchObject({ Principal: { AWS: 'arn:aws:iam::123456789012:role/shop' }, Action: 'kms:Decrypt' });
    expect(inIdentity?.Resource).toBe('arn:aws:kms:eu-central-1:123456789012:key/*');
    const wanted = inIdentity === undefined ? [] : [{ ...inIdentity, Resource: key }];
    const kinds = comparePolicy({ required: wanted, optional: [] }, readPolicy(file('customer-managed-key.json'))).map(
      ({ kind }) => kind,
    );
    expect(kinds).not.toContain('missing');
    expect(statementsOf('customer-managed-key-policy.json')).toEqual([
      expect.objectContaining({ Principal: { AWS: 'arn:aws:iam::123456789012:root' } }),
    ]);
  });

  it('a shared secret is what is printed for the role, for the secret, and for its key', () => {
    const shared = roleFor(['shared-secret.yaml'], [`arn:aws:kms:eu-central-1:111122223333:${KEY}`]);
    expect(shared.policy).toEqual(JSON.parse(file('shared-secret.json')));
    expect(shared.shared.map(({ resourcePolicy }) => resourcePolicy)).toEqual(
      statementsOf('shared-secret-resource-policy.json'),
    );
    const [, forTheRole] = statementsOf('shared-secret-key-policy.json');
    expect(shared.shared.map(({ keyPolicy }) => ({ Sid: 'DecryptForTheOtherAccount', ...keyPolicy }))).toEqual([
      forTheRole,
    ]);
    const fits = comparePolicy({ required: shared.required, optional: [] }, readPolicy(file('shared-secret.json')));
    expect(fits).toEqual([]);
  });
});

it('every statement in docs/iam.md is one that can be read', () => {
  const page = readFileSync(new URL('../../../docs/iam.md', import.meta.url), 'utf8');
  const blocks = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, block = '']) => block);
  expect(blocks.length).toBeGreaterThan(5);
  for (const block of blocks) {
    const statement: unknown = JSON.parse(block);
    const isTrust = at(statement, 'Resource') === undefined;
    const whole = isTrust ? { ...Object(statement), Resource: '*' } : statement;
    expect(readPolicy(JSON.stringify({ Statement: whole }))).toMatchObject([{ effect: 'Allow' }]);
  }
});
