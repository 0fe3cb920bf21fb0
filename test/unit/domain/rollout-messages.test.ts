import { expect, test } from 'vitest';
import { holdCondition } from '../../../src/domain/rollout-messages.ts';
import { planRollouts } from '../../../src/domain/rollout-plan.ts';
import { externalSecret } from './manifests.ts';
import { FAILED, feed, NOW_MS, OLD_PODS, triggered, V2, workload } from './workloads.ts';

test('what waits for another Secret of the same workload is told of both', () => {
  const { held, rollouts } = planRollouts({
    workloads: [
      workload('a', { ...triggered(V2), progress: FAILED }),
      workload('b'),
      workload('c', { secrets: ['db', 'cache'] }),
      workload('d', { secrets: ['cache'] }),
    ],
    feeds: [feed(), feed({ name: 'cache' })],
    memory: OLD_PODS,
    nowMs: NOW_MS,
    windowMs: 10_000,
    deadlineMs: 600_000,
    freeSlots: 5,
    hasSlot: () => false,
  });
  expect(rollouts.map((each) => each.workload.name)).toEqual(['d']);
  expect(held.map((hold) => [hold.feed.name, hold.waiting])).toEqual([
    ['db', 2],
    ['cache', 1],
  ]);
  const conditions = held.map((hold) => holdCondition(externalSecret(), hold));
  expect(conditions).toMatchObject([
    { reason: 'Unhealthy' },
    {
      reason: 'OtherSecret',
      message: `1 workload keeps the version that it runs with, and would get version ${V2} of Secret "cache" together with version ${V2} of Secret "db", which is held: see ExternalSecret "db"`,
    },
  ]);
});
