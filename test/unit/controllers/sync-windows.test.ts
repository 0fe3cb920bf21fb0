import { describe, expect, test } from 'vitest';
import type { ExternalSecretData, ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import type { SyncWindows } from '../../../src/api/sync-windows.ts';
import { SourceUnavailable } from '../../../src/ports/errors.ts';
import { putCredentials, withStaticStore } from './static-store.ts';
import { HOUR_MS, World } from './world.ts';

const NIGHTLY: SyncWindows = { kind: 'allow', windows: [{ schedule: '0 2 * * *', duration: '1h' }] };
const MINUTE_MS = 60_000;
/** The first version that there is. */
const PINNED = { key: 'prod/db', version: 'uuid/v1' };

function specOf(syncWindows: SyncWindows, spec: ExternalSecretSpec = {}): ExternalSecretSpec {
  return { refreshInterval: '1m', syncWindows, ...spec };
}

/** Virtual time begins at whatever it does: this is the next time that the clock shows that hour. */
async function goTo(world: World, hour: number): Promise<void> {
  const dayMs = 24 * HOUR_MS;
  const nowMs = world.clock.nowMs() % dayMs;
  await world.advance((hour * HOUR_MS - nowMs + dayMs) % dayMs);
}

async function syncedAt(hour: number, syncWindows = NIGHTLY): Promise<World> {
  const world = await World.withStore();
  await goTo(world, hour);
  world.externalSecret('team/app', specOf(syncWindows));
  await world.settle();
  return world;
}

describe('an ExternalSecret with windows', () => {
  test('is synced the first time outside of them', async () => {
    const world = await syncedAt(12);
    expect(world.secret()).toEqual({ password: 'value-1' });
    world.expectSynced();
    await world.stop();
  });

  test('gets a rotation when one opens, and not before', async () => {
    const world = await syncedAt(12);
    world.aws.put('prod/db', 'value-2');
    await goTo(world, 1);
    expect(world.secret()).toEqual({ password: 'value-1' });
    world.expectSynced();
    await world.advance(HOUR_MS + 2 * MINUTE_MS);
    expect(world.secret()).toEqual({ password: 'value-2' });
    world.expectSynced();
    await world.stop();
  });

  test('gets a rotation at once while one is open', async () => {
    const world = await syncedAt(2.25);
    world.aws.put('prod/db', 'value-2');
    await world.advance(2 * MINUTE_MS);
    expect(world.secret()).toEqual({ password: 'value-2' });
    await world.stop();
  });

  test('waits for a denying one to end', async () => {
    const world = await syncedAt(2.25, { ...NIGHTLY, kind: 'deny' });
    world.aws.put('prod/db', 'value-2');
    await world.advance(30 * MINUTE_MS);
    expect(world.secret()).toEqual({ password: 'value-1' });
    await world.advance(20 * MINUTE_MS);
    expect(world.secret()).toEqual({ password: 'value-2' });
    await world.stop();
  });

  test('has nothing left to do for an event until one opens', async () => {
    const world = await syncedAt(12);
    world.aws.put('prod/db', 'value-2');
    await world.advance(2 * MINUTE_MS);
    expect([world.isStuck(), world.awaitsWindow()]).toEqual([true, true]);
    await goTo(world, 2);
    await world.advance(MINUTE_MS);
    expect([world.isStuck(), world.awaitsWindow()]).toEqual([false, false]);
    await world.stop();
  });

  test('does not wait with its own change, nor with the repair of its target', async () => {
    const world = await syncedAt(12);
    world.aws.put('prod/db', 'value-2');
    await world.advance(2 * MINUTE_MS);
    world.cluster.secrets.edit('team/app', { data: { password: 'edited' } });
    await world.settle();
    expect(world.secret()).toEqual({ password: 'value-2' });
    world.aws.put('prod/db', 'value-3');
    await world.advance(2 * MINUTE_MS);
    world.externalSecret('team/app', specOf(NIGHTLY), { annotations: { 'force-sync': '1' } });
    await world.settle();
    expect(world.secret()).toEqual({ password: 'value-3' });
    await world.stop();
  });

  test('does not sync a rotation after a restart either, and does when one opens', async () => {
    const world = await syncedAt(12);
    await world.stop();
    world.aws.put('prod/db', 'value-2');
    await world.start();
    await world.advance(5 * MINUTE_MS);
    expect(world.secret()).toEqual({ password: 'value-1' });
    await goTo(world, 2);
    await world.advance(5 * MINUTE_MS);
    expect(world.secret()).toEqual({ password: 'value-2' });
    await world.stop();
  });

  test.each<[string, boolean, readonly ExternalSecretData[]]>([
    ['its looks give labels only', true, []],
    ['one of its versions is named by its id', false, [{ secretKey: 'old', remoteRef: PINNED }]],
  ])('does not sync a rotation after a restart where %s', async (_, labelsOnly, more) => {
    const world = await World.withStore();
    world.aws.labelsOnly = labelsOnly;
    await goTo(world, 12);
    const password = { secretKey: 'password', remoteRef: { key: 'prod/db' } };
    world.externalSecret('team/app', specOf(NIGHTLY, { data: [password, ...more] }));
    await world.advance(2_000);
    await world.stop();
    world.aws.put('prod/db', 'value-2');
    await world.start();
    await world.advance(5 * MINUTE_MS);
    expect(world.secret()).toMatchObject({ password: 'value-1' });
    await goTo(world, 2);
    await world.advance(5 * MINUTE_MS);
    expect(world.secret()).toMatchObject({ password: 'value-2' });
    await world.stop();
  });

  test('is read with rotated credentials when one opens', async () => {
    const world = await withStaticStore();
    await goTo(world, 12);
    world.externalSecret('team/app', specOf(NIGHTLY));
    await world.advance(2_000);
    world.aws.put('prod/db', 'value-2');
    putCredentials(world, 'fake-2');
    await world.advance(5 * MINUTE_MS);
    expect(world.secret()).toEqual({ password: 'value-1' });
    await goTo(world, 2);
    await world.advance(MINUTE_MS);
    expect(world.secret()).toEqual({ password: 'value-2' });
    world.aws.put('prod/db', 'value-3');
    await world.advance(2 * MINUTE_MS);
    expect(world.secret()).toEqual({ password: 'value-3' });
    world.expectSynced();
    await world.stop();
  });

  test('waits with a template that changed, too', async () => {
    const world = await World.withStore();
    await goTo(world, 12);
    world.cluster.configMaps.put('team/texts', { url: 'one' });
    const templateFrom = [{ configMap: { name: 'texts', items: [{ key: 'url' }] } }];
    world.externalSecret('team/app', specOf(NIGHTLY, { target: { template: { templateFrom } } }));
    await world.settle();
    world.cluster.configMaps.put('team/texts', { url: 'two' });
    await world.advance(MINUTE_MS);
    expect(world.secret()).toEqual({ url: 'one' });
    await goTo(world, 2);
    await world.advance(5 * MINUTE_MS);
    expect(world.secret()).toEqual({ url: 'two' });
    await world.stop();
  });

  test('costs no reads and no writes while it waits', async () => {
    const world = await syncedAt(12);
    world.aws.put('prod/db', 'value-2');
    await world.advance(5 * MINUTE_MS);
    world.forgetCalls();
    await world.advance(6 * HOUR_MS);
    expect(world.cost()).toMatchObject({ reads: 0, secretWrites: 0, statusWrites: 0 });
    await world.stop();
  });

  test('tells a failure of its source outside of them', async () => {
    const world = await syncedAt(12);
    world.aws.fail(new SourceUnavailable('no answer'));
    await world.advance(10 * MINUTE_MS);
    world.expectCondition('False', 'SecretSyncedError', 'no answer');
    await world.stop();
  });

  test.each<[string, SyncWindows, string]>([
    [
      'a schedule that is none',
      { kind: 'allow', windows: [{ schedule: '61 * * * *', duration: '1h' }] },
      'spec.syncWindows.windows[0].schedule',
    ],
    [
      'a duration that is none',
      { kind: 'deny', windows: [{ schedule: '@daily', duration: '1d' }] },
      'spec.syncWindows.windows[0].duration',
    ],
  ])('that has %s is told so, and nothing is read', async (_, syncWindows, message) => {
    const world = await World.withStore();
    world.forgetCalls();
    world.externalSecret('team/app', specOf(syncWindows));
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', message);
    expect(world.aws.count('read')).toBe(0);
    await world.stop();
  });
});
