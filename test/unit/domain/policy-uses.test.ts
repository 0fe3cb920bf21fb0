import { describe, expect, it, test } from 'vitest';
import { clusterSecretStore, externalSecret, secretStore, storeSpec } from './manifests.ts';
import { BEARER, BY_READER, type Given, reads, report, SHARED } from './policy-given.ts';

describe('of one store', () => {
  const other = secretStore(BY_READER, { name: 'other' });
  const mixed = {
    data: [
      { secretKey: 'a', remoteRef: { key: 'a' } },
      { secretKey: 'b', remoteRef: { key: 'b' }, sourceRef: { storeRef: { name: 'other' } } },
    ],
  };
  const given = {
    stores: [secretStore(BY_READER), other],
    specs: [
      mixed,
      { ...reads('c'), secretStoreRef: { name: 'other' } },
      { secretStoreRef: { name: 'gone' } },
      { secretStoreRef: { name: 'other' }, data: [], dataFrom: [{}] },
    ],
  };

  it('only what is read there counts, and only what is wrong with that is said', () => {
    const { identities, leftOut } = report({ ...given, input: { onlyStore: 'SecretStore/team/aws' } });
    expect(leftOut).toEqual([]);
    expect(identities.map(({ serves }) => serves)).toEqual([
      ['SecretStore team/aws: 1 ExternalSecret, 1 source, in eu-central-1'],
    ]);
    expect(identities[0]?.required).toMatchObject([{ Resource: expect.stringMatching(/:secret:a-\?{6}$/) }]);
  });

  it('that belongs to the cluster what all namespaces read counts', () => {
    const specs = [{ secretStoreRef: { name: 'aws', kind: 'ClusterSecretStore' as const } }, {}];
    const stores = [clusterSecretStore(), secretStore(BY_READER)];
    const { identities } = report({ specs, stores, input: { onlyStore: 'ClusterSecretStore/aws' } });
    expect(identities.map(({ kind }) => kind)).toEqual(['operator']);
  });
});

const CONFIG_MAP = { name: 'app', manifest: { apiVersion: 'v1', kind: 'ConfigMap' } };

test('what is read for another target than a Secret counts where that is allowed', () => {
  const { identities, leftOut } = report({
    specs: [{ ...reads('a'), target: CONFIG_MAP }],
    input: { allowsGeneric: true },
  });
  expect(leftOut).toEqual([]);
  expect(identities[0]?.required).toMatchObject([{ Resource: expect.stringMatching(/:secret:a-\?{6}$/) }]);
});

describe('what is left out is said, with the reason', () => {
  const cases: Readonly<Record<string, { readonly given: Given; readonly says: string }>> = {
    'an ExternalSecret whose store is missing': {
      given: { stores: [] },
      says: 'ExternalSecret team/app-0: SecretStore "team/aws" does not exist',
    },
    'an ExternalSecret that can never be served': {
      given: { specs: [{ dataFrom: [{}] }] },
      says: 'ExternalSecret team/app-0: spec.dataFrom[0] has neither extract nor find',
    },
    'an ExternalSecret for another target than a Secret, where that is not allowed': {
      given: { specs: [{ ...reads('a'), target: CONFIG_MAP }] },
      says: '--unsafe-allow-generic-targets',
    },
    'an ExternalSecret that does not match the schema': {
      given: {
        input: {
          externalSecrets: [{ kind: 'invalid', meta: externalSecret().metadata, problem: 'spec.data is no list' }],
        },
      },
      says: 'ExternalSecret team/app: spec.data is no list',
    },
    'a store of another class': {
      given: { stores: [secretStore({ ...BY_READER, controller: 'other' })] },
      says: 'ExternalSecret team/app-0: SecretStore "team/aws" is for the controller class "other"',
    },
    'a store of another provider': {
      given: { stores: [secretStore({ provider: { vault: {} } as never })] },
      says: 'ExternalSecret team/app-0: SecretStore "team/aws": spec.provider is "vault"; Keyturn reads from AWS Secrets Manager only (spec.provider.aws)',
    },
    "a store that would borrow the operator's credentials": {
      given: { stores: [secretStore()] },
      says: 'does not lend its own credentials to a SecretStore',
    },
    'a ClusterSecretStore that is not for the namespace': {
      given: {
        stores: [clusterSecretStore(storeSpec({}, { conditions: [{ namespaces: ['other'] }] } as never))],
        specs: [{ secretStoreRef: { name: 'aws', kind: 'ClusterSecretStore' } }],
      },
      says: 'ExternalSecret team/app-0: ClusterSecretStore "aws" is not for the namespace "team" (spec.conditions)',
    },
    'a ServiceAccount that is missing': {
      given: { bearers: {} },
      says: 'SecretStore team/aws: ServiceAccount team/reader does not exist',
    },
    'a ServiceAccount without a role': {
      given: { bearers: { 'team/reader': { ...BEARER, roleArn: undefined } } },
      says: 'SecretStore team/aws: ServiceAccount team/reader has no annotation eks.amazonaws.com/role-arn',
    },
    'an ARN of another region': {
      given: { specs: [reads('arn:aws:secretsmanager:us-east-1:123456789012:secret:x')] },
      says: 'SecretStore team/aws: spec.data[0] (key: arn:aws:secretsmanager:us-east-1:123456789012:secret:x) is in us-east-1, and the store reads in eu-central-1',
    },
    "an ARN behind a store's prefix": {
      given: {
        stores: [secretStore(storeSpec({ ...BY_READER.provider.aws, prefix: 'team/' }))],
        specs: [reads(SHARED)],
      },
      says: `SecretStore team/aws: spec.data[0] (key: ${SHARED}): the store's prefix stands before the ARN`,
    },
    'an ARN of another service': {
      given: { specs: [reads('arn:aws:ssm:eu-central-1:123456789012:parameter/x')] },
      says: 'is an ARN, and none of a secret',
    },
  };

  it.each(Object.entries(cases))('%s', (_, { given, says }) => {
    expect(report(given).leftOut).toEqual([expect.stringContaining(says)]);
  });

  it('but not an ExternalSecret that is being deleted', () => {
    const object = externalSecret({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
    expect(report({ input: { externalSecrets: [{ kind: 'valid', object }] } })).toEqual({
      identities: [],
      leftOut: [],
      notes: [],
    });
  });
});
