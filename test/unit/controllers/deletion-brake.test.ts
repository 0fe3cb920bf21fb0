import { describe, expect, test } from 'vitest';
import type { ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import { AccessDenied, SecretNotFound } from '../../../src/ports/errors.ts';
import { storeSpec } from '../domain/manifests.ts';
import { HOUR_MS, World, type WorldOptions } from './world.ts';

const CONFIRM = 'keyturn.dev/confirm-deletion';
const keyOf = (at: number) => `team/app-${at}`;
const secretOf = (at: number) => `prod/${at}`;
const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);

function specOf(at: number, refreshInterval = '10s'): ExternalSecretSpec {
  return {
    refreshInterval,
    target: { deletionPolicy: 'Delete' },
    data: [{ secretKey: 'password', remoteRef: { key: secretOf(at) } }],
  };
}

/** So many ExternalSecrets with a secret each. */
async function worldOf(count: number, options: WorldOptions = {}, refreshInterval?: string): Promise<World> {
  const world = await World.withStore(options);
  for (const at of numbers(count)) {
    world.aws.put(secretOf(at), `value-${at}`);
    world.externalSecret(keyOf(at), specOf(at, refreshInterval));
  }
  await world.advance(11_000);
  world.forgetCalls();
  return world;
}

function vanish(world: World, ats: readonly number[]): void {
  for (const at of ats) world.aws.remove(secretOf(at));
}

const left = (world: World, count: number) => numbers(count).filter((at) => world.secret(keyOf(at)) !== undefined);

function holdOf(world: World, at: number): string {
  return /confirm-deletion=(\S+)$/.exec(world.condition(keyOf(at)).message ?? '')?.[1] ?? '';
}

function confirm(world: World, at: number, hold: string): void {
  world.externalSecret(keyOf(at), specOf(at), { annotations: { [CONFIRM]: hold } });
}

