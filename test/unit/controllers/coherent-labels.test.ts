import { expect, test } from 'vitest';
import { SourceUnavailable } from '../../../src/ports/errors.ts';
import { World } from './world.ts';

const PAIR = {
  refreshInterval: '1h',
  data: [
    { secretKey: 'current', remoteRef: { key: 'prod/db' } },
    { secretKey: 'previous', remoteRef: { key: 'prod/db', version: 'AWSPREVIOUS' } },
  ],
};

async function withPair(): Promise<World> {
  const world = await World.withStore();
  world.aws.put('prod/db', 'value-2');
  world.externalSecret('team/app', PAIR);
  await world.settle();
  expect(world.secret()).toEqual({ current: 'value-2', previous: 'value-1' });
  world.forgetCalls();
  return world;
}

test('two labels of a secret that were read in different states are not written together', async () => {
  const world = await World.withStore();
  world.aws.put('prod/db', 'value-2');
  // Of the read of AWSCURRENT, which comes first.
  world.aws.answerStale('prod/db', 1);
  world.externalSecret('team/app', PAIR);
  await world.settle();
  expect(world.secret()).toBeUndefined();
  await world.advance(500);
  expect(world.secret()).toEqual({ current: 'value-2', previous: 'value-1' });
  expect(world.cost().secretWrites).toBe(1);
  await world.stop();
});

test('a rotation costs one look more than its reads', async () => {
  const world = await withPair();
  world.aws.put('prod/db', 'value-3');
  world.externalSecret('team/app', PAIR, { annotations: { 'force-sync': 'now' } });
  await world.advance(100);
  expect(world.secret()).toEqual({ current: 'value-3', previous: 'value-2' });
  expect(world.cost()).toMatchObject({ secretWrites: 1, reads: 2, probes: 1 });
  await world.stop();
});

test('a look that fails holds what was read for five seconds, and no longer', async () => {
  const world = await withPair();
  world.aws.fail(new SourceUnavailable('cut off'), { operation: 'probe' });
  world.aws.put('prod/db', 'value-3');
  world.externalSecret('team/app', PAIR, { annotations: { 'force-sync': 'now' } });
  await world.advance(4_900);
  expect(world.secret()).toEqual({ current: 'value-2', previous: 'value-1' });
  await world.advance(600);
  expect(world.secret()).toEqual({ current: 'value-3', previous: 'value-2' });
  await world.stop();
});
