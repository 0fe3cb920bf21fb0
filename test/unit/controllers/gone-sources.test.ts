import { describe, expect, test } from 'vitest';
import type { ExternalSecretSpec, ExternalSecretTarget } from '../../../src/api/external-secret.ts';
import {
  AccessDenied,
  ClusterConflict,
  ClusterForbidden,
  type KeyturnError,
  SecretNotFound,
  SourceUnavailable,
  Throttled,
} from '../../../src/ports/errors.ts';
import { HOUR_MS, NOTHING, World } from './world.ts';

/** A look every two seconds, and five until what it says is believed. */
const BELIEVED_AFTER_MS = 8_000;

const entry = (secretKey: string, key: string) => ({ secretKey, remoteRef: { key } });
const TWO: ExternalSecretSpec = {
  refreshInterval: '2s',
  data: [entry('a', 'prod/db'), entry('b', 'prod/other')],
};

/** `team/app` with one source, or with the two of {@link TWO}. */
async function synced(target: ExternalSecretTarget, spec: ExternalSecretSpec = {}): Promise<World> {
  const world = await World.withStore();
  world.aws.put('prod/other', 'other-1');
  world.externalSecret('team/app', { refreshInterval: '2s', target, ...spec });
  await world.advance(3_000);
  world.expectSynced();
  world.forgetCalls();
  return world;
}

const reasons = (world: World) => world.cluster.notes.map(({ reason }) => reason);

