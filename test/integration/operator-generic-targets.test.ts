/** Targets that are no Secrets, on a real API server: what is written, kept right, merged into and deleted. */

import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../harness/until.ts';
import { at, type Json } from './cluster-objects.ts';
import { type GenericWorld, type Kind, startGenericWorld } from './generic-world.ts';
import type { AwsSecret, World } from './operator-world.ts';
import { bugsLoggedBy } from './proxied-world.ts';

const MANAGED = 'reconcile.external-secrets.io/managed';
const EACH_SECOND = { refreshInterval: '1s' };

let generic: GenericWorld;
let world: World;
let configMap: Kind;
let namespace: string;
let value: string;
let source: AwsSecret;

beforeAll(async () => {
  generic = await startGenericWorld();
  ({ world, configMap } = generic);
  namespace = await world.namespace('generic');
  await world.store(namespace);
});

beforeEach(async () => {
  value = world.canary();
  source = await world.putSecret({ user: 'app', password: value });
});

afterAll(async () => {
  expect(bugsLoggedBy(world.operator)).toEqual([]);
  expect(await world.leaks()).toEqual([]);
  await generic.stop();
});

const manifestOf = ({ apiVersion, kind }: Kind) => ({ manifest: { apiVersion, kind } });

async function apply(name: string, target: Json, spec: Json = EACH_SECOND): Promise<void> {
  const data = [{ secretKey: 'password', remoteRef: { key: source.name, property: 'password' } }];
  await world.externalSecret(namespace, name, { data, target, ...spec });
}

/** A ConfigMap of that name with the value as its only key. */
async function synced(name: string, target: Json = {}): Promise<void> {
  await apply(name, { ...manifestOf(configMap), ...target });
  await world.expectReady(namespace, name, 'ResourceSynced');
  await generic.expectField(configMap, namespace, name, 'data', { password: value });
}

