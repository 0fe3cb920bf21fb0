/**
 * A tenant who may make what he likes in his namespace, and wants what is another's: by any spelling, where the CRDs check
 * nothing and no admission policy is installed. What he could not read by himself is in none of his objects at the end.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../harness/control-plane.ts';
import { createIamUser, type PolicyStatement } from '../harness/iam.ts';
import { until } from '../harness/until.ts';
import { at, type Json } from './cluster-objects.ts';
import type { AwsSecret, World } from './operator-world.ts';
import { bugsLoggedBy, type ProxiedWorld, startProxiedWorld } from './proxied-world.ts';

const SOON_MS = 20_000;
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const TOKEN = 'kubernetes.io/service-account-token';

let cluster: ControlPlane;
let proxied: ProxiedWorld;
let world: World;
let victim: string;
let tenant: string;
let theirs: AwsSecret;
let own: AwsSecret;
/** What the tenant must never have: values at AWS, and in the Secrets of the other namespace. */
const loot: string[] = [];
/** How the operator asked for lists of Secrets. */
const listings: string[] = [];

const mayRead = ({ arn }: AwsSecret): PolicyStatement => ({
  Effect: 'Allow',
  Action: 'secretsmanager:GetSecretValue',
  Resource: arn,
});

beforeAll(async () => {
  cluster = await startControlPlane({ crdPaths: ['crds'], controllers: ['serviceaccount-token-controller'] });
  await acceptAnything(['externalsecrets', 'secretstores', 'clustersecretstores']);
  const configMaps = { apiGroups: [''], resources: ['configmaps'], verbs: ['*'] };
  await cluster.apply(
    JSON.stringify({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'generic-targets' },
      rules: [configMaps],
    }),
  );
  const subject = '--serviceaccount=keyturn:keyturn';
  await cluster.kubectl(['create', 'clusterrolebinding', 'generic-targets', '--clusterrole=generic-targets', subject]);
  proxied = await startProxiedWorld({ cluster, args: ['--unsafe-allow-generic-targets'] });
  ({ world } = proxied);
  proxied.apiProxy.fail(
    ({ method, path, headers }) => {
      if (method === 'GET' && /\/secrets\?/.test(path)) listings.push(String(headers.accept));
      return false;
    },
    { kind: 'drop' },
  );
  await world.restartOperator('stop');
  [victim, tenant] = [await world.namespace('victim'), await world.namespace('tenant')];
  const value = world.canary();
  loot.push(value);
  theirs = await world.putSecret(value);
  own = await world.putSecret(world.canary());
  const [owner, attacker] = [
    await createIamUser(world.aws, [mayRead(theirs)]),
    await createIamUser(world.aws, [mayRead(own)]),
  ];
  await world.store(victim, { credentials: owner.credentials });
  await world.store(tenant, { credentials: attacker.credentials });
  loot.push(owner.credentials.secretAccessKey);
  await makeStores();
});
afterAll(async () => {
  expect(bugsLoggedBy(world.operator)).toEqual([]);
  for (const name of ['by-namespace', 'for-the-victim', 'of-the-victim']) {
    await world.objects.remove('ClusterSecretStore', '', name);
  }
  await proxied.stop();
  await cluster.stop();
});

/** As definitions of another operator, or of another time, may be. */
async function acceptAnything(kinds: readonly string[]): Promise<void> {
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: anything, status: anything } } };
  const versions = [{ name: 'v1', served: true, storage: true, subresources: { status: {} }, schema }];
  for (const kind of kinds) {
    const options = { contentType: 'application/merge-patch+json' };
    const path = `${CRDS}/${kind}.external-secrets.io`;
    expect(await cluster.request('PATCH', path, { spec: { versions } }, options)).toMatchObject({ status: 200 });
  }
}

const keysIn = (name: string, namespace?: string) => {
  const from = { name, ...(namespace !== undefined && { namespace }) };
  return {
    secretRef: {
      accessKeyIDSecretRef: { ...from, key: 'id' },
      secretAccessKeySecretRef: { ...from, key: 'key' },
    },
  };
};

const provider = (auth: Json, more: Json = {}): Json => ({
  provider: { aws: { service: 'SecretsManager', region: world.aws.region, auth } },
  ...more,
});

/** One that looks for credentials in the namespace that uses it, and two that read as the victim, for it alone. */
async function makeStores(): Promise<void> {
  const conditions = [{ namespaces: [victim] }];
  const stores: Readonly<Record<string, Json>> = {
    'by-namespace': provider(keysIn('aws-credentials')),
    'for-the-victim': provider(keysIn('aws-credentials', victim), { conditions }),
    'of-the-victim': provider(keysIn('aws-credentials', victim), {
      conditions: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': victim } } }],
    }),
  };
  for (const [name, spec] of Object.entries(stores))
    await world.objects.apply('ClusterSecretStore', '', name, { spec });
}

