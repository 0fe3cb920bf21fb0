import { expect, test } from 'vitest';
import { World } from './world.ts';

const annotations = { 'keyturn.dev/rollout': 'auto' };
const SLOW_MS = 8_000;

test('a Secret does not say that it has a version from before a slow write of it had ended', async () => {
  const world = await World.withStore();
  const beganAtMs = world.clock.nowMs();
  world.cluster.secrets.onCall = () => {
    world.cluster.secrets.onCall = () => {};
    world.clock.tick(SLOW_MS);
  };
  world.externalSecret('team/app', {}, { annotations });
  await world.settle();
  const mark = world.cluster.secrets.metadata('team/app')?.annotations['keyturn.dev/version'] ?? '';
  expect(Date.parse(mark.split(' ')[1] ?? '')).toBe(beganAtMs + SLOW_MS);
  expect(world.metrics.writes).toEqual({ create: 1, patch: 1, delete: 0 });
  await world.restart();
  expect(world.metrics.writes).toEqual({ create: 1, patch: 1, delete: 0 });
  await world.stop();
});

test('nor from before it by the clock of the API server, where ours is late', async () => {
  const world = await World.withStore();
  const beganAtMs = world.clock.nowMs();
  world.cluster.secrets.aheadMs = SLOW_MS;
  world.externalSecret('team/app', {}, { annotations });
  await world.settle();
  const mark = world.cluster.secrets.metadata('team/app')?.annotations['keyturn.dev/version'] ?? '';
  expect(Date.parse(mark.split(' ')[1] ?? '')).toBe(beganAtMs + SLOW_MS);
  expect(world.metrics.writes).toEqual({ create: 1, patch: 1, delete: 0 });
  await world.stop();
});
