import { describe, expect, test } from 'vitest';
import { HOUR_MS, NOTHING, World } from './world.ts';

describe('when nothing changed', () => {
  test('a reconcile writes nothing and reads nothing', async () => {
    const world = await World.synced();
    for (let round = 0; round < 5; round += 1) await world.reconcile();
    expect(world.cost()).toEqual(NOTHING);
  });

  test('what our own writes bring back is not even looked at', async () => {
    const world = await World.synced();
    expect(world.reconciled).toEqual([]);
    await world.advance(10_000);
    expect(world.reconciled).toEqual([]);
  });

  test('a day costs one look at AWS an hour, and about one status write an hour', async () => {
    const world = await World.synced();
    await world.advance(24 * HOUR_MS);
    const { secretWrites, statusWrites, reads, probes } = world.cost();
    expect({ secretWrites, reads }).toEqual({ secretWrites: 0, reads: 0 });
    expect(probes).toBeLessThanOrEqual(25);
    expect(statusWrites).toBeGreaterThanOrEqual(17);
    expect(statusWrites).toBeLessThanOrEqual(24);
    expect(world.reconciled.length).toBeLessThan(30);
    await world.stop();
  });

  test('refreshTime is never older than the interval and the heartbeat together', async () => {
    const world = await World.synced({ refreshInterval: '10m' });
    for (let round = 0; round < 30; round += 1) {
      await world.advance(0.25 * HOUR_MS);
      const shownMs = Date.parse(String(world.cluster.status('ExternalSecret', 'team/app')?.['refreshTime']));
      expect(world.clock.nowMs() - shownMs).toBeLessThan(1.25 * HOUR_MS + 10 * 60_000);
      expect(shownMs).toBeLessThanOrEqual(world.clock.nowMs());
    }
  });

  test('with a status interval of zero refreshTime follows every refresh, as upstream', async () => {
    const world = new World({ statusIntervalMs: 0 });
    world.aws.put('prod/db', 'value-1');
    world.store();
    world.externalSecret('team/app', { refreshInterval: '1m' });
    await world.start();
    world.forgetCalls();
    await world.advance(30 * 60_000);
    expect(world.cost().statusWrites).toBeGreaterThanOrEqual(28);
    expect(world.cost().statusWrites).toBeLessThanOrEqual(31);
    expect(world.reconciled.length).toBeLessThan(100);
    await world.stop();
  });

  test('a heartbeat that finds nothing newer does not look every second', async () => {
    const world = await World.synced({ refreshInterval: '1h' });
    world.aws.latencyMs = 2 * HOUR_MS;
    await world.advance(4 * HOUR_MS);
    expect(world.reconciled.length).toBeLessThan(200);
  });

  test('a label that somebody puts on the Secret costs a look and no more', async () => {
    const world = await World.synced();
    world.cluster.secrets.edit('team/app', { labels: { theirs: 'x' } });
    await world.settle();
    expect(world.cost()).toEqual(NOTHING);
    expect(world.reconciled).toEqual(['team/app done']);
  });
});

describe('after a restart', () => {
  test('of a synced object the version is looked at once; it is neither read nor written', async () => {
    const world = await World.synced();
    await world.restart();
    await world.advance(100);
    expect(world.cost()).toMatchObject({ secretWrites: 0, reads: 0, probes: 1 });
    expect(world.cluster.statusWrites.filter((key) => key.startsWith('ExternalSecret'))).toEqual([]);
    await world.stop();
  });

  test('a rotation that happened meanwhile is written', async () => {
    const world = await World.synced();
    await world.stop();
    world.aws.put('prod/db', 'value-2');
    await world.start();
    await world.advance(100);
    expect(world.secret()).toEqual({ password: 'value-2' });
    expect(world.cost()).toMatchObject({ secretWrites: 1, reads: 1, probes: 1 });
  });

  test('an edit that happened meanwhile is put right', async () => {
    const world = await World.synced();
    await world.stop();
    await world.advance(5_000);
    world.cluster.secrets.edit('team/app', { data: { password: 'edited', extra: 'x' } });
    await world.start();
    expect(world.secret()).toEqual({ password: 'value-1' });
  });

  test('an edit in the very second of our own write is put right too', async () => {
    const world = await World.synced();
    await world.stop();
    world.cluster.secrets.edit('team/app', { data: { password: 'edited' } });
    await world.start();
    expect(world.secret()).toEqual({ password: 'value-1' });
  });

  test('an object with a bad secret says so, and keeps the last good Secret', async () => {
    const world = await World.synced();
    await world.stop();
    world.aws.remove('prod/db');
    await world.start();
    await world.advance(100);
    world.expectCondition('False', 'SecretSyncedError', 'AWS has no secret "prod/db"');
    expect(world.secret()).toEqual({ password: 'value-1' });
  });

  test('heartbeats that were overdue are spread, not written together', async () => {
    const world = await World.withStore();
    for (let at = 0; at < 50; at += 1) world.externalSecret(`team/app-${at}`);
    await world.settle();
    await world.stop();
    await world.advance(100 * HOUR_MS);
    await world.start();
    world.forgetCalls();
    await world.advance(1_000);
    expect(world.cost().statusWrites).toBeLessThan(10);
    await world.advance(HOUR_MS / 4);
    expect(world.cost().statusWrites).toBeGreaterThanOrEqual(50);
    await world.stop();
  });
});