describe('when many secrets of an identity vanish at once', () => {
  test('nothing is deleted, and a condition, an Event and the count say so', async () => {
    const world = await worldOf(20);
    vanish(world, numbers(5));
    await world.advance(HOUR_MS);
    expect(left(world, 20)).toHaveLength(20);
    for (const at of numbers(5)) world.expectCondition('False', 'DeletionHeld', '5 of 20 secrets', keyOf(at));
    world.expectSynced(keyOf(7));
    const told = world.cluster.notes.filter(({ reason }) => reason === 'DeletionHeld');
    expect(new Set(told.map(({ type }) => type))).toEqual(new Set(['Warning']));
    expect(world.heldDeletions).toBe(5);
    await world.stop();
  });

  test('waiting costs no reads and no writes', async () => {
    const world = await worldOf(20);
    vanish(world, numbers(5));
    await world.advance(60_000);
    world.forgetCalls();
    await world.advance(HOUR_MS);
    expect(world.cost()).toMatchObject({ secretWrites: 0, reads: 0 });
    // The heartbeat of the others.
    expect(world.cluster.statusWrites.filter((key) => numbers(5).some((at) => key.endsWith(keyOf(at))))).toEqual([]);
  });

  test('it is over by itself when they are back', async () => {
    const world = await worldOf(20);
    vanish(world, numbers(5));
    await world.advance(60_000);
    for (const at of numbers(5)) world.aws.put(secretOf(at), `again-${at}`);
    await world.advance(11_000);
    for (const at of numbers(5)) {
      world.expectSynced(keyOf(at));
      expect(world.secret(keyOf(at))).toEqual({ password: `again-${at}` });
    }
    expect(world.heldDeletions).toBe(0);
  });

  test('it is over as well when they are back as they were', async () => {
    const world = await worldOf(20);
    for (const at of numbers(5)) world.aws.fail(new SecretNotFound('scheduled for deletion'), { key: secretOf(at) });
    await world.advance(60_000);
    expect(world.heldDeletions).toBe(5);
    world.forgetCalls();
    world.aws.recover();
    await world.advance(11_000);
    for (const at of numbers(5)) world.expectSynced(keyOf(at));
    expect(world.heldDeletions).toBe(0);
    expect(world.cost()).toMatchObject({ secretWrites: 0, reads: 0 });
  });

  test('what vanishes while they wait, waits under the same hold, and changes no words', async () => {
    const world = await worldOf(40, { deletionBrakePercent: 10 });
    vanish(world, numbers(5));
    await world.advance(3 * HOUR_MS);
    const { message } = world.condition(keyOf(0));
    vanish(world, [5]);
    await world.advance(60_000);
    expect(left(world, 6)).toHaveLength(6);
    expect(holdOf(world, 5)).toBe(holdOf(world, 0));
    world.expectCondition('False', 'DeletionHeld', '6 of 40', keyOf(5));
    await world.reconcile(keyOf(0));
    expect(world.condition(keyOf(0)).message).toBe(message);
  });

  test('another failure that is told meanwhile does not end it', async () => {
    const world = await worldOf(20);
    vanish(world, numbers(5));
    await world.advance(60_000);
    world.aws.fail(new AccessDenied('not allowed'));
    await world.advance(60_000);
    world.expectCondition('False', 'SecretSyncedError', 'not allowed', keyOf(0));
    for (const at of [3, 4]) world.aws.put(secretOf(at), 'again');
    world.aws.recover();
    await world.advance(2 * HOUR_MS);
    expect(left(world, 5)).toHaveLength(5);
    world.expectCondition('False', 'DeletionHeld', 'confirm-deletion', keyOf(0));
  });

  test('a store that fails meanwhile does not end it', async () => {
    const world = await worldOf(20);
    vanish(world, numbers(5));
    await world.advance(60_000);
    world.store(storeSpec({}, { provider: {} }));
    await world.advance(5_000);
    world.expectCondition('False', 'SecretSyncedError', 'is not ready', keyOf(0));
    for (const at of [3, 4]) world.aws.put(secretOf(at), 'again');
    world.store();
    await world.advance(2 * HOUR_MS);
    expect(left(world, 5)).toHaveLength(5);
  });

  test('another failure that is told, and a restart, do not end it for one of them', async () => {
    const world = await worldOf(20);
    vanish(world, numbers(6));
    await world.advance(60_000);
    world.externalSecret(keyOf(0), { ...specOf(0), refreshInterval: '1d' });
    await world.settle();
    expect(world.condition(keyOf(0)).reason).toBe('SecretSyncedError');
    await world.restart();
    world.externalSecret(keyOf(0), specOf(0));
    await world.advance(60_000);
    expect(left(world, 20)).toHaveLength(20);
    world.expectCondition('False', 'DeletionHeld', '', keyOf(0));
    await world.stop();
  });

  test('what vanishes after a restart waits with those that wait already', async () => {
    const world = await worldOf(20);
    vanish(world, numbers(6));
    await world.advance(60_000);
    await world.restart();
    await world.advance(60_000);
    vanish(world, [10]);
    await world.advance(60_000);
    expect(left(world, 20)).toHaveLength(20);
    world.expectCondition('False', 'DeletionHeld', '', keyOf(10));
    await world.stop();
  });

  test('those that are restored first do not let the others go, nor do new ones', async () => {
    const world = await worldOf(20);
    vanish(world, numbers(5));
    await world.advance(60_000);
    for (const at of [0, 1]) world.aws.put(secretOf(at), 'again');
    for (const at of numbers(30).slice(20)) {
      world.aws.put(secretOf(at), 'new');
      world.externalSecret(keyOf(at), specOf(at));
    }
    await world.advance(HOUR_MS);
    expect(left(world, 5)).toHaveLength(5);
    await world.restart();
    await world.advance(HOUR_MS);
    expect(left(world, 5)).toHaveLength(5);
    world.expectCondition('False', 'DeletionHeld', 'confirm-deletion', keyOf(4));
    expect(world.heldDeletions).toBe(3);
  });

  test('each is deleted when its own hold is confirmed, and only that', async () => {
    const world = await worldOf(20);
    vanish(world, numbers(5));
    await world.advance(60_000);
    const hold = holdOf(world, 0);
    expect(new Set(numbers(5).map((at) => holdOf(world, at)))).toEqual(new Set([hold]));
    confirm(world, 0, hold);
    confirm(world, 1, 'true');
    await world.advance(20_000);
    expect(left(world, 5)).toEqual([1, 2, 3, 4]);
    world.expectCondition('True', 'SecretDeleted', 'secret deleted', keyOf(0));
    world.expectCondition('False', 'DeletionHeld', hold, keyOf(1));
  });

  test('a confirmation holds across a restart, and is none for the next time', async () => {
    const world = await worldOf(20);
    vanish(world, numbers(5));
    await world.advance(60_000);
    const hold = holdOf(world, 0);
    await world.restart();
    for (const at of numbers(5)) confirm(world, at, hold);
    await world.advance(20_000);
    expect(left(world, 5)).toEqual([]);
    for (const at of numbers(5)) world.aws.put(secretOf(at), 'again');
    await world.advance(25 * HOUR_MS);
    expect(left(world, 5)).toHaveLength(5);
    vanish(world, numbers(5));
    await world.advance(60_000);
    expect(left(world, 5)).toHaveLength(5);
    world.expectCondition('False', 'DeletionHeld', 'confirm-deletion', keyOf(0));
    expect(holdOf(world, 0)).not.toBe(hold);
  });

  test('keys wait as whole Secrets do', async () => {
    const world = await World.withStore();
    for (const at of numbers(6)) world.aws.put(secretOf(at), `value-${at}`);
    const data = numbers(6).map((at) => ({ secretKey: `k${at}`, remoteRef: { key: secretOf(at) } }));
    world.externalSecret('team/app', { refreshInterval: '10s', target: { deletionPolicy: 'Merge' }, data });
    await world.advance(11_000);
    vanish(world, numbers(5));
    await world.advance(60_000);
    expect(Object.keys(world.secret() ?? {})).toHaveLength(6);
    world.expectCondition('False', 'DeletionHeld', '5 of 6 secrets');
  });

  test('they wait after a restart that came before they were seen', async () => {
    const world = await worldOf(20);
    await world.stop();
    vanish(world, numbers(10));
    await world.start();
    await world.advance(HOUR_MS);
    expect(left(world, 20)).toHaveLength(20);
  });
});