/** All data of the tenant's Secrets and ConfigMaps, as text. */
async function possessions(): Promise<string> {
  const secrets = await world.objects.list('Secret', tenant);
  const configMaps = await world.objects.list('ConfigMap', tenant);
  const decoded = secrets.flatMap((each) =>
    Object.values(Object(at(each, 'data'))).map((data) => Buffer.from(String(data), 'base64').toString('utf8')),
  );
  return JSON.stringify([secrets.map((each) => at(each, 'metadata')), decoded, configMaps]);
}

async function expectNothingStolen(): Promise<void> {
  const has = await possessions();
  for (const each of loot) expect(has).not.toContain(each);
  expect(await world.leaks()).toEqual([]);
}

/** Names and versions of all that the victim has. */
async function belongings(): Promise<unknown> {
  const all = await Promise.all([world.objects.list('Secret', victim), world.objects.list('ConfigMap', victim)]);
  return all.flat().map((each) => [at(each, 'metadata', 'name'), at(each, 'metadata', 'resourceVersion')]);
}

/** Until the operator has said of each that it is not served. */
async function expectRefused(kind: 'ExternalSecret' | 'SecretStore', names: readonly string[]): Promise<void> {
  for (const name of names) {
    const ready = async () => at(await world.objects.get(kind, tenant, name), 'status', 'conditions', 0, 'status');
    await until(`${kind} ${name} to be refused`, ready, SOON_MS, (status) => status === 'False');
  }
}

const reading = (more: Json = {}): Json => ({
  refreshInterval: '1s',
  secretStoreRef: { name: 'aws' },
  data: [{ secretKey: 'loot', remoteRef: { key: theirs.name } }],
  ...more,
});

