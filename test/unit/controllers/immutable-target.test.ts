import { describe, expect, test } from 'vitest';
import type { ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import { HOUR_MS, World } from './world.ts';

const IMMUTABLE: ExternalSecretSpec = { refreshInterval: '2s', target: { immutable: true } };
const PROBLEM = 'could not update secret, target is immutable: Secret "app"';

async function frozen(): Promise<World> {
  const world = await World.withStore();
  world.externalSecret('team/app', IMMUTABLE);
  await world.advance(5_000);
  world.expectSynced();
  expect(world.cluster.secrets.isImmutable('team/app')).toBe(true);
  world.forgetCalls();
  return world;
}

describe('target.immutable', () => {
  test('makes the Secret immutable, at once or later, with one write', async () => {
    const world = await World.synced();
    expect(world.cluster.secrets.isImmutable('team/app')).toBe(false);
    world.externalSecret('team/app', IMMUTABLE);
    await world.settle();
    expect(world.cluster.secrets.isImmutable('team/app')).toBe(true);
    expect(world.cost().secretWrites).toBe(1);
    world.forgetCalls();
    await world.restart();
    await world.advance(1_000);
    expect(world.cost()).toMatchObject({ secretWrites: 0, statusWrites: 0, reads: 0 });
  });

  test('a new version is told once, written never, and read not at all', async () => {
    const world = await frozen();
    world.aws.put('prod/db', 'value-2');
    await world.advance(HOUR_MS / 2);
    world.expectCondition('False', 'SecretSyncedError', PROBLEM);
    expect(world.secret()).toEqual({ password: 'value-1' });
    expect(world.cost()).toMatchObject({ secretWrites: 0, statusWrites: 1, reads: 0 });
    await world.restart();
    await world.advance(HOUR_MS / 2);
    expect(world.cost()).toMatchObject({ secretWrites: 0, statusWrites: 1, reads: 0 });
  });

  test('deleting the Secret makes it anew with what AWS has', async () => {
    const world = await frozen();
    world.aws.put('prod/db', 'value-2');
    await world.advance(5_000);
    world.cluster.secrets.remove('team/app');
    await world.settle();
    expect(world.secret()).toEqual({ password: 'value-2' });
    expect(world.cluster.secrets.isImmutable('team/app')).toBe(true);
    world.expectSynced();
  });

  test('a change that needs other data is refused and told, without a storm', async () => {
    const world = await frozen();
    world.externalSecret('team/app', { ...IMMUTABLE, data: [{ secretKey: 'renamed', remoteRef: { key: 'prod/db' } }] });
    await world.advance(HOUR_MS / 2);
    world.expectCondition('False', 'SecretSyncedError', PROBLEM);
    expect(world.secret()).toEqual({ password: 'value-1' });
    expect(world.cost()).toMatchObject({ secretWrites: 1, statusWrites: 1, reads: 1 });
  });

  test('labels follow the ExternalSecret, and are put right', async () => {
    const world = await frozen();
    world.externalSecret('team/app', IMMUTABLE, { labels: { team: 'a' } });
    await world.settle();
    expect(world.cluster.secrets.metadata('team/app')?.labels).toMatchObject({ team: 'a' });
    world.cluster.secrets.edit('team/app', { labels: { team: 'z' } });
    await world.settle();
    expect(world.cluster.secrets.metadata('team/app')?.labels).toMatchObject({ team: 'a' });
    world.expectSynced();
  });

  test('what somebody else has made immutable is found out at the write', async () => {
    const world = await World.synced({ refreshInterval: '2s' });
    world.cluster.secrets.edit('team/app', { immutable: true });
    await world.settle();
    world.expectSynced();
    world.aws.put('prod/db', 'value-2');
    await world.advance(HOUR_MS / 2);
    world.expectCondition('False', 'SecretSyncedError', PROBLEM);
    expect(world.secret()).toEqual({ password: 'value-1' });
    expect(world.cost()).toMatchObject({ secretWrites: 1, reads: 1 });
  });

  test('it is deleted when its sources are gone, and made again', async () => {
    const world = await World.withStore();
    world.externalSecret('team/app', { ...IMMUTABLE, target: { immutable: true, deletionPolicy: 'Delete' } });
    await world.advance(3_000);
    world.aws.remove('prod/db');
    await world.advance(9_000);
    expect(world.secret()).toBeUndefined();
    world.aws.put('prod/db', 'value-2');
    await world.advance(2_100);
    expect(world.secret()).toEqual({ password: 'value-2' });
  });
});
