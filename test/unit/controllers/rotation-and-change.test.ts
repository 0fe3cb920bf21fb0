import { describe, expect, test } from 'vitest';
import type { ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import { SecretNotFound } from '../../../src/ports/errors.ts';
import { HOUR_MS, NOTHING, World } from './world.ts';

describe('a rotation', () => {
  test('arrives within the interval, for one read, one Secret write and one status write', async () => {
    const world = await World.synced({ refreshInterval: '2s' });
    await world.advance(10_000);
    world.aws.put('prod/db', 'value-2');
    world.forgetCalls();
    await world.advance(2_000);
    expect(world.secret()).toEqual({ password: 'value-2' });
    expect(world.cost()).toMatchObject({ secretWrites: 1, statusWrites: 1, reads: 1 });
    expect(world.cluster.notes).toMatchObject([{ reason: 'Updated' }]);
    world.forgetCalls();
    await world.advance(20_000);
    expect(world.cost()).toMatchObject({ secretWrites: 0, statusWrites: 0, reads: 0 });
  });

  test('does not concern a version that is named by its id, which is not even asked for', async () => {
    const pinned = { key: 'prod/db', version: 'uuid/v1' };
    const world = await World.synced({ refreshInterval: '2s', data: [{ secretKey: 'password', remoteRef: pinned }] });
    world.aws.put('prod/db', 'value-2');
    await world.advance(60_000);
    expect(world.secret()).toEqual({ password: 'value-1' });
    expect(world.cost()).toMatchObject({ reads: 0, probes: 0 });
  });

  test('of another secret of the same object is written after a restart too', async () => {
    const world = await World.withStore();
    world.aws.put('prod/other', 'other-1');
    const pinned = { key: 'prod/db', version: 'uuid/v1' };
    world.externalSecret('team/app', {
      refreshInterval: '2s',
      data: [
        { secretKey: 'pinned', remoteRef: pinned },
        { secretKey: 'other', remoteRef: { key: 'prod/other' } },
      ],
    });
    await world.advance(10_000);
    world.forgetCalls();
    await world.restart();
    await world.advance(10_000);
    expect(world.cost()).toMatchObject({ secretWrites: 0, statusWrites: 0 });
    world.aws.put('prod/other', 'other-2');
    await world.advance(3_000);
    expect(world.secret()).toEqual({ pinned: 'value-1', other: 'other-2' });
    await world.stop();
  });

  test('to the same value writes the new hash and nothing else', async () => {
    const world = await World.synced({ refreshInterval: '2s' });
    world.aws.put('prod/db', 'value-1');
    await world.advance(3_000);
    expect(world.secret()).toEqual({ password: 'value-1' });
    world.forgetCalls();
    await world.advance(60_000);
    expect(world.cost()).toMatchObject({ secretWrites: 0, reads: 0 });
  });

  test('of one secret reaches its 200 users, for one call that finds it and one that reads it', async () => {
    const world = await World.withStore();
    for (let at = 0; at < 200; at += 1) world.externalSecret(`team/app-${at}`, { refreshInterval: '10s' });
    await world.settle();
    world.forgetCalls();
    await world.advance(20_000);
    expect(world.cost()).toMatchObject({ secretWrites: 0, statusWrites: 0, reads: 0 });
    expect(world.cost().probes).toBeLessThanOrEqual(2);
    world.aws.latencyMs = 20;
    world.aws.put('prod/db', 'value-2');
    world.forgetCalls();
    await world.advance(10_500);
    expect(world.cluster.secrets.writes).toHaveLength(200);
    expect(new Set(world.cluster.secrets.keys().map((key) => world.secret(key)?.['password']))).toEqual(
      new Set(['value-2']),
    );
    expect(world.cost().probes).toBeLessThanOrEqual(2);
    expect(world.cost().reads).toBeLessThanOrEqual(Math.ceil(200 / 32));
    await world.stop();
  });

  test('that a stale replica does not know of yet does not go backwards', async () => {
    const world = await World.synced({ refreshInterval: '2s' });
    world.aws.put('prod/db', 'value-2');
    await world.advance(3_000);
    expect(world.secret()).toEqual({ password: 'value-2' });
    world.aws.answerStale('prod/db', 3);
    world.externalSecret('team/app', { refreshInterval: '2s' }, { annotations: { 'force-sync': '1' } });
    await world.settle();
    expect(world.secret()).toEqual({ password: 'value-2' });
    await world.advance(30_000);
    expect(world.secret()).toEqual({ password: 'value-2' });
    world.expectSynced();
  });

  test('that is rolled back goes back, once that has lasted', async () => {
    const world = await World.synced({ refreshInterval: '2s' });
    world.aws.put('prod/db', 'value-2');
    await world.advance(3_000);
    world.aws.rollBack('prod/db');
    await world.advance(3_000);
    expect(world.secret()).toEqual({ password: 'value-2' });
    await world.advance(10_000);
    expect(world.secret()).toEqual({ password: 'value-1' });
  });
});

describe('a change of the ExternalSecret', () => {
  test.each<[string, (world: World) => void]>([
    [
      'its spec',
      (world) => world.externalSecret('team/app', { data: [{ secretKey: 'renamed', remoteRef: { key: 'prod/db' } }] }),
    ],
    ['a label', (world) => world.externalSecret('team/app', {}, { labels: { a: 'b' } })],
    ['an annotation', (world) => world.externalSecret('team/app', {}, { annotations: { 'force-sync': '1' } })],
  ])('%s syncs at once', async (_, change) => {
    const world = await World.synced();
    world.aws.put('prod/db', 'value-2');
    change(world);
    await world.settle();
    expect(Object.values(world.secret() ?? {})).toEqual(['value-2']);
    expect(world.cost()).toMatchObject({ reads: 1, secretWrites: 1, statusWrites: 1 });
  });

  test('a key that is not wanted any more goes', async () => {
    const world = await World.synced();
    world.externalSecret('team/app', { data: [{ secretKey: 'other', remoteRef: { key: 'prod/db' } }] });
    await world.settle();
    expect(world.secret()).toEqual({ other: 'value-1' });
  });

  test('while its values are read, only the last state is written', async () => {
    const world = await World.withStore();
    world.aws.latencyMs = 100;
    world.externalSecret();
    await world.advance(50);
    world.externalSecret('team/app', { data: [{ secretKey: 'second', remoteRef: { key: 'prod/db' } }] });
    await world.advance(500);
    expect(world.cluster.secrets.writes).toEqual(['create team/app']);
    expect(world.secret()).toEqual({ second: 'value-1' });
  });

  test('to something bad keeps the last good Secret, and says so once', async () => {
    const world = await World.synced();
    world.externalSecret('team/app', { refreshInterval: '1d' });
    await world.advance(HOUR_MS);
    world.expectCondition('False', 'SecretSyncedError', 'spec.refreshInterval "1d" is not a duration');
    expect(world.secret()).toEqual({ password: 'value-1' });
    expect(world.cost()).toMatchObject({ statusWrites: 1, secretWrites: 0, probes: 0 });
    world.externalSecret('team/app', { refreshInterval: '1h' });
    await world.settle();
    world.expectSynced();
  });

  test('to what the schema does not know is told', async () => {
    const world = await World.synced();
    world.cluster.apply('ExternalSecret', 'team/app', { data: 'nonsense' });
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', 'data');
    expect(world.secret()).toEqual({ password: 'value-1' });
  });
});

describe('objects that are not polled', () => {
  const once: ExternalSecretSpec = { refreshPolicy: 'CreatedOnce' };
  const onChange: ExternalSecretSpec = { refreshPolicy: 'OnChange' };
  const zero: ExternalSecretSpec = { refreshInterval: '0' };

  test.each<[string, ExternalSecretSpec]>([
    ['CreatedOnce', once],
    ['OnChange', onChange],
    ['an interval of zero', zero],
  ])('%s reads once, and neither polls nor writes afterwards', async (_, spec) => {
    const world = await World.synced(spec);
    world.expectSynced();
    world.aws.put('prod/db', 'value-2');
    await world.advance(24 * HOUR_MS);
    expect(world.cost()).toEqual(NOTHING);
    expect(world.secret()).toEqual({ password: 'value-1' });
    await world.restart();
    expect(world.cost()).toMatchObject({ secretWrites: 0, reads: 0 });
    await world.stop();
  });

  test.each<[string, ExternalSecretSpec, string]>([
    ['CreatedOnce does not sync again', once, 'value-1'],
    ['OnChange syncs again', onChange, 'value-2'],
    ['an interval of zero syncs again, unlike upstream', zero, 'value-2'],
  ])('when the object changes, %s', async (_, spec, value) => {
    const world = await World.synced(spec);
    world.aws.put('prod/db', 'value-2');
    world.externalSecret('team/app', spec, { annotations: { 'force-sync': '1' } });
    await world.settle();
    expect(world.secret()).toEqual({ password: value });
    await world.restart();
    expect(world.secret()).toEqual({ password: value });
    await world.stop();
  });

  test.each<[string, ExternalSecretSpec]>([
    ['CreatedOnce', once],
    ['OnChange', onChange],
  ])('%s makes its Secret again when it is deleted', async (_, spec) => {
    const world = await World.synced(spec);
    world.cluster.secrets.remove('team/app');
    await world.settle();
    expect(world.secret()).toEqual({ password: 'value-1' });
  });

  test('CreatedOnce that failed is tried until it worked once', async () => {
    const world = await World.withStore();
    world.aws.fail(new SecretNotFound('not yet'));
    world.externalSecret('team/app', once);
    await world.advance(5_000);
    expect(world.condition().status).toBe('False');
    world.aws.recover();
    await world.advance(60_000);
    world.expectSynced();
    expect(world.secret()).toEqual({ password: 'value-1' });
  });
});
