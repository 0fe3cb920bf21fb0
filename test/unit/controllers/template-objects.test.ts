import { describe, expect, test } from 'vitest';
import type { ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import type { TemplateFrom } from '../../../src/api/secret-template.ts';
import { ClusterForbidden } from '../../../src/ports/errors.ts';
import { NOTHING, World } from './world.ts';

const FROM_CONFIG: TemplateFrom = { configMap: { name: 'texts', items: [{ key: 'url' }] } };
const FROM_SECRET: TemplateFrom = { secret: { name: 'texts', items: [{ key: 'conf', templateAs: 'KeysAndValues' }] } };

function specOf(...templateFrom: readonly TemplateFrom[]): ExternalSecretSpec {
  return { refreshInterval: '10s', target: { template: { templateFrom } } };
}

async function synced(...templateFrom: readonly TemplateFrom[]): Promise<World> {
  const world = await World.withStore();
  world.cluster.configMaps.put('team/texts', { url: 'db:{{ .password }}', other: 'x' });
  world.cluster.secrets.edit('team/texts', { data: { conf: 'user: app\npass: "{{ .password }}"' } });
  world.externalSecret('team/app', specOf(...templateFrom));
  await world.settle();
  return world;
}

describe('a template that is kept in a ConfigMap', () => {
  test('is rendered, and rendered anew when it changes', async () => {
    const world = await synced(FROM_CONFIG);
    expect(world.secret()).toEqual({ url: 'db:value-1' });
    world.cluster.configMaps.put('team/texts', { url: 'changed:{{ .password }}' });
    await world.settle();
    expect(world.secret()).toEqual({ url: 'changed:value-1' });
    world.expectSynced();
    await world.stop();
  });

  test('costs nothing while nothing changes, not even after a restart', async () => {
    const world = await synced(FROM_CONFIG, FROM_SECRET);
    expect(world.secret()).toEqual({ url: 'db:value-1', user: 'app', pass: 'value-1' });
    await world.advance(2_000);
    world.forgetCalls();
    world.cluster.configMaps.reads.length = 0;
    await world.reconcile();
    await world.restart();
    await world.advance(60_000);
    expect(world.cost()).toMatchObject({ ...NOTHING, probes: expect.any(Number) });
    expect(world.cluster.configMaps.reads).toEqual([]);
    await world.stop();
  });

  test('that was changed while no operator ran is rendered after the start', async () => {
    const world = await synced(FROM_CONFIG);
    await world.stop();
    world.cluster.configMaps.put('team/texts', { url: 'meanwhile:{{ .password }}' });
    await world.start();
    await world.advance(1_000);
    expect(world.secret()).toEqual({ url: 'meanwhile:value-1' });
    await world.stop();
  });

  test('is rendered when it comes later', async () => {
    const world = await World.withStore();
    world.externalSecret('team/app', specOf(FROM_CONFIG));
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', 'ConfigMap "texts" does not exist');
    expect(world.aws.count('read')).toBe(0);
    world.cluster.configMaps.put('team/texts', { wrong: 'x' });
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', 'ConfigMap "texts" has no key "url"');
    world.cluster.configMaps.put('team/texts', { url: '{{ .password }}' });
    await world.settle();
    expect(world.secret()).toEqual({ url: 'value-1' });
    world.expectSynced();
    await world.stop();
  });

  test('that goes is told, and the last good Secret stays until it is back', async () => {
    const world = await synced(FROM_CONFIG);
    world.cluster.configMaps.remove('team/texts');
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', 'ConfigMap "texts" does not exist');
    expect(world.secret()).toEqual({ url: 'db:value-1' });
    world.cluster.configMaps.put('team/texts', { url: 'back:{{ .password }}' });
    await world.advance(1_000);
    expect(world.secret()).toEqual({ url: 'back:value-1' });
    await world.stop();
  });

  test.each<[string, (world: World) => void]>([
    ['its store goes', (world) => world.cluster.delete('SecretStore', 'team/aws')],
    [
      'a policy comes that forbids it',
      (world) => world.cluster.apply('SecretAccessPolicy', 'none', { namespaces: ['team'], allow: [] }),
    ],
  ])('is no reason to write what was read when %s meanwhile', async (_, forbid) => {
    const world = await synced(FROM_SECRET);
    world.cluster.secrets.onCall = async (operation) => {
      if (operation !== 'read') return;
      world.cluster.secrets.onCall = () => {};
      forbid(world);
      await world.settle();
    };
    world.aws.put('prod/db', 'value-2');
    await world.advance(30_000);
    await world.advance(2_000);
    expect(world.secret()).toEqual({ user: 'app', pass: 'value-1' });
    expect(world.condition()).toMatchObject({ status: 'False' });
    await world.stop();
  });

  test('of the same name in another namespace is nothing to it', async () => {
    const world = await synced(FROM_CONFIG);
    world.forgetCalls();
    world.cluster.configMaps.put('other/texts', { url: 'foreign' });
    await world.settle();
    expect(world.reconciled).toEqual([]);
    expect(world.secret()).toEqual({ url: 'db:value-1' });
    await world.stop();
  });

  test('that fails once it was changed is told, and its secret content is not', async () => {
    const world = await synced(FROM_SECRET);
    world.cluster.secrets.edit('team/texts', { data: { conf: 'user: {{ fail "hunter2-fake" }}' } });
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', 'spec.target.template');
    expect(world.condition().message).not.toContain('hunter2-fake');
    expect(world.secret()).toEqual({ user: 'app', pass: 'value-1' });
    await world.stop();
  });

  test('of the target itself is refused', async () => {
    const world = await synced(FROM_CONFIG);
    world.externalSecret('team/app', specOf({ secret: { name: 'app', items: [{ key: 'url' }] } }));
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', 'which is the target itself');
    await world.stop();
  });

  test('that is made of the target in turn is followed ever more slowly, and that is told', async () => {
    const world = await World.withStore();
    world.cluster.secrets.edit('team/b', { data: { url: 'x' } });
    world.externalSecret('team/a', specOf({ secret: { name: 'b', items: [{ key: 'url' }] } }));
    world.externalSecret('team/b', {
      refreshInterval: '10s',
      target: {
        template: {
          templateFrom: [{ secret: { name: 'a', items: [{ key: 'url' }] } }],
          data: { url: '{{ randAlphaNum 20 }}' },
        },
      },
    });
    await world.advance(60_000);
    expect(world.cluster.secrets.writes.length).toBeLessThan(40);
    expect(world.cluster.notes.map(({ reason }) => reason)).toContain('TemplateContested');
    await world.stop();
  });

  test('is not looked at anew for an object that is read once', async () => {
    const world = await World.withStore();
    world.cluster.configMaps.put('team/texts', { url: 'db:{{ .password }}' });
    world.externalSecret('team/app', { ...specOf(FROM_CONFIG), refreshPolicy: 'CreatedOnce' });
    await world.settle();
    world.cluster.configMaps.put('team/texts', { url: 'changed' });
    await world.settle();
    expect(world.secret()).toEqual({ url: 'db:value-1' });
    await world.stop();
  });

  test('is watched from the first one on that is referred to', async () => {
    const world = await synced(FROM_SECRET);
    expect(world.cluster.configMaps.needed).toBe(0);
    world.externalSecret('team/other', specOf(FROM_CONFIG));
    expect(world.cluster.configMaps.needed).toBeGreaterThan(0);
    await world.settle();
    await world.stop();
  });

  test('is read where ConfigMaps cannot be listed, and again while it is not there', async () => {
    const world = new World();
    world.cluster.configMaps.view.synced = false;
    world.aws.put('prod/db', 'value-1');
    world.store();
    world.externalSecret('team/app', specOf(FROM_CONFIG));
    await world.start();
    await world.advance(10_000);
    world.expectCondition('False', 'SecretSyncedError', 'ConfigMap "texts" does not exist');
    world.cluster.configMaps.put('team/texts', { url: 'late:{{ .password }}' });
    await world.advance(120_000);
    expect(world.secret()).toEqual({ url: 'late:value-1' });
    await world.stop();
  });

  test.each<[string, ExternalSecretSpec]>([
    ['a search finds nothing', { data: [], dataFrom: [{ find: { name: { regexp: 'nothing' } } }] }],
    ['its sources are gone', { data: [{ secretKey: 'a', remoteRef: { key: 'prod/none' } }] }],
  ])('costs nothing where %s, so that nothing is rendered', async (_, sources) => {
    const world = await World.withStore();
    world.cluster.configMaps.put('team/texts', { url: 'x' });
    const target = { deletionPolicy: 'Delete' as const, ...specOf(FROM_CONFIG).target };
    world.externalSecret('team/app', { ...sources, target });
    await world.advance(10_000);
    expect(world.condition()).toMatchObject({ status: 'True' });
    world.forgetCalls();
    world.cluster.configMaps.put('team/texts', { url: 'y' });
    await world.reconcile();
    expect(world.aws.calls).toEqual([]);
    await world.stop();
  });

  test('that may not be read is told with the right that is missing', async () => {
    const world = await World.withStore();
    world.cluster.configMaps.put('team/texts', { url: 'x' });
    world.cluster.configMaps.fail(new ClusterForbidden('the operator may not get configmaps in namespace "team"'));
    world.externalSecret('team/app', specOf(FROM_CONFIG));
    await world.advance(10_000);
    world.expectCondition('False', 'SecretSyncedError', 'may not get configmaps');
    world.cluster.configMaps.fail();
    await world.advance(120_000);
    world.expectSynced();
    await world.stop();
  });
});
