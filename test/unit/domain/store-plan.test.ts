import { describe, expect, test } from 'vitest';
import { narrowStore } from '../../../src/api/narrow.ts';
import type { SecretStoreSpec } from '../../../src/api/secret-store.ts';
import { credentialObjects } from '../../../src/domain/store-credentials.ts';
import { type AnyStore, planStore, type StorePlanOptions } from '../../../src/domain/store-plan.ts';
import { clusterSecretStore, secretStore, storeSpec } from './manifests.ts';

const KEY_ID = { name: 'creds', key: 'id' };
const ROLE = 'arn:aws:iam::123456789012:role/app';
const SECRET_KEY = { name: 'creds', key: 'secret' };

const OPTIONS: StorePlanOptions = { ownClass: 'default', controllerIdentity: 'all', namespace: undefined };

function planned(store: AnyStore, options: Partial<StorePlanOptions> = {}) {
  return planStore(store, { ...OPTIONS, ...options });
}

describe('a store that is to be checked', () => {
  test('without auth it has the credentials of the pod', () => {
    expect(planned(secretStore())).toMatchObject({
      kind: 'check',
      region: 'eu-central-1',
      keyPrefix: '',
      credentials: { kind: 'defaultChain' },
      sessionName: 'keyturn-team-aws',
      roles: [],
      retry: undefined,
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
    expect(plan.kind === 'check' && credentialObjects(plan.credentials)).toEqual([
      'Secret/a/creds',
      'Secret/b/creds',
      'Secret/c/creds',
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
    expect(planned(store, { ownClass: own }).kind).toBe(kind);
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
      'a regular expression that is none',
      clusterSecretStore(storeSpec({}, { conditions: [{ namespaces: ['a'] }, { namespaceRegexes: ['('] }] })),
      'spec.conditions[1].namespaceRegexes[0]',
    ],
    [
      'a selector that can never be judged',
      clusterSecretStore(
        storeSpec({}, { conditions: [{ namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } }] }),
      ),
      'spec.conditions[0].namespaceSelector has operator In without values',
    ],
    [
      'a wait that is no duration',
      secretStore(storeSpec({}, { retrySettings: { retryInterval: '1d' } })),
      'spec.retrySettings.retryInterval is not a duration',
    ],
    ['a jwt of nobody', secretStore(storeSpec({ auth: { jwt: {} } })), 'auth.jwt.serviceAccountRef is missing'],
    [
      'a ServiceAccount of another namespace',
      secretStore(storeSpec({ auth: { jwt: { serviceAccountRef: { name: 'app', namespace: 'other' } } } })),
      'spec.provider.aws.auth.jwt.serviceAccountRef.namespace is "other"; a SecretStore can only use its own namespace "team"',
    ],
    [
      'a role that is none',
      secretStore(storeSpec({ role: 'app' })),
      'spec.provider.aws.role "app" is no ARN of a role',
    ],
    [
      'tags by which it would read for another namespace',
      secretStore(
        storeSpec({
          role: ROLE,
          sessionTags: [
            { key: 'team', value: 'a' },
            { key: 'esonamespace', value: 'other' },
          ],
        }),
      ),
      'spec.provider.aws.sessionTags[1] of a SecretStore cannot say for whom it reads; use sessionTagsPolicy Simple',
    ],
    [
      'a user for a role',
      secretStore(storeSpec({ additionalRoles: [ROLE, 'arn:aws:iam::123456789012:user/u'] })),
      'spec.provider.aws.additionalRoles[1]',
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
  });

  test('the tags of a ClusterSecretStore are for those to choose who keep it', () => {
    const sessionTags = [{ key: 'esoNamespace', value: 'shared' }];
    expect(planned(clusterSecretStore(storeSpec({ role: ROLE, sessionTags }))).kind).toBe('check');
  });

  test('values that mean nothing are not refused', () => {
    const nothing = storeSpec(
      { role: '', externalID: '', additionalRoles: [], sessionTags: [], sessionTagsPolicy: 'None' },
      { conditions: [] },
    );
    expect(planned(secretStore(nothing)).kind).toBe('check');
  });
});

describe('whose credentials a store has', () => {
  const jwt = (serviceAccountRef: object) =>
    ({ auth: { jwt: { serviceAccountRef } } }) as NonNullable<SecretStoreSpec['provider']['aws']>;
  const creds = { secretRef: { accessKeyIDSecretRef: KEY_ID, secretAccessKeySecretRef: SECRET_KEY } };

  test.each<[string, AnyStore, string | undefined, object]>([
    [
      'a SecretStore: a ServiceAccount of its own namespace',
      secretStore(storeSpec(jwt({ name: 'app', audiences: ['more'] }))),
      undefined,
      { kind: 'serviceAccount', namespace: 'team', name: 'app', audiences: ['more'] },
    ],
    [
      'a jwt wins over a secretRef',
      secretStore(storeSpec({ auth: { ...creds, jwt: { serviceAccountRef: { name: 'app' } } } })),
      undefined,
      { kind: 'serviceAccount' },
    ],
    [
      'a ClusterSecretStore: a ServiceAccount where it says',
      clusterSecretStore(storeSpec(jwt({ name: 'app', namespace: 'ops' }))),
      'red',
      { kind: 'serviceAccount', namespace: 'ops' },
    ],
    [
      'a ClusterSecretStore that names no namespace: that of whoever uses it',
      clusterSecretStore(storeSpec(jwt({ name: 'app' }))),
      'red',
      { kind: 'serviceAccount', namespace: 'red', name: 'app' },
    ],
    [
      'and so with Secrets, each by itself',
      clusterSecretStore(
        storeSpec({
          auth: {
            secretRef: { accessKeyIDSecretRef: KEY_ID, secretAccessKeySecretRef: { ...SECRET_KEY, namespace: 'ops' } },
          },
        }),
      ),
      'red',
      { kind: 'static', accessKeyId: { namespace: 'red' }, secretAccessKey: { namespace: 'ops' } },
    ],
  ])('%s', (_, store, namespace, credentials) => {
    expect(planned(store, { namespace })).toMatchObject({ kind: 'check', credentials });
  });

  test('what depends on who uses a ClusterSecretStore is not checked for nobody', () => {
    const referent = clusterSecretStore(storeSpec({ auth: creds }));
    const tagged = clusterSecretStore(storeSpec({ role: ROLE, sessionTagsPolicy: 'Simple' }));
    expect([planned(referent).kind, planned(tagged).kind]).toEqual(['byNamespace', 'byNamespace']);
    expect(planned(clusterSecretStore(storeSpec({ role: ROLE }))).kind).toBe('check');
  });

  test.each<[AnyStore['kind'], StorePlanOptions['controllerIdentity'], string]>([
    ['SecretStore', 'none', 'invalid'],
    ['SecretStore', 'cluster', 'invalid'],
    ['SecretStore', 'all', 'check'],
    ['ClusterSecretStore', 'none', 'invalid'],
    ['ClusterSecretStore', 'cluster', 'check'],
    ['ClusterSecretStore', 'all', 'check'],
  ])("a %s without auth has the operator's own credentials, where %s may: %s", (kind, controllerIdentity, expected) => {
    const spec = storeSpec({ role: ROLE });
    const store = kind === 'SecretStore' ? secretStore(spec) : clusterSecretStore(spec);
    const plan = planned(store, { controllerIdentity });
    expect(plan.kind).toBe(expected);
    if (plan.kind === 'invalid') expect(plan.error.message).toContain('--allow-controller-identity=');
    const own = storeSpec(jwt({ name: 'app', namespace: 'team' }));
    const withAuth = kind === 'SecretStore' ? secretStore(own) : clusterSecretStore(own);
    expect(planned(withAuth, { controllerIdentity }).kind).toBe('check');
  });
});

test.each<[string, NonNullable<SecretStoreSpec['retrySettings']>, object]>([
  ['nothing said is three attempts', {}, { attempts: 3 }],
  ['maxRetries counts attempts, as upstream has it', { maxRetries: 1 }, { attempts: 1 }],
  ['without end is ten', { maxRetries: 0 }, { attempts: 10 }],
  ['many are ten', { maxRetries: 1000 }, { attempts: 10 }],
  ['a wait', { maxRetries: 2, retryInterval: '500ms' }, { attempts: 2, delayMs: 500 }],
  ['a wait of nothing is none', { retryInterval: '0s' }, { attempts: 3 }],
])('retrySettings: %s', (_, retrySettings, retry) => {
  const plan = planned(secretStore(storeSpec({}, { retrySettings })));
  expect(plan.kind === 'check' && plan.retry).toEqual(retry);
});
