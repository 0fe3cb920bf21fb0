import { expect, test } from 'vitest';
import { type SeenTrigger, standingOf } from '../../../src/domain/rollout-standing.ts';
import { triggerOf, triggerValue } from '../../../src/domain/rollout-trigger.ts';
import { feed, HOUR_MS, NOW_MS, OLD_PODS, V2, workload } from './workloads.ts';

/** It has the trigger of when the Secret had the version once before, and a later one was set for another Secret. */
const again = workload('api', {
  triggers: { [triggerOf('db')]: triggerValue({ version: V2, sinceMs: NOW_MS - 2 * HOUR_MS, isFirst: false }) },
  triggeredAtMs: NOW_MS - 60_000,
});

test.each<readonly [string, SeenTrigger | undefined, string]>([
  ['has pods of after that', undefined, 'current'],
  ['has those of before, if the trigger was there already and somebody went back', 'seen', 'reverted'],
])('what was restarted since a version came back %s', (_, seen, expected) => {
  expect(standingOf(feed(), again, { ...OLD_PODS, sawTrigger: () => seen })).toBe(expected);
});