describe('what vanishes bit by bit', () => {
  test('counts together within an hour, what was deleted before included', async () => {
    const world = await worldOf(20);
    for (const at of numbers(8)) {
      vanish(world, [at]);
      await world.advance(60_000);
    }
    expect(left(world, 8)).toEqual([4, 5, 6, 7]);
    world.expectCondition('False', 'DeletionHeld', '5 of 20', keyOf(4));
  });

  test('of one ExternalSecret counts together as well', async () => {
    const world = await World.withStore();
    for (const at of numbers(10)) world.aws.put(secretOf(at), `value-${at}`);
    const data = numbers(10).map((at) => ({ secretKey: `k${at}`, remoteRef: { key: secretOf(at) } }));
    world.externalSecret('team/app', { refreshInterval: '10s', target: { deletionPolicy: 'Merge' }, data });
    await world.advance(11_000);
    for (const at of numbers(8)) {
      vanish(world, [at]);
      await world.advance(60_000);
    }
    expect(Object.keys(world.secret() ?? {})).toHaveLength(6);
  });

  test('is deleted when it is spread over days', async () => {
    const world = await worldOf(10, {}, '10m');
    for (const at of numbers(6)) {
      vanish(world, [at]);
      await world.advance(2 * HOUR_MS);
    }
    expect(left(world, 10)).toEqual([6, 7, 8, 9]);
  });
});

describe('what does not brake', () => {
  test('fewer than five', async () => {
    const world = await worldOf(4);
    vanish(world, numbers(4));
    await world.advance(60_000);
    expect(left(world, 4)).toEqual([]);
  });

  test('a share that is small enough', async () => {
    const world = await worldOf(30);
    vanish(world, numbers(6));
    await world.advance(60_000);
    expect(left(world, 6)).toEqual([]);
  });

  test('anything, when it is switched off, what waited before included', async () => {
    const world = await worldOf(10);
    vanish(world, numbers(5));
    await world.advance(60_000);
    expect(left(world, 5)).toHaveLength(5);
    await world.restart({ deletionBrakePercent: 0 });
    await world.advance(60_000);
    expect(left(world, 5)).toEqual([]);
  });

  test('secrets that were never there', async () => {
    const world = await worldOf(5);
    for (const at of numbers(20).slice(5)) world.externalSecret(keyOf(at), specOf(at));
    await world.advance(60_000);
    vanish(world, [0]);
    await world.advance(60_000);
    expect(left(world, 5)).toEqual([1, 2, 3, 4]);
  });

  test('one secret that many use is one', async () => {
    const world = await World.withStore();
    for (const at of numbers(8)) {
      world.externalSecret(keyOf(at), { ...specOf(at), data: [{ secretKey: 'p', remoteRef: { key: 'prod/db' } }] });
    }
    await world.advance(11_000);
    world.aws.remove('prod/db');
    await world.advance(60_000);
    expect(left(world, 8)).toEqual([]);
  });

  test('ExternalSecrets that are deleted themselves', async () => {
    const world = await worldOf(10);
    vanish(world, numbers(5));
    await world.advance(60_000);
    for (const at of numbers(5)) world.cluster.delete('ExternalSecret', keyOf(at));
    await world.settle();
    expect(left(world, 5)).toEqual([]);
    expect(world.heldDeletions).toBe(0);
  });

  test('a change to Retain ends the waiting', async () => {
    const world = await worldOf(10);
    vanish(world, numbers(5));
    await world.advance(60_000);
    world.externalSecret(keyOf(0), { ...specOf(0), target: { deletionPolicy: 'Retain' } });
    await world.advance(20_000);
    world.expectCondition('False', 'SecretSyncedError', 'AWS has no secret', keyOf(0));
    expect(world.heldDeletions).toBe(4);
  });
});