describe('deletionPolicy Delete', () => {
  test('deletes the Secret when all of its sources are gone, says so, and makes it again when they are back', async () => {
    const world = await synced({ deletionPolicy: 'Delete' });
    world.aws.remove('prod/db');
    await world.advance(BELIEVED_AFTER_MS);
    expect(world.secret()).toBeUndefined();
    world.expectCondition('True', 'SecretDeleted', 'secret deleted due to DeletionPolicy=Delete');
    expect(world.cluster.status('ExternalSecret', 'team/app')).not.toHaveProperty('binding');
    expect(world.cluster.notes.filter(({ reason }) => reason === 'Deleted')).toMatchObject([
      { type: 'Normal', message: 'secret deleted due to DeletionPolicy=Delete' },
    ]);
    world.forgetCalls();
    await world.advance(HOUR_MS);
    expect(world.cost()).toMatchObject({ secretWrites: 0, statusWrites: 0, reads: 0 });
    world.aws.put('prod/db', 'value-2');
    await world.advance(2_100);
    expect(world.secret()).toEqual({ password: 'value-2' });
    world.expectSynced();
    await world.stop();
  });

  test('takes away the keys of those that are gone, while others are left', async () => {
    const world = await synced({ deletionPolicy: 'Delete' }, TWO);
    world.aws.remove('prod/other');
    await world.advance(BELIEVED_AFTER_MS);
    expect(world.secret()).toEqual({ a: 'value-1' });
    world.expectSynced();
    expect(world.cluster.notes).toContainEqual(
      expect.objectContaining({
        type: 'Normal',
        reason: 'MissingProviderSecret',
        message: 'secret does not exist at provider using spec.data[1] (key: prod/other)',
      }),
    );
    world.aws.put('prod/db', 'value-2');
    await world.advance(2_100);
    expect(world.secret()).toEqual({ a: 'value-2' });
    world.aws.put('prod/other', 'other-2');
    await world.advance(2_100);
    expect(world.secret()).toEqual({ a: 'value-2', b: 'other-2' });
  });

  test('believes that a source is gone only when that is still the answer five seconds later', async () => {
    const world = await synced({ deletionPolicy: 'Delete' });
    world.aws.fail(new SecretNotFound('a replica does not know it'));
    await world.advance(5_000);
    expect(world.cost().reads).toBeGreaterThan(0);
    world.aws.recover();
    await world.advance(60_000);
    expect(world.secret()).toEqual({ password: 'value-1' });
    expect(world.cost().secretWrites).toBe(0);
    world.expectSynced();
  });

  test.each<[string, KeyturnError]>([
    ['a denial', new AccessDenied('not allowed')],
    ['throttling', new Throttled('slow down')],
    ['an outage', new SourceUnavailable('no answer')],
  ])('deletes nothing for %s, however long it lasts', async (_, error) => {
    const world = await synced({ deletionPolicy: 'Delete' }, TWO);
    world.aws.fail(error);
    await world.advance(HOUR_MS);
    expect(world.secret()).toEqual({ a: 'value-1', b: 'other-1' });
    world.expectCondition('False', 'SecretSyncedError', error.message);
    await world.restart();
    await world.advance(HOUR_MS);
    expect(world.secret()).toEqual({ a: 'value-1', b: 'other-1' });
    expect(world.cost().secretWrites).toBe(0);
  });

  test.each<[string, (world: World) => Promise<void> | void]>([
    [
      'a change',
      (world) =>
        world.externalSecret('team/app', { ...TWO, target: { deletionPolicy: 'Delete' } }, { labels: { a: 'b' } }),
    ],
    ['a drift', (world) => world.cluster.secrets.edit('team/app', { data: { a: 'edited' } })],
    [
      'a restart and a change',
      async (world) => {
        await world.restart();
        world.externalSecret('team/app', { ...TWO, target: { deletionPolicy: 'Delete' } }, { labels: { a: 'b' } });
      },
    ],
  ])('deletes nothing for a denial that is met by the read after %s', async (_, happens) => {
    const world = await synced({ deletionPolicy: 'Delete' }, TWO);
    world.aws.fail(new AccessDenied('not allowed'));
    await happens(world);
    await world.advance(60_000);
    expect(Object.keys(world.secret() ?? {})).toEqual(['a', 'b']);
    world.expectCondition('False', 'SecretSyncedError', 'not allowed');
  });

  test('an event of a source that is gone has nothing to wait for', async () => {
    const world = await synced({ deletionPolicy: 'Delete' });
    expect(world.isStuck()).toBe(false);
    world.aws.remove('prod/db');
    await world.advance(BELIEVED_AFTER_MS);
    expect(world.isStuck()).toBe(true);
    world.aws.put('prod/db', 'value-2');
    await world.advance(2_100);
    expect(world.isStuck()).toBe(false);
  });

  test('takes away nothing while one source is gone and another cannot be read', async () => {
    const world = await synced({ deletionPolicy: 'Delete' }, TWO);
    world.aws.remove('prod/other');
    world.aws.fail(new AccessDenied('not allowed'), { key: 'prod/db' });
    await world.advance(60_000);
    expect(world.secret()).toEqual({ a: 'value-1', b: 'other-1' });
  });

  test.each([
    ['an empty object', '{}'],
    ['null', 'null'],
  ])('does not delete for %s', async (_, empty) => {
    const world = await World.withStore();
    world.aws.put('prod/db', '{"user":"u"}');
    world.externalSecret('team/app', {
      refreshInterval: '2s',
      target: { deletionPolicy: 'Delete' },
      data: [],
      dataFrom: [{ extract: { key: 'prod/db' } }],
    });
    await world.settle();
    world.aws.put('prod/db', empty);
    await world.advance(30_000);
    expect(world.secret()).toEqual({ user: 'u' });
    world.expectCondition('True', 'SecretSynced', 'secret retained');
  });

  test('makes what is there at first, although a source is not', async () => {
    const world = await World.withStore();
    world.externalSecret('team/app', { ...TWO, target: { deletionPolicy: 'Delete' } });
    await world.settle();
    expect(world.secret()).toEqual({ a: 'value-1' });
    world.expectSynced();
  });

  test('makes nothing of nothing, and leaves a Secret of that name alone', async () => {
    const world = await World.withStore();
    world.aws.remove('prod/db');
    world.cluster.secrets.edit('team/app', { data: { theirs: 'x' } });
    world.externalSecret('team/app', { target: { deletionPolicy: 'Delete' } });
    await world.advance(20_000);
    expect(world.secret()).toEqual({ theirs: 'x' });
    world.expectCondition('True', 'SecretSynced', 'secret left alone');
    expect(world.cost().secretWrites).toBe(0);
  });

  test('leaves a Secret alone that was taken from it', async () => {
    const world = await synced({ deletionPolicy: 'Delete' });
    const controller = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'uid-x' };
    world.aws.remove('prod/db');
    world.cluster.secrets.edit('team/app', { labels: { x: 'y' }, controller });
    await world.advance(20_000);
    expect(world.secret()).toEqual({ password: 'value-1' });
  });

  test('with Orphan deletes nothing, and says why', async () => {
    const world = await synced({ deletionPolicy: 'Delete', creationPolicy: 'Orphan' });
    world.aws.remove('prod/db');
    await world.advance(20_000);
    expect(world.secret()).toEqual({ password: 'value-1' });
    world.expectCondition('False', 'SecretSyncedError', 'could not delete secret');
    world.forgetCalls();
    await world.advance(HOUR_MS);
    expect(world.cost()).toMatchObject({ secretWrites: 0, statusWrites: 0, reads: 0 });
  });

  test('decides anew when the Secret moved under the deletion', async () => {
    const world = await synced({ deletionPolicy: 'Delete' });
    world.cluster.secrets.failNext('delete', new ClusterConflict('the object has changed'));
    world.aws.remove('prod/db');
    await world.advance(20_000);
    expect(world.secret()).toBeUndefined();
    world.expectCondition('True', 'SecretDeleted', 'secret deleted');
    expect(reasons(world)).not.toContain('UpdateFailed');
  });

  test('says what hinders it', async () => {
    const world = await synced({ deletionPolicy: 'Delete' });
    world.cluster.secrets.failNext('delete', new ClusterForbidden('lacks the RBAC rule'), 100);
    world.aws.remove('prod/db');
    await world.advance(60_000);
    world.expectCondition('False', 'SecretSyncedError', 'lacks the RBAC rule');
    expect(world.secret()).toEqual({ password: 'value-1' });
  });

  test('does not delete what is not its own any more when the answer comes', async () => {
    const world = await synced({ deletionPolicy: 'Delete' });
    world.aws.remove('prod/db');
    await world.advance(4_000);
    world.externalSecret('team/app', { refreshInterval: '2s', target: { deletionPolicy: 'Retain' } });
    await world.advance(30_000);
    expect(world.secret()).toEqual({ password: 'value-1' });
    world.expectCondition('False', 'SecretSyncedError', 'AWS has no secret');
  });

  test('an operator that was killed before the deletion makes up for it, and one that was killed after it says so', async () => {
    const world = await synced({ deletionPolicy: 'Delete' });
    world.aws.remove('prod/db');
    await world.advance(4_000);
    await world.restart();
    expect(world.secret()).toEqual({ password: 'value-1' });
    world.cluster.failNextStatusWrite(new ClusterForbidden('killed'), 100);
    await world.advance(BELIEVED_AFTER_MS);
    expect(world.secret()).toBeUndefined();
    world.cluster.recover();
    await world.restart();
    await world.settle();
    world.expectCondition('True', 'SecretDeleted', 'secret deleted');
  });

  test('costs nothing after a restart but the look', async () => {
    const world = await synced({ deletionPolicy: 'Delete' }, TWO);
    world.aws.remove('prod/other');
    await world.advance(BELIEVED_AFTER_MS);
    world.forgetCalls();
    await world.restart();
    await world.advance(1_000);
    expect(world.cost()).toEqual({ ...NOTHING, probes: 1 });
    expect(world.secret()).toEqual({ a: 'value-1' });
  });
});

