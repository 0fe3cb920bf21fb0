import { describe, expect, test } from 'vitest';
import type { ExternalSecretTarget } from '../../../src/api/external-secret.ts';
import {
  ClusterConflict,
  ClusterForbidden,
  ClusterRejected,
  ClusterUnavailable,
  TargetImmutable,
} from '../../../src/ports/errors.ts';
import {
  APP_CONFIG,
  CONFIG_MAP,
  content,
  edit,
  expectRefused,
  expectSynced,
  notes,
  requests,
  served,
  synced,
} from './manifest-world.ts';
import { HOUR_MS, type WorldOptions } from './world.ts';

describe('what cannot be written is told, and nothing is asked of the API server for it', () => {
  test.each<[string, ExternalSecretTarget, WorldOptions, string]>([
    [
      'without the flag',
      CONFIG_MAP,
      { allowsGeneric: false },
      'start the operator with --unsafe-allow-generic-targets',
    ],
    ['a kind that gives rights', { manifest: { apiVersion: 'v1', kind: 'ServiceAccount' } }, {}, 'is never written'],
    ['a path to what an object is', withTarget('metadata.labels'), {}, 'metadata is not for templates to write'],
  ])('%s', async (_, target, options, message) => {
    const { world } = await served(options);
    world.externalSecret('team/app', { target });
    await world.settle();
    expectRefused(world, `invalid generic target: `);
    expectRefused(world, message);
    expect(world.cluster.objects.calls).toEqual([]);
    expect(world.aws.count('read')).toBe(0);
    expect(world.isStuck()).toBe(true);
  });
});

function withTarget(target: string): ExternalSecretTarget {
  return { ...CONFIG_MAP, template: { templateFrom: [{ target, literal: 'a: b' }] } };
}

describe('a kind', () => {
  test('of no namespace is told, and never looked at', async () => {
    const { world } = await served();
    world.cluster.objects.serve('example.com/v1', 'Global', { isNamespaced: false });
    world.externalSecret('team/app', { target: { manifest: { apiVersion: 'example.com/v1', kind: 'Global' } } });
    await world.settle();
    expectRefused(world, 'Global of example.com/v1 belongs to no namespace');
    expect(requests(world)).toEqual([]);
    expect(world.isStuck()).toBe(true);
  });

  test('that is not served is told, and served once it is installed', async () => {
    const { world } = await served();
    world.externalSecret('team/app', { target: { manifest: { apiVersion: 'example.com/v1', kind: 'Late' } } });
    await world.advance(3_000);
    const told = 'could not get target resource: spec.target.manifest: The API server serves no kind "Late"';
    expectRefused(world, told);
    const late = world.cluster.objects.serve('example.com/v1', 'Late');
    await world.advance(10_000);
    expectSynced(world);
    expect(content(world, late)).toBe('{"spec":{"data":{"password":"value-1"}}}');
    await world.stop();
  });

  test('is watched for as long as somebody makes one', async () => {
    const { world } = await synced();
    world.externalSecret('team/second', { target: { ...APP_CONFIG, name: 'x' } });
    await world.settle();
    expect(world.cluster.kinds.inUse).toEqual(['v1/ConfigMap: team/app', 'example.com/v1/AppConfig: team/second']);
    world.externalSecret('team/app', { target: APP_CONFIG });
    await world.settle();
    expect(world.cluster.kinds.inUse).toEqual(['example.com/v1/AppConfig: team/app, team/second']);
    world.externalSecret('team/app', {});
    world.cluster.delete('ExternalSecret', 'team/second');
    await world.settle();
    expect(world.cluster.kinds.inUse).toEqual([]);
    world.expectSynced();
    expect(world.cluster.status('ExternalSecret', 'team/app')).toMatchObject({ binding: { name: 'app' } });
  });

  test('that may not be watched is written all the same, and looked at by each heartbeat', async () => {
    const { world, configMap } = await served();
    world.cluster.kinds.denied = true;
    world.externalSecret('team/app', { target: CONFIG_MAP });
    await world.settle();
    expectSynced(world);
    edit(world, configMap, { data: { password: 'edited' } });
    await world.advance(2 * HOUR_MS);
    expect(content(world, configMap)).toBe('{"data":{"password":"value-1"}}');
    await world.stop();
  });
});

