import { describe, expect, test } from 'vitest';
import { withStaticStore } from './static-store.ts';
import { World } from './world.ts';

/** `team/app` was synced from two versions, the second some time after the first, and a while ago. */
async function twiceSynced(make: () => Promise<World>): Promise<World> {
  const world = await make();
  await world.advance(30_000);
  world.aws.put('prod/db', 'value-2');
  await world.advance(30_000);
  expect(world.secret()).toEqual({ password: 'value-2' });
  return world;
}

describe('an older version than the one that was written', () => {
  test('that AWS gives just after a restart is not written', async () => {
    const world = await twiceSynced(() => World.synced({ refreshInterval: '10s' }));
    await world.stop();
    world.aws.answerStale('prod/db', 1);
    world.forgetCalls();
    await world.start();
    await world.advance(30_000);
    expect(world.secret()).toEqual({ password: 'value-2' });
    expect(world.cost().secretWrites).toBe(0);
    await world.stop();
  });

  test('that AWS gives after a restart that looked at nothing but labels is not written', async () => {
    const world = await twiceSynced(() => World.synced({ refreshInterval: '10s' }));
    world.aws.labelsOnly = true;
    await world.restart();
    world.forgetCalls();
    await world.advance(1_000);
    // One look, and the read that it leads to.
    world.aws.answerStale('prod/db', 2);
    await world.advance(30_000);
    expect(world.secret()).toEqual({ password: 'value-2' });
    expect(world.cost().secretWrites).toBe(0);
    await world.stop();
  });

  test('that is still the answer after five seconds is a rollback, and written', async () => {
    const world = await twiceSynced(() => World.synced({ refreshInterval: '10s' }));
    await world.stop();
    world.aws.rollBack('prod/db');
    await world.start();
    await world.advance(4_900);
    expect(world.secret()).toEqual({ password: 'value-2' });
    await world.advance(5_000);
    expect(world.secret()).toEqual({ password: 'value-1' });
    await world.stop();
  });

  test('that comes with other credentials is held too', async () => {
    const world = await twiceSynced(async () => {
      const made = await withStaticStore();
      made.externalSecret('team/app', { refreshInterval: '10s' });
      return made;
    });
    world.aws.rollBack('prod/db');
    world.cluster.secrets.edit('team/creds', { labels: { touched: 'yes' } });
    await world.advance(4_900);
    expect(world.secret()).toEqual({ password: 'value-2' });
    await world.advance(5_000);
    expect(world.secret()).toEqual({ password: 'value-1' });
  });
});

describe('what is new is not held', () => {
  test('a rotation that happened during a restart', async () => {
    const world = await twiceSynced(() => World.synced({ refreshInterval: '10s' }));
    await world.stop();
    await world.advance(5_000);
    world.aws.put('prod/db', 'value-3');
    await world.start();
    await world.advance(100);
    expect(world.secret()).toEqual({ password: 'value-3' });
  });

  test('a change of the ExternalSecret during a restart', async () => {
    const world = await twiceSynced(() => World.synced({ refreshInterval: '10s' }));
    await world.stop();
    await world.advance(5_000);
    world.externalSecret('team/app', { data: [{ secretKey: 'other', remoteRef: { key: 'prod/db' } }] });
    await world.start();
    expect(world.secret()).toEqual({ other: 'value-2' });
  });
});