describe('a ConfigMap', () => {
  it('has what was fetched, the marks and the owner; and no Secret is made', async () => {
    await synced('plain');
    const { message } = await world.expectReady(namespace, 'plain', 'ResourceSynced');
    expect(message).toBe('resource synced');
    await world.expectEvent(namespace, 'plain', 'Created', /^Created ConfigMap plain$/);
    const object = await generic.object(configMap, namespace, 'plain');
    expect(at(object, 'metadata')).toMatchObject({
      labels: { [MANAGED]: 'true' },
      ownerReferences: [{ kind: 'ExternalSecret', name: 'plain', controller: true }],
    });
    const externalSecret = await world.objects.get('ExternalSecret', namespace, 'plain');
    expect(at(externalSecret, 'status', 'binding')).toBeUndefined();
    expect(await world.objects.get('Secret', namespace, 'plain')).toBeUndefined();
  });

  it('follows its templates: data, a part of its own, a path, and annotations', async () => {
    await world.objects.apply('ConfigMap', namespace, 'parts', {
      data: { url: 'postgres://{{ .password }}@db', note: 'of {{ .password | len }} characters' },
    });
    const items = (key: string) => ({ configMap: { name: 'parts', items: [{ key }] } });
    const template = {
      metadata: { labels: { team: 'shop' } },
      data: { 'app.ini': '[db]\npassword = {{ .password }}\n' },
      templateFrom: [
        { literal: 'literal: {{ .password | quote }}' },
        { ...items('url'), target: 'data.url' },
        { ...items('note'), target: 'Annotations' },
      ],
    };
    await apply('templated', { ...manifestOf(configMap), template });
    await generic.expectField(configMap, namespace, 'templated', 'data', {
      'app.ini': `[db]\npassword = ${value}\n`,
      literal: value,
      url: `postgres://${value}@db`,
    });
    const object = await generic.object(configMap, namespace, 'templated');
    expect(at(object, 'metadata', 'labels', 'team')).toBe('shop');
    expect(at(object, 'metadata', 'annotations', 'note')).toBe(`of ${value.length} characters`);
    await world.objects.apply('ConfigMap', namespace, 'parts', { data: { url: 'changed', note: 'x' } });
    await generic.expectField(configMap, namespace, 'templated', 'data.url', 'changed');
  });

  it('follows a rotation', async () => {
    await synced('rotated');
    const next = world.canary();
    await world.putSecret({ user: 'app', password: next }, source.name);
    await generic.expectField(configMap, namespace, 'rotated', 'data.password', next);
    await world.expectEvent(namespace, 'rotated', 'Updated', /^Updated ConfigMap rotated$/);
  });

  const drifts: Readonly<Record<string, (name: string) => Promise<void>>> = {
    'a value is edited': (name) => generic.edit(configMap, namespace, name, { data: { password: 'edited' } }),
    'a key is added': (name) => generic.edit(configMap, namespace, name, { data: { more: 'x' } }),
    'a key is removed': (name) => generic.edit(configMap, namespace, name, { data: { password: null } }),
    'the managed label is removed': (name) =>
      generic.edit(configMap, namespace, name, { metadata: { labels: { [MANAGED]: null } } }),
    'it is deleted': (name) => generic.remove(configMap, namespace, name),
  };
  it.each(Object.entries(drifts))('is put right when %s', async (sentence, drift) => {
    const name = `drift-${sentence.replaceAll(/[^a-z]+/g, '-')}`;
    await apply(name, manifestOf(configMap), { refreshInterval: '1h' });
    await generic.expectField(configMap, namespace, name, 'data', { password: value });
    await world.expectReady(namespace, name, 'ResourceSynced');
    const before = at(await generic.object(configMap, namespace, name), 'metadata', 'resourceVersion');
    await drift(name);
    await until(
      'it to be another version, as it should be',
      async () => {
        const now = await generic.object(configMap, namespace, name);
        const isOther = at(now, 'metadata', 'resourceVersion') !== before;
        const isMarked = at(now, 'metadata', 'labels', MANAGED) === 'true';
        return isOther && isMarked && JSON.stringify(at(now, 'data')) === JSON.stringify({ password: value });
      },
      15_000,
    );
  });

  it('that is merged into keeps what others have, and goes on to when the ExternalSecret is deleted', async () => {
    await apply('merged', { ...manifestOf(configMap), creationPolicy: 'CreateOrMerge', name: 'shared' });
    await generic.expectField(configMap, namespace, 'shared', 'data', { password: value });
    await generic.edit(configMap, namespace, 'shared', { data: { theirs: 'x' } });
    const next = world.canary();
    await world.putSecret({ user: 'app', password: next }, source.name);
    await generic.expectField(configMap, namespace, 'shared', 'data', { password: next, theirs: 'x' });
    await world.objects.remove('ExternalSecret', namespace, 'merged');
    await sleep(2_000);
    expect(at(await generic.object(configMap, namespace, 'shared'), 'data', 'theirs')).toBe('x');
  });

  it('that is to be merged into and is not there is told', async () => {
    await apply('missing', { ...manifestOf(configMap), creationPolicy: 'Merge' });
    const { message } = await world.expectReady(namespace, 'missing', 'ResourceMissing');
    expect(message).toBe('resource will not be created due to CreationPolicy=Merge');
  });

  it('goes with its ExternalSecret', async () => {
    await synced('collected');
    await world.objects.remove('ExternalSecret', namespace, 'collected');
    await generic.expectField(configMap, namespace, 'collected', 'metadata.name', undefined);
  });

  it('is deleted with its source under deletionPolicy Delete', async () => {
    await synced('vanishing', { deletionPolicy: 'Delete' });
    await world.secretsManager.send(new DeleteSecretCommand({ SecretId: source.name, RecoveryWindowInDays: 7 }));
    await generic.expectField(configMap, namespace, 'vanishing', 'metadata.name', undefined);
    const { message } = await world.expectReady(namespace, 'vanishing', 'ResourceDeleted');
    expect(message).toBe('resource deleted due to DeletionPolicy=Delete');
    await world.expectEvent(namespace, 'vanishing', 'Deleted', /^Deleted ConfigMap vanishing$/);
  });

  it('that somebody made immutable is told, and made anew when it is deleted', async () => {
    await synced('frozen');
    await generic.edit(configMap, namespace, 'frozen', { immutable: true });
    const next = world.canary();
    await world.putSecret({ user: 'app', password: next }, source.name);
    const command = `delete it (kubectl delete configmap frozen -n ${namespace})`;
    await world.expectTold(namespace, 'frozen', ['could not update resource, target is immutable', command]);
    await generic.remove(configMap, namespace, 'frozen');
    await generic.expectField(configMap, namespace, 'frozen', 'data', { password: next });
    await world.expectReady(namespace, 'frozen', 'ResourceSynced');
  });

  it('becomes a Secret when the manifest does not name it any more, and the other way', async () => {
    await synced('turned');
    await apply('turned', {});
    await world.expectData(namespace, 'turned', { password: value });
    await world.expectReady(namespace, 'turned');
    expect(at(await world.objects.get('ExternalSecret', namespace, 'turned'), 'status', 'binding')).toEqual({
      name: 'turned',
    });
    await apply('turned', { ...manifestOf(configMap) });
    await world.expectReady(namespace, 'turned', 'ResourceSynced');
    expect(at(await world.objects.get('ExternalSecret', namespace, 'turned'), 'status', 'binding')).toBeUndefined();
  });
});

