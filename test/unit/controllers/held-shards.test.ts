import { describe, expect, test } from 'vitest';
import { HeldShards } from '../../../src/controllers/held-shards.ts';
import { shardOf } from '../../../src/domain/shard-of.ts';
import { storeSpec } from '../domain/manifests.ts';
import { HOUR_MS, NOTHING, World } from './world.ts';

const SHARDS = 3;
const NEVER = new AbortController().signal;
const STORE = 'SecretStore/team-a/aws';
const ITS_SHARD = shardOf('team-a', SHARDS);

function setUp() {
  const held = new HeldShards(SHARDS);
  const writes: string[] = [];
  const write = (key: string, signal = NEVER) =>
    held.write(key, signal, async () => {
      writes.push(key);
    });
  return { held, writes, write };
}

/** A write that goes on until it is told to end, or until it is cut. */
function longWrite() {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const act = (signal: AbortSignal) => {
    signal.addEventListener('abort', () => reject(signal.reason));
    return promise;
  };
  return { act, finish: resolve };
}

describe('a store', () => {
  test('is needed as soon as any shard is held', async () => {
    const { held } = setUp();
    expect(held.isNeeded).toBe(false);
    held.begin(0, NEVER);
    expect([held.isNeeded, held.size]).toEqual([true, 1]);
    await held.end(0);
    expect(held.isNeeded).toBe(false);
  });

  test('is written to by the holder of its shard only', async () => {
    const { held, writes, write } = setUp();
    held.begin((ITS_SHARD + 1) % SHARDS, NEVER);
    await write(STORE);
    expect(writes).toEqual([]);
    held.begin(ITS_SHARD, NEVER);
    await write(STORE);
    expect(writes).toEqual([STORE]);
  });

  test('of the cluster is written to by the holder of shard 0', async () => {
    const { held, writes, write } = setUp();
    held.begin(1, NEVER);
    await write('ClusterSecretStore/aws');
    held.begin(0, NEVER);
    await write('ClusterSecretStore/aws');
    expect(writes).toHaveLength(1);
  });

  test('is not written to once the shard is lost; a write under way is cut, and that is no fault', async () => {
    const { held, writes, write } = setUp();
    const lost = new AbortController();
    held.begin(ITS_SHARD, lost.signal);
    const { act } = longWrite();
    const cut = held.write(STORE, NEVER, act);
    lost.abort();
    await cut;
    await write(STORE);
    expect(writes).toEqual([]);
  });

  test('is written to the end before its shard is given back', async () => {
    const { held } = setUp();
    held.begin(ITS_SHARD, NEVER);
    const { act, finish } = longWrite();
    const state = { written: false, ended: false };
    const written = held.write(STORE, NEVER, act).then(() => {
      state.written = true;
    });
    const ended = held.end(ITS_SHARD).then(() => {
      state.ended = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(state).toEqual({ written: false, ended: false });
    finish();
    await Promise.all([written, ended]);
    expect(state).toEqual({ written: true, ended: true });
  });

  test('whose write fails says so', async () => {
    const { held } = setUp();
    held.begin(ITS_SHARD, NEVER);
    await expect(held.write(STORE, NEVER, () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    await held.end(ITS_SHARD);
  });
});

describe('the stores of a process that holds no shard', () => {
  test('are neither checked nor told anything, and are checked anew when it holds one', async () => {
    const world = await World.withStore();
    await world.duty.end(0);
    world.forgetCalls();
    world.store(storeSpec({ region: 'eu-central-1' }));
    await world.advance(HOUR_MS);
    expect([world.aws.count('whoAmI'), world.cost(), world.cluster.notes]).toEqual([0, NOTHING, []]);
    world.duty.begin(0, NEVER);
    world.store(storeSpec({ region: 'Not A Region' }));
    await world.settle();
    world.expectStore('False', 'InvalidProviderConfig', 'Not A Region');
    await world.stop();
  });

  test('are used by its users when it holds another shard, and told of by another process', async () => {
    const elsewhere = new HeldShards(SHARDS);
    elsewhere.begin((shardOf('team', SHARDS) + 1) % SHARDS, NEVER);
    const world = new World({ duty: elsewhere });
    world.aws.put('prod/db', 'value-1');
    world.store();
    world.externalSecret();
    await world.start();
    expect(world.secret()).toEqual({ password: 'value-1' });
    expect(world.condition('team/aws', 'SecretStore')).toEqual({});
    expect(world.cluster.notes.filter(({ object }) => object.name === 'aws')).toEqual([]);
    await world.stop();
  });
});
