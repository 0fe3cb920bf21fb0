import { describe, expect, test } from 'vitest';
import { narrowStore } from '../../../src/api/narrow.ts';
import type { SecretStoreSpec } from '../../../src/api/secret-store.ts';
import { type AnyStore, credentialLocations, planStore } from '../../../src/domain/store-plan.ts';
import { clusterSecretStore, secretStore, storeSpec } from './manifests.ts';

const KEY_ID = { name: 'creds', key: 'id' };
const SECRET_KEY = { name: 'creds', key: 'secret' };

function planned(store: AnyStore) {
  return planStore(store, 'default');
}

describe('a store that is to be checked', () => {
  test('without auth it has the credentials of the pod', () => {
    expect(planned(secretStore())).toEqual({
      kind: 'check',
      region: 'eu-central-1',
      keyPrefix: '',
      credentials: { kind: 'defaultChain' },
      revalidateMs: 300_000,
    });
  });

  test('a SecretStore reads its credentials in its own namespace', () => {
    const spec = storeSpec({
      auth: {
        secretRef: { accessKeyIDSecretRef: KEY_ID, secretAccessKeySecretRef: { ...SECRET_KEY, namespace: 'team' } },
      },
    });
    expect(planned(secretStore(spec))).toMatchObject({
      credentials: {
        kind: 'static',
        accessKeyId: { namespace: 'team', name: 'creds', key: 'id' },
        secretAccessKey: { namespace: 'team', name: 'creds', key: 'secret' },
        sessionToken: undefined,
      },
    });
  });

  test('a ClusterSecretStore reads its credentials where it says', () => {
    const at = (key: string, namespace: string) => ({ name: 'creds', key, namespace });
    const secretRef = {
      accessKeyIDSecretRef: at('id', 'a'),
      secretAccessKeySecretRef: at('secret', 'b'),
      sessionTokenSecretRef: at('token', 'c'),
    };
    const plan = planned(clusterSecretStore(storeSpec({ auth: { secretRef } })));
    expect(credentialLocations(plan).map(({ namespace, key }) => `${namespace}/${key}`)).toEqual([
      'a/id',
      'b/secret',
      'c/token',
    ]);
  });

  test.each<[string, SecretStoreSpec['refreshInterval'], number]>([
    ['absent is five minutes', undefined, 300_000],
    ['zero is five minutes', 0, 300_000],
    ['zero as a text is five minutes', '0s', 300_000],
    ['a number is seconds', 30, 30_000],
    ['a text is a duration', '1h', 3_600_000],
  ])('a refreshInterval that is %s', (_, refreshInterval, revalidateMs) => {
    const spec = storeSpec({}, refreshInterval === undefined ? {} : { refreshInterval });
    expect(planned(secretStore(spec))).toMatchObject({ kind: 'check', revalidateMs });
  });

  test('the prefix is handed on', () => {
    expect(planned(secretStore(storeSpec({ prefix: 'team/' })))).toMatchObject({ keyPrefix: 'team/' });
  });
});

describe('the controller class', () => {
  test.each<[string, string | undefined, string, string]>([
    ["no class is everybody's", undefined, 'mine', 'check'],
    ["an empty class is everybody's", '', 'mine', 'check'],
    ['our class is ours', 'mine', 'mine', 'check'],
    ["another class is another operator's", 'theirs', 'mine', 'otherClass'],
    ['classes are compared as they stand', 'Mine', 'mine', 'otherClass'],
  ])('%s', (_, controller, own, kind) => {
    const store = secretStore(storeSpec({}, controller === undefined ? {} : { controller }));
    expect(planStore(store, own).kind).toBe(kind);
  });

  test('a store of another class is not judged, whatever is wrong with it', () => {
    expect(planned(secretStore({ controller: 'theirs', provider: {} })).kind).toBe('otherClass');
  });
});

/** Its provider is kept as it came: no type of ours knows it. */
function vaultStore(): AnyStore {
  const metadata = { name: 'vault', namespace: 'team', uid: 'uid-vault', resourceVersion: '1' };
  const narrowed = narrowStore('SecretStore', {
    metadata,
    spec: { provider: { vault: { server: 'https://example.com' } } },
  });
  if (narrowed.kind !== 'valid') throw new Error(narrowed.problem);
  return narrowed.object;
}

