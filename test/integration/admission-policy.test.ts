/** What deploy/validating-admission-policy.yaml refuses, in which words, and what it lets through. */

import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { type ControlPlane, startControlPlane } from '../harness/control-plane.ts';
import { until } from '../harness/until.ts';
import { awsStore, DATA, inNamespace, type Kind, PATHS, RULES, withRegexes } from './admission-rules.ts';
import { at, type Json } from './cluster-objects.ts';

const POLICIES = 'deploy/validating-admission-policy.yaml';
const SOON_MS = 30_000;
let cluster: ControlPlane;

beforeAll(async () => {
  cluster = await startControlPlane({ crdPaths: ['crds'] });
  // From before the policies.
  await create('ExternalSecret', { refreshInterval: '1d', data: DATA }, { name: 'old' });
  await cluster.applyPath(POLICIES);
  const probes: readonly (readonly [Kind, Json])[] = [
    ['ExternalSecret', {}],
    ['SecretStore', awsStore({ region: 'a.b' })],
    ['ClusterSecretStore', withRegexes('[')],
    ['ClusterExternalSecret', { externalSecretSpec: {}, refreshTime: '1d' }],
  ];
  for (const [kind, spec] of probes) {
    await until(`the policy of ${kind}s to be in force`, async () => (await refusal(kind, spec)) !== '', SOON_MS);
  }
});
afterAll(() => cluster.stop());

function manifest(kind: Kind, spec: Json, metadata: Json): Json {
  return { apiVersion: 'external-secrets.io/v1', kind, metadata: { generateName: 'probe-', ...metadata }, spec };
}

async function create(kind: Kind, spec: Json, metadata: Json = {}): Promise<void> {
  const { status, body } = await cluster.request('POST', PATHS[kind], manifest(kind, spec, metadata));
  expect({ status, message: at(body, 'message') }).toEqual({ status: 201, message: undefined });
}

/** What the API server says without doing it; '' when it would do it. */
async function refusal(kind: Kind, spec: Json): Promise<string> {
  const { status, body } = await cluster.request('POST', `${PATHS[kind]}?dryRun=All`, manifest(kind, spec, {}));
  return status === 201 ? '' : String(at(body, 'message'));
}

async function patch(kind: Kind, name: string, change: Json) {
  const options = { contentType: 'application/merge-patch+json' };
  const { status, body } = await cluster.request('PATCH', `${PATHS[kind]}/${name}`, change, options);
  return { status, message: String(at(body, 'message') ?? '') };
}

describe.each(Object.entries(RULES))('%s', (_sentence, { kind = 'ExternalSecret', refused, message, accepted }) => {
  it('is refused, with the reason', async () => {
    expect(await refusal(kind, refused)).toContain(message);
  });

  it('is not mistaken for what is right', async () => {
    expect(await refusal(kind, accepted)).toBe('');
  });
});

test('a ClusterSecretStore may name any namespace', async () => {
  expect(await refusal('ClusterSecretStore', inNamespace('accessKeyIDSecretRef', 'other'))).toBe('');
});

describe('an update', () => {
  it('is refused as a creation is, and one that is right is not', async () => {
    await create('ExternalSecret', { data: DATA }, { name: 'edited' });
    const { status, message } = await patch('ExternalSecret', 'edited', { spec: { refreshInterval: '1d' } });
    expect({ status, message }).toMatchObject({ status: 422, message: expect.stringContaining('is not a duration') });
    expect(await patch('ExternalSecret', 'edited', { spec: { refreshInterval: '24h' } })).toMatchObject({
      status: 200,
    });
  });

  it('of a store is refused as well', async () => {
    await create('ClusterSecretStore', withRegexes('a'), { name: 'edited' });
    const conditions = [{ namespaceRegexes: ['('] }];
    expect(await patch('ClusterSecretStore', 'edited', { spec: { conditions } })).toMatchObject({ status: 422 });
    expect(await patch('ClusterSecretStore', 'edited', { spec: { refreshInterval: '1d' } })).toMatchObject({
      status: 422,
    });
    expect(await patch('ClusterSecretStore', 'edited', { spec: { refreshInterval: '5m' } })).toMatchObject({
      status: 200,
    });
  });

  it('of the metadata of what was there before the policies is not refused, and of its status neither', async () => {
    const metadata = { labels: { a: 'b' }, annotations: { c: 'd' }, finalizers: ['example.com/keep'] };
    expect(await patch('ExternalSecret', 'old', { metadata })).toMatchObject({ status: 200 });
    expect(await patch('ExternalSecret', 'old/status', { status: { refreshTime: null } })).toMatchObject({
      status: 200,
    });
    expect(await patch('ExternalSecret', 'old', { spec: { refreshPolicy: 'OnChange' } })).toMatchObject({
      status: 422,
    });
    await cluster.request('DELETE', `${PATHS.ExternalSecret}/old`);
    expect(await patch('ExternalSecret', 'old', { metadata: { finalizers: null } })).toMatchObject({ status: 200 });
  });

  it('that mends it is not refused', async () => {
    const body = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret' };
    const applied = await cluster.request(
      'PATCH',
      `${PATHS.ExternalSecret}/edited?fieldManager=user&force=true`,
      { ...body, metadata: { name: 'edited' }, spec: { data: DATA, refreshInterval: '2h' } },
      { contentType: 'application/apply-patch+yaml' },
    );
    expect(applied.status).toBe(200);
  });
});

