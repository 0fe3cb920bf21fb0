import { describe, expect, test } from 'vitest';
import type { ExternalSecretTarget } from '../../../src/api/external-secret.ts';
import { ClusterConflict, ClusterForbidden, ClusterUnavailable } from '../../../src/ports/errors.ts';
import { World } from './world.ts';

const CREATED_BY = 'reconcile.external-secrets.io/created-by';

async function renamed(before: ExternalSecretTarget = {}, after: ExternalSecretTarget = {}): Promise<World> {
  const world = await World.synced({ target: before });
  world.externalSecret('team/app', { target: { name: 'new', ...after } });
  await world.settle();
  return world;
}

describe('when spec.target.name changes', () => {
  test('the old Secret goes after the new one is there, and an Event says so', async () => {
    const world = await renamed();
    expect(world.cluster.secrets.writes).toEqual(['create team/new', 'delete team/app']);
    expect(world.secret('team/new')).toEqual({ password: 'value-1' });
    expect(world.secret('team/app')).toBeUndefined();
    expect(world.cluster.status('ExternalSecret', 'team/app')).toMatchObject({ binding: { name: 'new' } });
    expect(world.cluster.notes.map(({ reason, message }) => `${reason} ${message}`)).toEqual([
      'Created secret created',
      'Deleted secret "app" deleted: it had the name that spec.target.name gave before',
    ]);
    world.expectSynced();
    await world.stop();
  });

  test.each<[string, ExternalSecretTarget]>([
    ['Orphan', { creationPolicy: 'Orphan' }],
    ['CreateOrMerge', { creationPolicy: 'CreateOrMerge' }],
  ])('with %s the old one stays', async (_, policy) => {
    const world = await renamed(policy, policy);
    expect(world.secret('team/new')).toEqual({ password: 'value-1' });
    expect(world.secret('team/app')).toEqual({ password: 'value-1' });
  });

  test('nothing of somebody else goes, whatever its marks say', async () => {
    const world = await World.synced();
    const label = world.cluster.secrets.metadata('team/app')?.labels[CREATED_BY] ?? '';
    const controller = world.cluster.secrets.metadata('team/app')?.controller ?? null;
    world.cluster.secrets.edit('team/copied', { data: { theirs: 'x' }, labels: { [CREATED_BY]: label } });
    world.cluster.secrets.edit('team/adopted', { data: { theirs: 'x' }, controller });
    world.externalSecret('team/app', { target: { name: 'new' } });
    await world.settle();
    expect(world.cluster.secrets.keys().toSorted()).toEqual(['team/adopted', 'team/copied', 'team/new']);
  });

  test('the old one stays while the new one cannot be written', async () => {
    const world = await World.synced();
    world.cluster.secrets.failNext('create', new ClusterForbidden('quota'), 100);
    world.externalSecret('team/app', { target: { name: 'new' } });
    await world.advance(60_000);
    expect(world.secret('team/app')).toEqual({ password: 'value-1' });
    expect(world.cluster.secrets.writes).not.toContain('delete team/app');
  });

  test.each([
    ['has moved', new ClusterConflict('moved')],
    ['cannot be deleted just now', new ClusterUnavailable('away')],
  ])('one that %s is deleted at the next try', async (_, error) => {
    const world = await World.synced();
    world.cluster.secrets.failNext('delete', error);
    world.externalSecret('team/app', { target: { name: 'new' } });
    await world.advance(10_000);
    expect(world.secret('team/app')).toBeUndefined();
    world.expectSynced();
  });

  test('an operator that was killed in between makes up for it, and for several names', async () => {
    const world = await World.synced();
    world.cluster.secrets.failNext('delete', new ClusterUnavailable('killed'), 100);
    world.externalSecret('team/app', { target: { name: 'second' } });
    await world.settle();
    await world.stop();
    world.externalSecret('team/app', { target: { name: 'third' } });
    world.cluster.secrets.recover();
    await world.start();
    await world.advance(10_000);
    expect(world.cluster.secrets.keys()).toEqual(['team/third']);
  });

  test('a name that belongs to another ExternalSecret is refused, and the old Secret stays', async () => {
    const world = await World.synced();
    world.externalSecret('team/other');
    await world.settle();
    world.externalSecret('team/app', { target: { name: 'other' } });
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', 'target is owned by another ExternalSecret');
    expect(world.secret('team/app')).toEqual({ password: 'value-1' });
  });

  test('while there is nothing to be written the old one stays, and goes then', async () => {
    const world = await World.withStore();
    world.aws.put('prod/db', '{"user":"u"}');
    const spec = { refreshInterval: '2s', data: [], dataFrom: [{ extract: { key: 'prod/db' } }] };
    world.externalSecret('team/app', spec);
    await world.advance(3_000);
    world.aws.put('prod/db', '{}');
    world.externalSecret('team/app', { ...spec, target: { name: 'new' } });
    await world.advance(20_000);
    expect(world.cluster.secrets.keys()).toEqual(['team/app']);
    world.aws.put('prod/db', '{"user":"v"}');
    await world.advance(2_100);
    expect(world.cluster.secrets.keys()).toEqual(['team/new']);
  });

  test('while nothing is left at AWS the old one stays until there is a new one', async () => {
    const world = await World.synced({ refreshInterval: '2s', target: { deletionPolicy: 'Delete' } });
    world.aws.remove('prod/db');
    world.externalSecret('team/app', { refreshInterval: '2s', target: { name: 'new', deletionPolicy: 'Delete' } });
    await world.advance(20_000);
    expect(world.secret('team/app')).toEqual({ password: 'value-1' });
    world.aws.put('prod/db', 'value-2');
    await world.advance(2_100);
    expect(world.cluster.secrets.keys()).toEqual(['team/new']);
  });
});