describe('a tenant gets nothing of another namespace', () => {
  it('by a SecretStore that names its Secrets or ServiceAccounts', async () => {
    const annotations = { 'eks.amazonaws.com/role-arn': `arn:aws:iam::${world.aws.account}:role/victim` };
    await world.objects.apply('ServiceAccount', victim, 'reader', { metadata: { annotations } });
    const before = await belongings();
    const escapes = ['../../', '..%2F..%2F', '%2e%2e/%2e%2e/'];
    const names = [`${victim}/aws-credentials`, ...escapes.map((up) => `${up}${victim}/secrets/aws-credentials`)];
    const namespaces = [victim, ` ${victim}`, victim.toUpperCase(), `${tenant}/../${victim}`, '', '*', '..'];
    const account = (ref: Json) => ({ jwt: { serviceAccountRef: ref } });
    const auths: readonly Json[] = [
      ...namespaces.map((namespace) => keysIn('aws-credentials', namespace)),
      ...names.map((name) => keysIn(name)),
      ...namespaces.map((namespace) => account({ name: 'reader', namespace })),
      account({ name: `${victim}/reader` }),
      account({ name: `${victim}:reader` }),
      account({ name: `../../${victim}/serviceaccounts/reader` }),
      { ...account({ name: 'reader' }), ...keysIn('aws-credentials', victim) },
      {},
    ];
    const made = auths.map((auth, index) => [`store-${index}`, auth] as const);
    for (const [name, auth] of made) {
      await world.objects.apply('SecretStore', tenant, name, { spec: provider(auth) });
      await world.externalSecret(tenant, name, reading({ secretStoreRef: { name } }));
    }
    const all = made.map(([name]) => name);
    await expectRefused('SecretStore', all);
    await expectRefused('ExternalSecret', all);
    await expectNothingStolen();
    expect(await belongings()).toEqual(before);
  });

  it('by an ExternalSecret that refers to its stores, and to those that are for it', async () => {
    const refs: readonly Json[] = [
      { name: `${victim}/aws` },
      { name: `../${victim}/aws` },
      { name: 'aws', namespace: victim },
      { name: 'aws', kind: `SecretStore/${victim}` },
      { name: 'for-the-victim', kind: 'ClusterSecretStore' },
      { name: 'of-the-victim', kind: 'ClusterSecretStore' },
      { name: 'by-namespace', kind: 'ClusterSecretStore' },
      { name: `by-namespace@${victim}`, kind: 'ClusterSecretStore' },
      { name: `for-the-victim@${victim}`, kind: 'ClusterSecretStore' },
      { name: `for-the-victim@${victim}@${tenant}`, kind: 'ClusterSecretStore' },
      { name: 'for-the-victim', kind: 'clustersecretstore' },
    ];
    const specs: readonly Json[] = refs.flatMap((ref) => {
      const entry = { remoteRef: { key: theirs.name }, sourceRef: { storeRef: ref } };
      const mine = { secretKey: 'mine', remoteRef: { key: own.name } };
      const find = { name: { regexp: '.' } };
      return [
        reading({ secretStoreRef: ref }),
        // Beside something that is the tenant's own.
        reading({ data: [mine, { secretKey: 'loot', ...entry }] }),
        reading({ data: [mine], dataFrom: [{ extract: { key: theirs.name }, sourceRef: { storeRef: ref } }] }),
        reading({ data: [mine], dataFrom: [{ find, sourceRef: { storeRef: ref } }] }),
      ];
    });
    const made = specs.map((spec, index) => [`reading-${index}`, spec] as const);
    for (const [name, spec] of made) await world.externalSecret(tenant, name, spec);
    await expectRefused(
      'ExternalSecret',
      made.map(([name]) => name),
    );
    await expectNothingStolen();
  });

  it('by targets and templates that lead there', async () => {
    const before = await belongings();
    const mine = { data: [{ secretKey: 'mine', remoteRef: { key: own.name } }] };
    const from = (kind: 'secret' | 'configMap', name: string, more: Json = {}): Json => ({
      template: { templateFrom: [{ [kind]: { name, items: [{ key: 'key' }], ...more } }] },
    });
    const names = [`${victim}/aws-credentials`, `../../${victim}/secrets/aws-credentials`, '..', '.', ''];
    const targets: readonly Json[] = [
      ...names.filter((name) => name !== '').map((name) => ({ name })),
      { name: 'aws-credentials', namespace: victim, creationPolicy: 'Merge' },
      ...names.map((name) => from('secret', name)),
      // Of his own namespace alone: there the key of the tenant is, which is his.
      from('configMap', `../secrets/aws-credentials`),
      from('configMap', `../../${victim}/secrets/aws-credentials`),
      { manifest: { apiVersion: `v1/namespaces/${victim}`, kind: 'ConfigMap' } },
      { manifest: { apiVersion: '../api/v1', kind: 'Secret' } },
      { manifest: { apiVersion: 'v1', kind: 'Namespace' } },
      { manifest: { apiVersion: 'v1', kind: 'ServiceAccount' } },
      { manifest: { apiVersion: 'external-secrets.io/v1', kind: 'SecretStore' } },
      { manifest: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding' } },
      {
        manifest: { apiVersion: 'v1', kind: 'ConfigMap' },
        template: { templateFrom: [{ target: 'metadata.namespace', literal: victim }] },
      },
    ];
    const made = targets.map((target, index) => [`target-${index}`, target] as const);
    for (const [name, target] of made) await world.externalSecret(tenant, name, reading({ ...mine, target }));
    const merging = made.find(([, target]) => target['namespace'] === victim)?.[0];
    await expectRefused(
      'ExternalSecret',
      made.map(([name]) => name).filter((name) => name !== merging),
    );
    expect(await belongings()).toEqual(before);
    await expectNothingStolen();
  });

  it('by an access key id that is a Secret whose content AWS would repeat', async () => {
    const secret = `not ${world.canary()} a key`;
    await world.objects.apply('Secret', tenant, 'diary', { stringData: { id: secret, key: secret } });
    await world.objects.apply('SecretStore', tenant, 'diary', { spec: provider(keysIn('diary')) });
    await expectRefused('SecretStore', ['diary']);
    expect(await world.leaks()).toEqual([]);
  });
});

describe('a Secret that Kubernetes fills with a token', () => {
  const name = 'weak-token';
  const tokenOf = async () => {
    const token = (await world.secretData(tenant, name))?.['token'];
    return token === undefined ? undefined : at(JSON.parse(claims(token)), 'sub');
  };
  const claims = (token: string) => Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
  const subject = (account: string) => `system:serviceaccount:${tenant}:${account}`;

  it('is never made one of another ServiceAccount, by templates or annotations', async () => {
    const uids = new Map<string, string>();
    for (const account of ['weak', 'strong']) {
      const made = await world.objects.apply('ServiceAccount', tenant, account, {});
      uids.set(account, String(at(made, 'metadata', 'uid')));
    }
    const ofWeak = { 'kubernetes.io/service-account.name': 'weak' };
    await world.objects.apply('Secret', tenant, name, { type: TOKEN, metadata: { annotations: ofWeak } });
    await until('the token', tokenOf, SOON_MS, (sub) => sub === subject('weak'));
    const ofStrong = {
      'kubernetes.io/service-account.name': 'strong',
      'kubernetes.io/service-account.uid': uids.get('strong') ?? '',
    };
    const literal = Object.entries(ofStrong)
      .map((pair) => pair.join(': '))
      .join('\n');
    const mine = { data: [{ secretKey: 'mine', remoteRef: { key: own.name } }] };
    for (const template of [
      { metadata: { annotations: ofStrong } },
      { templateFrom: [{ target: 'Annotations', literal }] },
      { type: TOKEN, metadata: { annotations: ofStrong } },
    ]) {
      await world.externalSecret(tenant, 'weak', reading({ ...mine, target: { name, template } }));
      await world.expectNotReady(tenant, 'weak', /ServiceAccount|token/);
    }
    // Without a template annotations are copied.
    await world.externalSecret(tenant, 'weak', reading({ ...mine, target: { name } }), { annotations: ofStrong });
    await until(
      'the Secret to be written',
      async () => (await world.secretData(tenant, name))?.['mine'] !== undefined,
      SOON_MS,
    );
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect([undefined, subject('weak')]).toContain(await tokenOf());
  });
});

it('Secrets are listed and watched as metadata alone', () => {
  expect(listings).not.toEqual([]);
  const alternatives = listings.flatMap((accept) => accept.split(','));
  expect(alternatives.filter((each) => !each.includes('as=PartialObjectMetadata'))).toEqual([]);
});