describe('what the API server refuses', () => {
  test('for want of the right to look is told at the second try, and over when it is given', async () => {
    const { world } = await served();
    const denied = new ClusterForbidden('The operator may not get configmaps "team/app"');
    for (let time = 0; time < 2; time += 1) world.cluster.objects.failNext('look', denied);
    world.externalSecret('team/app', { target: CONFIG_MAP });
    await world.settle();
    expect(world.condition()).toEqual({});
    await world.advance(1_100);
    const told = 'could not get target resource: spec.target.manifest: The operator may not get configmaps';
    expectRefused(world, told);
    await world.advance(5_000);
    expectSynced(world);
    await world.stop();
  });

  test('for want of the right to write is told, and the last good object stays', async () => {
    const { world, configMap } = await synced(CONFIG_MAP, { refreshInterval: '1m' });
    const denied = new ClusterForbidden('The operator may not patch configmaps "team/app"');
    for (let time = 0; time < 6; time += 1) world.cluster.objects.failNext('patch', denied);
    world.aws.put('prod/db', 'value-2');
    await world.advance(70_000);
    expectRefused(world, 'could not update resource: The operator may not patch');
    expect(content(world, configMap)).toBe('{"data":{"password":"value-1"}}');
    await world.advance(60_000);
    expectSynced(world);
    await world.stop();
  });

  test('because it is away is told only when it stays away', async () => {
    const { world } = await served();
    world.cluster.objects.failNext('look', new ClusterUnavailable('away'));
    world.externalSecret('team/app', { target: CONFIG_MAP });
    await world.advance(2_000);
    expectSynced(world);
    expect(world.cluster.notes.filter(({ type }) => type === 'Warning')).toEqual([]);
  });

  test('as another writer was faster is tried again without a word', async () => {
    const { world } = await synced(CONFIG_MAP, { refreshInterval: '1m' });
    world.cluster.objects.failNext('patch', new ClusterConflict('the object has changed'));
    world.aws.put('prod/db', 'value-2');
    await world.advance(65_000);
    expectSynced(world);
    expect(notes(world)).toEqual(['Updated: Updated ConfigMap app']);
  });

  test('as invalid is told', async () => {
    const { world } = await served();
    world.cluster.objects.failNext('create', new ClusterRejected('The API server refuses to create configmaps'));
    world.externalSecret('team/app', { target: CONFIG_MAP });
    await world.settle();
    world.expectCondition(
      'False',
      'ResourceSyncedError',
      'could not update resource: The API server refuses to create',
    );
    await world.stop();
  });

  test('because the object is immutable is told by its kind, and over within a minute of its being deleted', async () => {
    const { world, configMap } = await served();
    edit(world, configMap, { data: { password: 'theirs' } });
    world.cluster.objects.failNext('patch', new TargetImmutable('refused'));
    world.externalSecret('team/app', { target: CONFIG_MAP });
    await world.settle();
    const told =
      'could not update resource, target is immutable: ConfigMap "app" would get other data, and Kubernetes does not ' +
      'allow that; delete it (kubectl delete configmap app -n team), and it is made anew';
    expectRefused(world, told);
    expect(world.isStuck()).toBe(true);
    world.cluster.objects.remove(configMap, 'team/app');
    await world.advance(61_000);
    expectSynced(world);
    await world.stop();
  });
});

test('content that has no place in what is there is told as such, and nothing of it is written', async () => {
  const { world, appConfig } = await served();
  edit(world, appConfig, { spec: { data: 'text' } });
  world.externalSecret('team/app', { target: { ...APP_CONFIG, creationPolicy: 'Merge' } });
  await world.settle();
  const told =
    'could not apply template to manifest: spec.target: the key "password" has no place: spec.data is there already, ' +
    'and is no map';
  expectRefused(world, told);
  expect(content(world, appConfig)).toBe('{"spec":{"data":"text"}}');
  await world.stop();
});

test('a template that fails is told as such', async () => {
  const { world } = await served();
  world.externalSecret('team/app', { target: { ...CONFIG_MAP, template: { data: { a: '{{ .nope }}' } } } });
  await world.settle();
  const told = 'could not apply template to manifest: spec.target.template: ';
  expectRefused(world, told);
  await world.stop();
});