describe('deletionPolicy Merge', () => {
  test('empties the Secret when all is gone, and fills it again', async () => {
    const world = await synced({ deletionPolicy: 'Merge' });
    world.aws.remove('prod/db');
    await world.advance(BELIEVED_AFTER_MS);
    expect(world.secret()).toEqual({});
    world.expectSynced();
    world.forgetCalls();
    await world.restart();
    await world.advance(60_000);
    expect(world.cost()).toMatchObject({ secretWrites: 0, statusWrites: 0 });
    world.aws.put('prod/db', 'value-2');
    await world.advance(2_100);
    expect(world.secret()).toEqual({ password: 'value-2' });
  });

  test.each(['Merge', 'CreateOrMerge'] as const)(
    'with creationPolicy %s takes only its own keys',
    async (creationPolicy) => {
      const world = await World.withStore();
      world.cluster.secrets.edit('team/app', { data: { theirs: 'x' } });
      world.externalSecret('team/app', { refreshInterval: '2s', target: { deletionPolicy: 'Merge', creationPolicy } });
      await world.advance(3_000);
      expect(world.secret()).toEqual({ theirs: 'x', password: 'value-1' });
      world.aws.remove('prod/db');
      await world.advance(BELIEVED_AFTER_MS);
      expect(world.secret()).toEqual({ theirs: 'x' });
      world.expectSynced();
    },
  );

  test('does not empty what others have made', async () => {
    const world = await World.withStore();
    world.aws.remove('prod/db');
    world.cluster.secrets.edit('team/app', { data: { theirs: 'x' } });
    world.externalSecret('team/app', { target: { deletionPolicy: 'Merge' } });
    await world.advance(20_000);
    expect(world.secret()).toEqual({ theirs: 'x' });
  });
});

describe('creationPolicy CreateOrMerge', () => {
  const target: ExternalSecretTarget = { creationPolicy: 'CreateOrMerge' };

  test('makes the Secret, does not own it, and makes it again when it is deleted', async () => {
    const world = await World.synced({ target });
    expect(world.secret()).toEqual({ password: 'value-1' });
    expect(world.cluster.secrets.metadata('team/app')?.controller).toBeUndefined();
    world.cluster.secrets.remove('team/app');
    await world.settle();
    expect(world.secret()).toEqual({ password: 'value-1' });
    world.cluster.delete('ExternalSecret', 'team/app');
    await world.settle();
    expect(world.secret()).toEqual({ password: 'value-1' });
  });

  test('adds to one that is there, and lets others add to its own', async () => {
    const world = await World.withStore();
    world.cluster.secrets.edit('team/app', { data: { theirs: 'x' } });
    world.externalSecret('team/app', { target });
    await world.settle();
    world.cluster.secrets.edit('team/app', { data: { more: 'y' } });
    await world.settle();
    expect(world.secret()).toEqual({ theirs: 'x', more: 'y', password: 'value-1' });
  });

  test('two of them fill one Secret that neither found', async () => {
    const world = await World.withStore();
    world.aws.put('prod/other', 'other-1');
    world.aws.latencyMs = 10;
    world.externalSecret('team/a', { target: { ...target, name: 'shared' } });
    world.externalSecret('team/b', { target: { ...target, name: 'shared' }, data: [entry('b', 'prod/other')] });
    await world.advance(10_000);
    expect(world.secret('team/shared')).toEqual({ password: 'value-1', b: 'other-1' });
    world.expectSynced('team/a');
    world.expectSynced('team/b');
  });
});
