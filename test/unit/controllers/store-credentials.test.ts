import { describe, expect, test } from 'vitest';
import { AccessDenied } from '../../../src/ports/errors.ts';
import { putCredentials, STATIC_STORE, withStaticStore } from './static-store.ts';
import { HOUR_MS, World } from './world.ts';

describe('static credentials', () => {
  test('that are rotated are used at once, and nothing that was read with the old ones counts', async () => {
    const world = await withStaticStore();
    world.expectSynced();
    putCredentials(world, 'fake-2');
    await world.settle();
    expect(world.aws.opened).toHaveLength(2);
    const [first, second] = world.aws.opened;
    expect(world.aws.calls.filter(({ operation }) => operation === 'read')).toMatchObject([{ identityKey: second }]);
    world.forgetCalls();
    await world.advance(3 * HOUR_MS);
    expect(world.aws.calls.every(({ identityKey }) => identityKey !== first)).toBe(true);
    expect(world.cluster.secrets.writes).toEqual([]);
    await world.stop();
  });

  test('that are missing are told, and picked up when they come', async () => {
    const world = new World();
    world.aws.put('prod/db', 'value-1');
    world.store(STATIC_STORE);
    world.externalSecret();
    await world.start();
    world.expectStore(
      'False',
      'InvalidProviderConfig',
      'Secret "team/creds" with the credentials does not exist; create it',
    );
    putCredentials(world, 'fake-1');
    await world.settle();
    world.expectSynced();
    world.expectStore('True', 'Valid', 'store validated');
  });

  test.each<[string, Record<string, string>]>([
    ['a missing key', { id: 'AKIAFAKE' }],
    ['an empty value', { id: 'AKIAFAKE', secret: '' }],
  ])('with %s are told by the names of the Secret and the key', async (_, data) => {
    const world = new World();
    world.cluster.secrets.edit('team/creds', { data });
    world.store(STATIC_STORE);
    await world.start();
    world.expectStore(
      'False',
      'InvalidProviderConfig',
      'Secret "team/creds" has no key "secret", or it is empty; add it',
    );
  });

  test.each(['correct horse battery', 'AKIAFAKE\n', 'AKIA/FAKE', 'AKIA,FAKE', 'AKIÄ', 'A'.repeat(129)])(
    'are not shown to AWS where the access key id is none (%j): AWS would quote it',
    async (id) => {
      const world = new World();
      world.cluster.secrets.edit('team/creds', { data: { id, secret: 'fake-1' } });
      world.store(STATIC_STORE);
      await world.start();
      world.expectStore('False', 'InvalidProviderConfig', 'Secret "team/creds" has no access key id under "id"');
      expect(world.aws.opened).toEqual([]);
      expect(JSON.stringify([world.log.lines, world.cluster.notes])).not.toContain(id);
      await world.stop();
    },
  );

  test('are in no status, event, log line or identity key', async () => {
    const world = new World();
    world.aws.put('prod/db', 'value-1');
    putCredentials(world, 'canary-hunter2');
    world.store(STATIC_STORE);
    world.externalSecret();
    await world.start();
    world.aws.fail(new AccessDenied('no'));
    await world.advance(HOUR_MS);
    const said = [
      world.log.lines,
      world.cluster.notes,
      world.cluster.status('SecretStore', 'team/aws'),
      world.aws.opened,
    ];
    expect(JSON.stringify(said)).not.toContain('canary-hunter2');
    expect(JSON.stringify(said)).not.toContain('AKIAFAKE');
  });

  test('shared by two stores are one identity, and each store is checked once when they change', async () => {
    const world = await withStaticStore();
    world.store(STATIC_STORE, 'team/second');
    await world.settle();
    expect(new Set(world.aws.opened).size).toBe(1);
    world.forgetCalls();
    putCredentials(world, 'fake-2');
    await world.settle();
    expect(world.aws.count('whoAmI')).toBe(2);
  });

  test('rotated while values are read with the old ones leave no failure behind', async () => {
    const world = await withStaticStore();
    world.aws.latencyMs = 100;
    putCredentials(world, 'fake-2');
    await world.advance(60);
    world.externalSecret('team/app', {}, { annotations: { 'force-sync': '1' } });
    await world.advance(2_000);
    world.expectSynced();
    expect(world.cluster.notes.filter(({ type }) => type === 'Warning')).toEqual([]);
  });
});