describe('a store that is refused says why', () => {
  const auth = (secretRef: object) => storeSpec({ auth: { secretRef } });
  const NOT_YET = 'is not implemented by Keyturn yet';

  test.each<[string, AnyStore, string]>([
    ['another provider', vaultStore(), 'spec.provider is "vault"; Keyturn reads from AWS Secrets Manager only'],
    ['no provider', secretStore({ provider: {} }), 'spec.provider is "none"'],
    [
      'another service',
      secretStore(storeSpec({ service: 'ParameterStore' })),
      'spec.provider.aws.service is ParameterStore',
    ],
    ['an empty region', secretStore(storeSpec({ region: '' })), 'spec.provider.aws.region "" is not a region name'],
    [
      'a region that leads elsewhere',
      secretStore(storeSpec({ region: 'eu.evil.example/' })),
      'is not a region name; write one such as "eu-central-1"',
    ],
    ['a region with a port', secretStore(storeSpec({ region: 'eu-central-1:80' })), 'is not a region name'],
    ['a region with a line break', secretStore(storeSpec({ region: 'eu-central-1\n' })), 'is not a region name'],
    ['a region in upper case', secretStore(storeSpec({ region: 'EU-CENTRAL-1' })), 'is not a region name'],
    [
      'conditions, which say who may use it',
      clusterSecretStore(storeSpec({}, { conditions: [{ namespaces: ['a'] }] })),
      `spec.conditions ${NOT_YET}`,
    ],
    ['retrySettings', secretStore(storeSpec({}, { retrySettings: {} })), `spec.retrySettings ${NOT_YET}`],
    ['jwt', secretStore(storeSpec({ auth: { jwt: {} } })), `spec.provider.aws.auth.jwt ${NOT_YET}`],
    [
      'a role',
      secretStore(storeSpec({ role: 'arn:aws:iam::123456789012:role/r' })),
      `spec.provider.aws.role ${NOT_YET}`,
    ],
    [
      'more roles',
      secretStore(storeSpec({ additionalRoles: ['arn:aws:iam::123456789012:role/r'] })),
      `spec.provider.aws.additionalRoles ${NOT_YET}`,
    ],
    ['an external id', secretStore(storeSpec({ externalID: 'x' })), `spec.provider.aws.externalID ${NOT_YET}`],
    [
      'session tags',
      secretStore(storeSpec({ sessionTags: [{ key: 'a', value: 'b' }] })),
      `spec.provider.aws.sessionTags ${NOT_YET}`,
    ],
    [
      'transitive tags',
      secretStore(storeSpec({ transitiveTagKeys: ['a'] })),
      `spec.provider.aws.transitiveTagKeys ${NOT_YET}`,
    ],
    [
      'a policy for session tags',
      secretStore(storeSpec({ sessionTagsPolicy: 'Simple' })),
      `spec.provider.aws.sessionTagsPolicy ${NOT_YET}`,
    ],
    [
      'credentials in another namespace',
      secretStore(
        auth({ accessKeyIDSecretRef: { ...KEY_ID, namespace: 'other' }, secretAccessKeySecretRef: SECRET_KEY }),
      ),
      'accessKeyIDSecretRef.namespace is "other"; a SecretStore can only use its own namespace "team"',
    ],
    [
      'a secret key in another namespace',
      secretStore(
        auth({ accessKeyIDSecretRef: KEY_ID, secretAccessKeySecretRef: { ...SECRET_KEY, namespace: 'other' } }),
      ),
      'secretAccessKeySecretRef.namespace is "other"',
    ],
    [
      'a session token in another namespace',
      secretStore(
        auth({
          accessKeyIDSecretRef: KEY_ID,
          secretAccessKeySecretRef: SECRET_KEY,
          sessionTokenSecretRef: { ...KEY_ID, namespace: 'other' },
        }),
      ),
      'sessionTokenSecretRef.namespace is "other"',
    ],
    ['no credentials in secretRef', secretStore(auth({})), 'accessKeyIDSecretRef needs both name and key'],
    [
      'a secret without a key',
      secretStore(auth({ accessKeyIDSecretRef: KEY_ID, secretAccessKeySecretRef: { name: 'creds' } })),
      'secretAccessKeySecretRef needs both name and key',
    ],
    [
      'a ClusterSecretStore without a namespace for its credentials',
      clusterSecretStore(auth({ accessKeyIDSecretRef: KEY_ID, secretAccessKeySecretRef: SECRET_KEY })),
      `accessKeyIDSecretRef without a namespace (the ExternalSecret's own would be used) ${NOT_YET}`,
    ],
    [
      'an interval that is no duration',
      secretStore(storeSpec({}, { refreshInterval: '1d' })),
      'spec.refreshInterval is neither seconds nor a duration such as "5m"',
    ],
    ['a negative interval', secretStore(storeSpec({}, { refreshInterval: -1 })), 'spec.refreshInterval is neither'],
    ['a negative duration', secretStore(storeSpec({}, { refreshInterval: '-5m' })), 'spec.refreshInterval is neither'],
  ])('%s', (_, store, message) => {
    const plan = planned(store);
    expect(plan.kind === 'invalid' && plan.error.message).toContain(message);
    expect(plan.kind === 'invalid' && plan.error.retry).toBe('onChange');
    expect(credentialLocations(plan)).toEqual([]);
  });

  test('values that mean nothing are not refused', () => {
    const nothing = storeSpec(
      { role: '', externalID: '', additionalRoles: [], sessionTags: [], sessionTagsPolicy: 'None' },
      { conditions: [] },
    );
    expect(planned(secretStore(nothing)).kind).toBe('check');
  });
});
