import { describe, expect, test } from 'vitest';
import { ClusterForbidden } from '../../../src/ports/errors.ts';
import { storeSpec } from '../domain/manifests.ts';
import { HOUR_MS, NOTHING, World } from './world.ts';

const ESO_FINALIZER = 'externalsecrets.external-secrets.io/externalsecret-cleanup';

function uidOf(world: World): string {
  const entry = world.cluster.externalSecrets.get('team/app');
  return entry?.kind === 'valid' ? entry.object.metadata.uid : '';
}

describe('deletion', () => {
  test('in the middle of a sync writes nothing', async () => {
    const world = await World.withStore();
    world.aws.latencyMs = 100;
    world.externalSecret();
    await world.advance(50);
    world.cluster.delete('ExternalSecret', 'team/app');
    await world.advance(10_000);
    expect(world.cluster.secrets.writes).toEqual([]);
    expect(world.secret()).toBeUndefined();
  });

  test('and a new object of the same name in the middle of a sync writes for the new one', async () => {
    const world = await World.withStore();
    world.aws.latencyMs = 100;
    world.externalSecret();
    await world.advance(50);
    world.cluster.delete('ExternalSecret', 'team/app');
    world.externalSecret();
    await world.advance(1_000);
    expect(world.cluster.secrets.metadata('team/app')?.controller?.uid).toBe(
      world.cluster.externalSecrets.get('team/app')?.kind === 'valid' ? uidOf(world) : '',
    );
    world.expectSynced();
  });

  test('ends the polling, the gauge and every wait', async () => {
    const world = await World.synced({ refreshInterval: '2s' });
    expect(world.metrics.readiness.get('team/app')).toBe(true);
    world.cluster.delete('ExternalSecret', 'team/app');
    await world.settle();
    world.forgetCalls();
    await world.advance(HOUR_MS);
    expect(world.cost()).toEqual(NOTHING);
    expect(world.metrics.readiness.has('team/app')).toBe(false);
  });

  test('that is told after the end of the Secret, which goes with its owner, reads and writes nothing', async () => {
    const world = await World.synced();
    world.cluster.externalSecrets.lag();
    world.cluster.delete('ExternalSecret', 'team/app');
    expect(world.secret()).toBeUndefined();
    await world.advance(60_000);
    world.cluster.externalSecrets.catchUp();
    await world.advance(HOUR_MS);
    expect(world.cost()).toEqual(NOTHING);
    await world.stop();
  });

  test('in the foreground, of which the Secret is the first to go, reads and writes nothing', async () => {
    const world = await World.withStore();
    world.externalSecret('team/app', {}, { finalizers: ['foregroundDeletion'] });
    await world.settle();
    world.forgetCalls();
    world.cluster.externalSecrets.lag();
    world.cluster.delete('ExternalSecret', 'team/app');
    world.cluster.secrets.remove('team/app');
    await world.advance(60_000);
    world.cluster.externalSecrets.catchUp();
    await world.advance(HOUR_MS);
    expect(world.cost()).toEqual(NOTHING);
    await world.stop();
  });

  test('of the Secret alone, while it cannot be told whether its owner is there, reads nothing until it can', async () => {
    const world = await World.synced();
    world.cluster.failNextLook(new ClusterForbidden('The operator may not list externalsecrets.'), 2);
    world.cluster.secrets.remove('team/app');
    await world.advance(1_500);
    world.expectCondition(
      'False',
      'SecretSyncedError',
      'could not update secret: The operator may not list externalsecrets.',
    );
    expect(world.cost()).toMatchObject({ secretWrites: 0, reads: 0 });
    await world.advance(10_000);
    expect(world.secret()).toEqual({ password: 'value-1' });
    world.expectSynced();
    await world.stop();
  });

  test('releases the finalizer that External Secrets Operator left, and no other', async () => {
    const world = await World.withStore();
    world.externalSecret('team/app', {}, { finalizers: [ESO_FINALIZER] });
    world.externalSecret('team/other', {}, { finalizers: ['example.com/theirs', ESO_FINALIZER] });
    await world.settle();
    world.cluster.delete('ExternalSecret', 'team/app');
    world.cluster.delete('ExternalSecret', 'team/other');
    await world.settle();
    expect(world.cluster.exists('ExternalSecret', 'team/app')).toBe(false);
    expect(world.cluster.externalSecrets.get('team/other')).toMatchObject({
      object: { metadata: { finalizers: ['example.com/theirs'] } },
    });
  });

  test.each<[string, object]>([
    ['whose spec cannot be read', { data: 'nonsense' }],
    ['whose interval is bad', { refreshInterval: '1d' }],
    [
      'whose store does not exist',
      { secretStoreRef: { name: 'nowhere' }, data: [{ secretKey: 'a', remoteRef: { key: 'b' } }] },
    ],
  ])('releases it from an object %s', async (_, spec) => {
    const world = await World.withStore();
    world.cluster.apply('ExternalSecret', 'team/app', spec, { finalizers: [ESO_FINALIZER] });
    await world.settle();
    world.cluster.delete('ExternalSecret', 'team/app');
    await world.settle();
    expect(world.cluster.exists('ExternalSecret', 'team/app')).toBe(false);
  });

  test('leaves the finalizer of an object that another operator serves', async () => {
    const world = await World.withStore();
    world.store(storeSpec({}, { controller: 'theirs' }));
    world.externalSecret('team/app', {}, { finalizers: [ESO_FINALIZER] });
    await world.settle();
    world.cluster.delete('ExternalSecret', 'team/app');
    await world.advance(60_000);
    expect(world.cluster.exists('ExternalSecret', 'team/app')).toBe(true);
    await world.restart();
    expect(world.cluster.exists('ExternalSecret', 'team/app')).toBe(true);
  });
});