describe('the policies', () => {
  it('look at v1beta1 as well', async () => {
    const input = JSON.stringify({
      apiVersion: 'external-secrets.io/v1beta1',
      kind: 'ExternalSecret',
      metadata: { name: 'beta', namespace: 'default' },
      spec: { refreshInterval: '1d', data: DATA },
    });
    const { exitCode, stderr } = await cluster.kubectl(['apply', '-f', '-'], { input });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('spec.refreshInterval is not a duration');
  });

  it('are free of mistakes in their types', async () => {
    const list = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
    const items = at((await cluster.request('GET', list)).body, 'items');
    const names = Array.isArray(items) ? items.map((item) => String(at(item, 'metadata', 'name'))) : [];
    expect(names).toHaveLength(4);
    for (const name of names) {
      const checked = await until(
        `the types of ${name} to be checked`,
        async () => at((await cluster.request('GET', `${list}/${name}`)).body, 'status', 'typeChecking'),
        SOON_MS,
      );
      expect(checked).toEqual({});
    }
  });

  test.each([
    ['of 100 keys is looked at', 100, 'more than once'],
    ['of 2,000 keys is too large to be looked at, and is let through', 2_000, ''],
  ])('an object %s', async (_sentence, count, message) => {
    const keys = Array.from({ length: count }, (_, index) => ({
      secretKey: `key-${index}`,
      remoteRef: { key: `some/secret/of/the/team/${index}` },
    }));
    const told = await refusal('ExternalSecret', { data: [...keys, ...DATA, ...DATA] });
    if (message === '') expect(told).toBe('');
    else expect(told).toContain(message);
  });

  it('let a store with thousands of namespaces and expressions through', async () => {
    const many = Array.from({ length: 2_000 }, (_, index) => `^team-[a-z]+-${index}-(dev|prod)$`);
    expect(await refusal('ClusterSecretStore', withRegexes(...many))).toBe('');
  });
});

describe('with a CRD that admits everything', () => {
  beforeAll(async () => {
    const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    const schema = { openAPIV3Schema: { type: 'object', properties: { spec: anything, status: anything } } };
    const version = (name: string, storage: boolean) => ({
      name,
      served: true,
      storage,
      subresources: { status: {} },
      schema,
    });
    for (const plural of ['externalsecrets', 'secretstores', 'clustersecretstores', 'clusterexternalsecrets']) {
      const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plural}.external-secrets.io`;
      const change = { spec: { versions: [version('v1', true), version('v1beta1', false)] } };
      const options = { contentType: 'application/merge-patch+json' };
      expect(await cluster.request('PATCH', path, change, options)).toMatchObject({ status: 200 });
    }
    const probe = async () =>
      (await refusal('ExternalSecret', { data: DATA, target: { creationPolicy: 'Any' } })) === '';
    await until('the CRDs to be in force', probe, SOON_MS);
  });

  test.each([
    ['a refreshInterval in days', 'ExternalSecret', { data: DATA, refreshInterval: '1d' }],
    ['a region that leads elsewhere', 'SecretStore', awsStore({ region: 'noop.' })],
    ['a regular expression that is none', 'ClusterSecretStore', withRegexes('[')],
  ] as const)('%s is refused', async (_sentence, kind, spec) => {
    expect(await refusal(kind, spec)).toContain('denied request');
  });

  test.each([
    ['data that is a text', 'ExternalSecret', { data: 'all', dataFrom: 'all' }],
    ['a refreshInterval that is a number', 'ExternalSecret', { data: DATA, refreshInterval: 60 }],
    ['a provider that is a list', 'SecretStore', { provider: [] }],
    ['no provider', 'SecretStore', {}],
    ['a ClusterExternalSecret of another form', 'ClusterExternalSecret', { externalSecretSpec: 'x', refreshTime: 1 }],
  ] as const)('%s is let through, to be told in a condition', async (_sentence, kind, spec) => {
    expect(await refusal(kind, spec)).toBe('');
  });
});
