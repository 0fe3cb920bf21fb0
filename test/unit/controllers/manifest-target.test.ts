import { describe, expect, test } from 'vitest';
import type { ExternalSecretTarget } from '../../../src/api/external-secret.ts';
import {
  APP_CONFIG,
  CONFIG_MAP,
  content,
  edit,
  expectRefused,
  expectSynced,
  MANAGED,
  notes,
  requests,
  type Served,
  served,
  synced,
} from './manifest-world.ts';
import { HOUR_MS, NOTHING } from './world.ts';

const OTHER = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', name: 'other', uid: 'uid-other' };

describe('a first sync', () => {
  test('makes a ConfigMap of what was fetched, by one look and one write, and tells of it', async () => {
    const { world, configMap } = await served();
    world.externalSecret('team/app', { target: CONFIG_MAP });
    await world.settle();
    expect(content(world, configMap)).toBe('{"data":{"password":"value-1"}}');
    expect(requests(world)).toEqual(['look ConfigMap team/app', 'create ConfigMap team/app']);
    expectSynced(world);
    expect(notes(world)).toContainEqual('Created: Created ConfigMap app');
    expect(world.cluster.status('ExternalSecret', 'team/app')).not.toHaveProperty('binding');
    expect(world.secret()).toBeUndefined();
    expect(world.cluster.objects.metadata(configMap, 'team/app')).toMatchObject({
      labels: { [MANAGED]: 'true' },
      controller: { kind: 'ExternalSecret', name: 'app' },
      annotations: { 'keyturn.dev/source-hash': expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });

  test('of another kind follows its templates', async () => {
    const { world, appConfig } = await served();
    const template = {
      data: { plain: '{{ .password }}' },
      templateFrom: [{ target: 'spec.rules[1].from', literal: 'name: {{ .password }}' }],
    };
    world.externalSecret('team/app', { target: { ...APP_CONFIG, template } });
    await world.settle();
    expect(content(world, appConfig)).toBe(
      '{"spec":{"rules":[null,{"from":{"name":"value-1"}}]},"data":{"plain":"value-1"}}',
    );
    expectSynced(world);
  });

  test('does not look at what is Secret by its manifest', async () => {
    const { world } = await served({ allowsGeneric: false });
    world.externalSecret('team/app', { target: { manifest: { apiVersion: 'v1', kind: 'Secret' } } });
    await world.settle();
    world.expectSynced();
    expect(world.cluster.objects.calls).toEqual([]);
  });
});

describe('what changes', () => {
  test('at AWS is written, with one read of the object, and told', async () => {
    const { world, configMap } = await synced(CONFIG_MAP, { refreshInterval: '1m' });
    world.aws.put('prod/db', 'value-2');
    await world.advance(61_000);
    expect(content(world, configMap)).toBe('{"data":{"password":"value-2"}}');
    expect(requests(world)).toEqual(['read ConfigMap team/app', 'patch ConfigMap team/app']);
    expect(notes(world)).toEqual(['Updated: Updated ConfigMap app']);
    expectSynced(world);
  });

  test.each<[string, (served: Served) => void]>([
    ['a value', ({ world, configMap }) => edit(world, configMap, { data: { password: 'edited' } })],
    ['another key', ({ world, configMap }) => edit(world, configMap, { data: { more: 'x' } })],
    ['a key that is gone', ({ world, configMap }) => edit(world, configMap, { data: { password: null } })],
    ['the object', ({ world, configMap }) => world.cluster.objects.remove(configMap, 'team/app')],
    ['the managed label', ({ world, configMap }) => edit(world, configMap, {}, { labels: { [MANAGED]: null } })],
    ['the owner', ({ world, configMap }) => edit(world, configMap, { data: { x: 'y' } }, { controller: null })],
  ])('in the target by others is put right at once: %s', async (_, drift) => {
    const all = await synced();
    const { world, configMap } = all;
    drift(all);
    await world.settle();
    const { objects } = world.cluster;
    expect(content(world, configMap)).toBe('{"data":{"password":"value-1"}}');
    expect(objects.metadata(configMap, 'team/app')).toMatchObject({
      labels: { [MANAGED]: 'true' },
      controller: { name: 'app' },
    });
    expectSynced(world);
    expect(requests(world).filter((call) => /create|patch/.test(call))).toHaveLength(1);
  });

  test('elsewhere in the object costs a look from memory and nothing else', async () => {
    const { world, appConfig } = await synced(APP_CONFIG);
    edit(world, appConfig, { operation: { sync: 'x' } }, { labels: { theirs: 'x' } });
    await world.settle();
    expect(world.reconciled).toEqual(['team/app done']);
    expect(requests(world)).toEqual([]);
    expect(world.cost()).toEqual(NOTHING);
  });

  test('by ourselves wakes nobody', async () => {
    const { world, configMap } = await synced(CONFIG_MAP, { refreshInterval: '1m' });
    world.cluster.kinds.shown(configMap)?.lag();
    world.aws.put('prod/db', 'value-2');
    await world.advance(61_000);
    world.cluster.kinds.shown(configMap)?.catchUp();
    await world.settle();
    expect(requests(world)).toHaveLength(2);
    expect(world.reconciled).toEqual(['team/app done']);
  });

  test('while the watch lags is not written over', async () => {
    const { world, configMap } = await synced(CONFIG_MAP, { refreshInterval: '1m' });
    world.cluster.kinds.shown(configMap)?.lag();
    edit(world, configMap, { data: { password: 'edited' } });
    world.aws.put('prod/db', 'value-2');
    await world.advance(61_000);
    world.cluster.kinds.shown(configMap)?.catchUp();
    await world.advance(5_000);
    expect(content(world, configMap)).toBe('{"data":{"password":"value-2"}}');
    expectSynced(world);
  });

  test('again and again by somebody else is put right more slowly, and told by its kind', async () => {
    const { world, configMap } = await synced();
    for (let second = 0; second < 30; second += 1) {
      edit(world, configMap, { data: { password: `theirs-${second}` } });
      await world.advance(1_000);
    }
    expect(requests(world).filter((call) => call.startsWith('patch')).length).toBeLessThanOrEqual(8);
    expect(notes(world)).toContainEqual(
      expect.stringMatching(/^TargetContested: ConfigMap "app" is changed again and again/),
    );
  });
});

test('where nothing changes, nothing is asked of the API server and nothing written but the heartbeat', async () => {
  const { world } = await synced();
  await world.advance(3 * HOUR_MS);
  expect(requests(world)).toEqual([]);
  expect(world.cost()).toMatchObject({ secretWrites: 0, reads: 0 });
  expect(world.cost().statusWrites).toBeLessThanOrEqual(3);
});

test.each<[string, ExternalSecretTarget]>([
  ['a ConfigMap', CONFIG_MAP],
  ['a custom resource', APP_CONFIG],
  ['a ConfigMap that is merged into', { ...CONFIG_MAP, creationPolicy: 'CreateOrMerge' }],
  ['a target with a template', { ...APP_CONFIG, template: { templateFrom: [{ target: 'spec.x', literal: 'a: 1' }] } }],
])('after a restart %s is looked at and left alone, and its versions are', async (_, target) => {
  const { world } = await synced(target);
  await world.restart();
  await world.advance(5_000);
  expectSynced(world);
  expect(requests(world)).toEqual([expect.stringMatching(/^look \w+ team\/app$/)]);
  expect(world.cost()).toEqual({ ...NOTHING, probes: 1 });
});

test('a value that was edited while nobody ran is found after the restart', async () => {
  const { world, configMap } = await synced();
  await world.stop();
  edit(world, configMap, { data: { password: 'edited' } });
  await world.start();
  await world.advance(5_000);
  expect(content(world, configMap)).toBe('{"data":{"password":"value-1"}}');
});

describe('creationPolicy', () => {
  test('Merge waits for the object, which no watch tells of, and leaves alone what others have', async () => {
    const { world, configMap } = await served();
    world.externalSecret('team/app', { target: { ...CONFIG_MAP, creationPolicy: 'Merge' } });
    await world.settle();
    world.expectCondition('True', 'ResourceMissing', 'resource will not be created due to CreationPolicy=Merge');
    expect(world.aws.count('read')).toBe(0);
    edit(world, configMap, { data: { theirs: 'x' } });
    await world.advance(61_000);
    expectSynced(world);
    expect(content(world, configMap)).toBe('{"data":{"theirs":"x","password":"value-1"}}');
    expect(world.cluster.objects.metadata(configMap, 'team/app')?.controller).toBeUndefined();
    world.cluster.delete('ExternalSecret', 'team/app');
    await world.settle();
    expect(content(world, configMap)).toBeDefined();
    await world.stop();
  });

  test('Merge into values that are there already writes the marks, and finds it when they are changed', async () => {
    const { world, configMap } = await served();
    edit(world, configMap, { data: { password: 'value-1' } });
    world.externalSecret('team/app', { target: { ...CONFIG_MAP, creationPolicy: 'Merge' } });
    await world.advance(5_000);
    expectSynced(world);
    edit(world, configMap, { data: { password: 'edited' } });
    await world.settle();
    expect(content(world, configMap)).toBe('{"data":{"password":"value-1"}}');
  });

  test('Owner takes an object that nobody owns, and lets it be collected with the ExternalSecret', async () => {
    const { world, configMap } = await served();
    edit(world, configMap, { data: { theirs: 'x' }, binaryData: { b: 'AA==' } });
    world.externalSecret('team/app', { target: CONFIG_MAP });
    await world.settle();
    expect(content(world, configMap)).toBe('{"data":{"password":"value-1"},"binaryData":{"b":"AA=="}}');
    world.cluster.delete('ExternalSecret', 'team/app');
    await world.settle();
    expect(content(world, configMap)).toBeUndefined();
    expect(world.cluster.kinds.inUse).toEqual([]);
  });

  test('None writes nothing', async () => {
    const { world, configMap } = await served();
    world.externalSecret('team/app', { target: { ...CONFIG_MAP, creationPolicy: 'None' } });
    await world.settle();
    expectSynced(world);
    expect(content(world, configMap)).toBeUndefined();
  });
});

describe('an object of another ExternalSecret', () => {
  test('is left alone, and taken within a minute of its being free, which no watch tells of', async () => {
    const { world, configMap } = await served();
    edit(world, configMap, { data: { password: 'theirs' } }, { controller: OTHER });
    world.externalSecret('team/app', { target: CONFIG_MAP });
    await world.settle();
    const told = 'target is owned by another ExternalSecret: ConfigMap "app" belongs to "other"';
    expectRefused(world, told);
    edit(world, configMap, { data: { more: 'x' } }, { controller: null });
    await world.advance(61_000);
    expectSynced(world);
    expect(content(world, configMap)).toBe('{"data":{"password":"value-1"}}');
    await world.stop();
  });

  test('that becomes so while values are read is not written', async () => {
    const { world, configMap } = await served();
    edit(world, configMap, { data: { password: 'theirs' } });
    world.aws.latencyMs = 2_000;
    world.externalSecret('team/app', { target: CONFIG_MAP });
    await world.advance(1_000);
    edit(world, configMap, { data: { more: 'x' } }, { controller: OTHER });
    await world.advance(10_000);
    expect(content(world, configMap)).toBe('{"data":{"password":"theirs","more":"x"}}');
    expectRefused(world, 'target is owned by another ExternalSecret');
    await world.stop();
  });
});

test('deletionPolicy Delete deletes the object when its sources are gone, and makes it again', async () => {
  const { world, configMap } = await synced({ ...CONFIG_MAP, deletionPolicy: 'Delete' }, { refreshInterval: '2s' });
  world.aws.remove('prod/db');
  await world.advance(8_000);
  expect(content(world, configMap)).toBeUndefined();
  world.expectCondition('True', 'ResourceDeleted', 'resource deleted due to DeletionPolicy=Delete');
  expect(notes(world)).toContainEqual('Deleted: Deleted ConfigMap app');
  world.aws.put('prod/db', 'value-2');
  await world.advance(3_000);
  expect(content(world, configMap)).toBe('{"data":{"password":"value-2"}}');
  expectSynced(world);
  await world.stop();
});

test('immutable, which is a field of Secrets, makes no difference', async () => {
  const { world, configMap } = await synced({ ...CONFIG_MAP, immutable: true });
  edit(world, configMap, {}, { labels: { theirs: 'x' } });
  await world.settle();
  expect(world.cost()).toEqual(NOTHING);
  expect(requests(world)).toEqual([]);
});

test('what the kind fills in and leaves out is no drift', async () => {
  const { world, appConfig } = await served();
  world.cluster.objects.rules.set('example.com/v1/AppConfig', { spec: { size: 3, unknown: null } });
  const templateFrom = [{ target: 'spec', literal: 'a: {{ .password }}\nunknown: x' }];
  world.externalSecret('team/app', { target: { ...APP_CONFIG, template: { templateFrom } } });
  await world.settle();
  expect(content(world, appConfig)).toBe('{"spec":{"a":"value-1","size":3}}');
  expectSynced(world);
  world.forgetCalls();
  edit(world, appConfig, { operation: 'x' });
  await world.settle();
  expect(requests(world)).toEqual([]);
  expect(world.cost()).toEqual(NOTHING);
});

describe('while the watch lags', () => {
  async function lagging() {
    const all = await synced(CONFIG_MAP, { refreshInterval: '1m' });
    all.world.cluster.kinds.shown(all.configMap)?.lag();
    all.world.aws.put('prod/db', 'value-2');
    await all.world.advance(61_000);
    all.world.forgetCalls();
    return all;
  }

  test('our own write is known all the same', async () => {
    const { world } = await lagging();
    await world.reconcile();
    expect(requests(world)).toEqual([]);
    expect(world.cost()).toEqual(NOTHING);
  });

  test('an object that we have made, and that is gone, is made again', async () => {
    const { world, configMap } = await served();
    world.externalSecret('team/first', { target: { ...CONFIG_MAP, name: 'first' } });
    await world.settle();
    world.cluster.kinds.shown(configMap)?.lag();
    world.externalSecret('team/app', { target: CONFIG_MAP });
    await world.settle();
    world.cluster.objects.remove(configMap, 'team/app');
    world.externalSecret('team/app', { target: CONFIG_MAP, refreshInterval: '2m' });
    await world.advance(3_000);
    expect(content(world, configMap)).toBe('{"data":{"password":"value-1"}}');
    expectSynced(world);
    await world.stop();
  });
});

describe('the audit', () => {
  test('has the kind of the target and its fields', async () => {
    const { world, configMap } = await synced();
    expect(world.audit.of('write')).toMatchObject([
      { verb: 'create', result: 'ok', target: { kind: 'ConfigMap', name: 'app' }, keys: ['data.password'] },
    ]);
    world.cluster.objects.remove(configMap, 'team/app');
    await world.settle();
    expect(world.audit.of('write')).toHaveLength(2);
    await world.stop();
  });

  test('has no name of a field that comes out of a value', async () => {
    const templateFrom = [{ target: 'spec', literal: '{{ .password }}: {{ .password }}' }];
    const { world } = await synced({ ...APP_CONFIG, template: { templateFrom } });
    expect(world.audit.of('write')).toMatchObject([{ target: { kind: 'AppConfig' }, keys: ['spec'] }]);
    await world.stop();
  });
});

test('no value is in any status, note or line of the log', async () => {
  const { world } = await synced(CONFIG_MAP, { refreshInterval: '1m' });
  world.aws.put('prod/db', 'value-2');
  await world.advance(61_000);
  const told = JSON.stringify([
    world.cluster.notes,
    world.log.lines,
    world.cluster.status('ExternalSecret', 'team/app'),
  ]);
  expect(told).not.toMatch(/value-[12]/);
});