describe('a custom resource', () => {
  it('has what was fetched in spec.data, and is not touched for what others write elsewhere', async () => {
    const kind = await generic.define('Plain');
    await apply('custom', manifestOf(kind));
    await generic.expectField(kind, namespace, 'custom', 'spec', { data: { password: value } });
    await world.expectReady(namespace, 'custom', 'ResourceSynced');
    await generic.edit(kind, namespace, 'custom', { operation: { by: 'somebody' } });
    const path = `/apis/${kind.apiVersion}/namespaces/${namespace}/${kind.plural}/custom/status`;
    const status = { status: { ready: true } };
    await world.cluster.request('PATCH', path, status, { contentType: 'application/merge-patch+json' });
    const before = await generic.object(kind, namespace, 'custom');
    await sleep(2_000);
    expect(await generic.object(kind, namespace, 'custom')).toEqual(before);
    await world.expectReady(namespace, 'custom', 'ResourceSynced');
  });

  it('gets its templates at paths, in the types that YAML has', async () => {
    const kind = await generic.define('Ruled');
    const literal = (target: string, text: string) => ({ target, literal: text });
    const template = {
      templateFrom: [
        literal('spec', 'replicas: 3\nmode: fast\n'),
        literal('spec.rules[1].from', 'user: {{ .password }}\nports: [80, 443]\n'),
        literal('spec.database', 'password: {{ .password | quote }}\ntls: true\n'),
      ],
    };
    await apply('ruled', { ...manifestOf(kind), template });
    await generic.expectField(kind, namespace, 'ruled', 'spec', {
      database: { password: value, tls: true },
      mode: 'fast',
      replicas: 3,
      rules: [null, { from: { ports: [80, 443], user: value } }],
    });
    await world.expectReady(namespace, 'ruled', 'ResourceSynced');
    await generic.edit(kind, namespace, 'ruled', { spec: { rules: [{ from: { user: 'edited' } }] } });
    await generic.expectField(kind, namespace, 'ruled', 'spec.rules.1.from.user', value);
  });

  it('that fills in and leaves out fields is written once', async () => {
    const list = {
      type: 'array',
      items: { type: 'object', properties: { name: { type: 'string' }, to: { type: 'string' } }, required: ['name'] },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    };
    const properties = { size: { type: 'integer', default: 3 }, secret: { type: 'string' }, rules: list };
    const kind = await generic.define('Filled', { spec: { type: 'object', properties } });
    const literal = 'secret: {{ .password }}\nunknown: x\nrules: [{name: a, to: b}, {name: c}]';
    await apply('filled', { ...manifestOf(kind), template: { templateFrom: [{ target: 'spec', literal }] } });
    await generic.expectField(kind, namespace, 'filled', 'spec', {
      rules: [{ name: 'a', to: 'b' }, { name: 'c' }],
      secret: value,
      size: 3,
    });
    await world.expectReady(namespace, 'filled', 'ResourceSynced');
    const before = await generic.object(kind, namespace, 'filled');
    await sleep(3_000);
    expect(await generic.object(kind, namespace, 'filled')).toEqual(before);
    await world.restartOperator('stop');
    await sleep(3_000);
    expect(await generic.object(kind, namespace, 'filled')).toEqual(before);
    await generic.edit(kind, namespace, 'filled', { spec: { rules: [{ name: 'a', to: 'edited' }] } });
    await generic.expectField(kind, namespace, 'filled', 'spec.rules.1.name', 'c');
  });
});

describe('a restart', () => {
  it.each(['stop', 'kill'] as const)('by %s writes nothing and reads no value', async (how) => {
    const kind = await generic.define(how === 'stop' ? 'Quiet' : 'Killed');
    const names = Array.from({ length: 10 }, (_, index) => `quiet-${how}-${index}`);
    const target = (index: number) => manifestOf(index % 2 === 0 ? configMap : kind);
    await Promise.all(names.map((name, index) => apply(name, target(index), { refreshInterval: '1h' })));
    for (const name of names) await world.expectReady(namespace, name, 'ResourceSynced');
    // All Events go out, and others' changes of before come to rest.
    await world.restartOperator('stop');
    await sleep(3_000);
    // Of these objects alone: on the cluster are others.
    const versions = () =>
      Promise.all(
        names.map(async (name, index) => {
          const made = await generic.object(index % 2 === 0 ? configMap : kind, namespace, name);
          const externalSecret = await world.objects.get('ExternalSecret', namespace, name);
          return [made, externalSecret].map((each) => at(each, 'metadata', 'resourceVersion'));
        }),
      );
    const before = await versions();
    expect(before.flat()).not.toContain(undefined);
    const firstCall = world.awsProxy.requests.length;
    await world.restartOperator(how);
    await sleep(4_000);
    expect(await versions()).toEqual(before);
    const calls = world.awsProxy.requests.slice(firstCall).map((request) => request.target.split('.').at(-1));
    // A look at a single secret is a GetSecretValue.
    const looks = calls.filter((call) => call !== '' && call !== 'GetCallerIdentity');
    expect(looks.length).toBeGreaterThan(0);
    const ours = world.operator.logs().filter(({ msg, name }) => msg === 'synced' && names.includes(String(name)));
    expect(ours).toEqual([]);
  });
});
