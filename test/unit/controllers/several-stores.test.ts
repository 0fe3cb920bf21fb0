import { describe, expect, test } from 'vitest';
import type { ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import { SecretNotFound, SourceUnavailable } from '../../../src/ports/errors.ts';
import { storeSpec } from '../domain/manifests.ts';
import { NOTHING, World } from './world.ts';

const HERE = 'default@eu-central-1';
const THERE = 'default@us-east-1';
const elsewhere = { sourceRef: { storeRef: { name: 'there' } } };
const BOTH: ExternalSecretSpec = {
  refreshInterval: '10s',
  data: [
    { secretKey: 'here', remoteRef: { key: 'prod/db' } },
    { secretKey: 'there', remoteRef: { key: 'prod/db' }, ...elsewhere },
    { secretKey: 'more', remoteRef: { key: 'prod/more' }, ...elsewhere },
  ],
};

async function synced(spec: ExternalSecretSpec = BOTH): Promise<World> {
  const world = await World.withStore();
  world.aws.put('prod/more', 'more-1');
  world.store(storeSpec({ region: 'us-east-1' }), 'team/there');
  world.externalSecret('team/app', spec);
  await world.settle();
  world.expectSynced();
  return world;
}

const readers = (world: World, key: string) =>
  world.aws.calls.filter(({ operation, keys }) => operation === 'read' && keys.includes(key));

describe('an ExternalSecret that reads from two stores', () => {
  test('has the values of both, each read with the credentials of its store', async () => {
    const world = await synced();
    expect(world.secret()).toEqual({ here: 'value-1', there: 'value-1', more: 'more-1' });
    expect(readers(world, 'prod/db').map(({ identityKey }) => identityKey)).toEqual([HERE, THERE]);
    expect(readers(world, 'prod/more').map(({ identityKey }) => identityKey)).toEqual([THERE]);
    await world.stop();
  });

  test('takes find and extract from another store too', async () => {
    const world = await World.withStore();
    world.aws.put('prod/json', '{"key":"from-json"}');
    world.store(storeSpec({ region: 'us-east-1' }), 'team/there');
    world.externalSecret('team/app', {
      data: [],
      dataFrom: [
        { find: { name: { regexp: '/db' } }, ...elsewhere },
        { extract: { key: 'prod/json' }, ...elsewhere },
      ],
    });
    await world.settle();
    expect(world.secret()).toEqual({ prod_db: 'value-1', key: 'from-json' });
    const readers = new Set(
      world.aws.calls.filter(({ operation }) => operation !== 'whoAmI').map(({ identityKey }) => identityKey),
    );
    expect(readers).toEqual(new Set([THERE]));
    await world.stop();
  });

  test('follows the rotations of both, and costs nothing between them, nor after a restart', async () => {
    const world = await synced();
    world.aws.put('prod/more', 'more-2');
    await world.advance(11_000);
    expect(world.secret()).toMatchObject({ more: 'more-2' });
    world.aws.put('prod/db', 'value-2');
    await world.advance(11_000);
    expect(world.secret()).toMatchObject({ here: 'value-2', there: 'value-2' });
    await world.advance(2_000);
    world.forgetCalls();
    await world.restart();
    await world.advance(60_000);
    expect(world.cost()).toMatchObject({ ...NOTHING, probes: expect.any(Number) });
    await world.stop();
  });

  test('waits for a store that comes later', async () => {
    const world = await World.withStore();
    world.aws.put('prod/more', 'more-1');
    world.externalSecret('team/app', BOTH);
    await world.advance(2_000);
    world.expectCondition('False', 'SecretSyncedError', 'SecretStore "there" does not exist in namespace "team"');
    expect(world.secret()).toBeUndefined();
    world.store(storeSpec({ region: 'us-east-1' }), 'team/there');
    await world.settle();
    world.expectSynced();
    await world.stop();
  });

  test('keeps its Secret when one of them goes, and says which', async () => {
    const world = await synced();
    world.cluster.delete('SecretStore', 'team/there');
    await world.advance(2_000);
    world.expectCondition('False', 'SecretSyncedError', 'spec.data[1].sourceRef.storeRef');
    expect(world.secret()).toEqual({ here: 'value-1', there: 'value-1', more: 'more-1' });
    await world.stop();
  });

  test('keeps its Secret when AWS does not answer for one of them, and says which entry', async () => {
    const world = await synced();
    world.aws.fail(new SourceUnavailable('no answer'), { identityKey: THERE });
    world.aws.put('prod/db', 'value-2');
    await world.advance(60_000);
    world.expectCondition('False', 'SecretSyncedError', 'spec.data[1] (key: prod/db): no answer');
    expect(world.secret()).toMatchObject({ here: 'value-1' });
    world.aws.recover();
    await world.advance(120_000);
    expect(world.secret()).toEqual({ here: 'value-2', there: 'value-2', more: 'more-1' });
    await world.stop();
  });

  test('is synced with the new credentials of one of them', async () => {
    const world = await synced();
    world.forgetCalls();
    world.store(storeSpec({ region: 'us-west-2' }), 'team/there');
    await world.settle();
    expect(readers(world, 'prod/more').map(({ identityKey }) => identityKey)).toEqual(['default@us-west-2']);
    world.expectSynced();
    await world.stop();
  });

  test('loses only what one of them does not have any more', async () => {
    const world = await synced({ ...BOTH, target: { deletionPolicy: 'Merge' } });
    world.aws.fail(new SecretNotFound('AWS has no secret "prod/db"'), { identityKey: THERE, key: 'prod/db' });
    await world.advance(60_000);
    expect(world.secret()).toEqual({ here: 'value-1', more: 'more-1' });
    world.expectSynced();
    world.aws.recover();
    await world.advance(60_000);
    expect(world.secret()).toEqual({ here: 'value-1', there: 'value-1', more: 'more-1' });
    await world.stop();
  });
});

test('what vanishes is counted by identity, whichever store of the object it is read through', async () => {
  const world = await World.withStore();
  world.store(storeSpec({ region: 'us-east-1' }), 'team/there');
  const numbers = Array.from({ length: 10 }, (_, at) => at);
  for (const at of numbers) {
    world.aws.put(`prod/${at}`, `value-${at}`);
    world.externalSecret(`team/app-${at}`, {
      refreshInterval: '10s',
      target: { deletionPolicy: 'Merge' },
      // Half of them name the other store for all, and half of them for one entry.
      ...(at % 2 === 0
        ? { secretStoreRef: { name: 'there' }, data: [{ secretKey: 'a', remoteRef: { key: `prod/${at}` } }] }
        : {
            data: [
              { secretKey: 'a', remoteRef: { key: `prod/${at}` }, ...elsewhere },
              { secretKey: 'b', remoteRef: { key: 'prod/db' } },
            ],
          }),
    });
  }
  await world.advance(11_000);
  for (const at of numbers.slice(0, 6)) {
    world.aws.fail(new SecretNotFound('gone'), { identityKey: THERE, key: `prod/${at}` });
  }
  await world.advance(120_000);
  expect(numbers.filter((at) => world.secret(`team/app-${at}`)?.['a'] === undefined)).toEqual([]);
  for (const at of numbers.slice(0, 6)) world.expectCondition('False', 'DeletionHeld', '6 of 10', `team/app-${at}`);
  expect(world.heldDeletions).toBe(6);
  await world.stop();
});
