import { describe, expect, test } from 'vitest';
import { NamespaceRollouts } from '../../../src/controllers/rollout-memory.ts';
import type { Feed } from '../../../src/domain/rollout-standing.ts';
import type { Progress, RunningPod, Workload } from '../../../src/ports/workloads.ts';
import { FAILED, feed, HOUR_MS, NOW_MS, ROLLING, triggered, V1, V2, WHOLE, workload } from '../domain/workloads.ts';

const MINUTE_MS = 60_000;
const SINCE_MS = NOW_MS - HOUR_MS;
const OTHER_MS = SINCE_MS - 90_000;
const FIRST_MS = OTHER_MS - HOUR_MS;
/** V2, V1, and V2 again. */
const takenBack = feed({
  mark: {
    version: V2,
    sinceMs: SINCE_MS,
    isFirst: false,
    before: [
      { version: V1, sinceMs: OTHER_MS, isFirst: false },
      { version: V2, sinceMs: FIRST_MS, isFirst: false },
    ],
  },
});
const DEADLINE_MS = 600_000;
const api = workload('api');

function pod(startedAtMs: number | undefined, name = 'api', createdAtMs = 1): RunningPod {
  return { owner: { kind: 'Deployment', name }, createdAtMs, startedAtMs, lastReadAtMs: startedAtMs ?? 0 };
}

function remembering(nowMs: () => number = () => NOW_MS): NamespaceRollouts {
  return new NamespaceRollouts({ firstMs: 1_000, longestMs: 60_000 }, nowMs);
}

describe('what the pods of a workload have', () => {
  test.each<readonly [string, readonly RunningPod[], 'fresh' | 'old', Workload, Feed]>([
    ['all started later', [pod(SINCE_MS + 11_000), pod(NOW_MS)], 'fresh', api, feed()],
    ['one started so soon that it may have read before', [pod(SINCE_MS + 9_000), pod(NOW_MS)], 'old', api, feed()],
    ['one started soon, and was made later', [pod(SINCE_MS + 9_000, 'api', SINCE_MS + 3_000)], 'fresh', api, feed()],
    ['one was made later on a node whose clock is late', [pod(1, 'api', SINCE_MS + 3_000)], 'fresh', api, feed()],
    ['one started before', [pod(SINCE_MS - 1), pod(NOW_MS)], 'old', api, feed()],
    ['one started in the same second', [pod(SINCE_MS)], 'old', api, feed()],
    [
      'it started in the same second, and the Secret was made then',
      [pod(SINCE_MS)],
      'fresh',
      api,
      feed({ mark: { version: V2, sinceMs: SINCE_MS, isFirst: true } }),
    ],
    ['it started before a version that was taken back', [pod(FIRST_MS + MINUTE_MS)], 'fresh', api, takenBack],
    ['it was restarted before that one', [pod(SINCE_MS - 2 * MINUTE_MS)], 'fresh', api, takenBack],
    ['it was restarted while that one was there', [pod(SINCE_MS - MINUTE_MS)], 'old', api, takenBack],
    ['it was restarted when that one may have been there', [pod(OTHER_MS - 5_000)], 'old', api, takenBack],
    [
      'one container was restarted while that one was there',
      [{ ...pod(FIRST_MS + MINUTE_MS), lastReadAtMs: SINCE_MS - MINUTE_MS }],
      'old',
      api,
      takenBack,
    ],
    [
      'it has files, which are brought up to date',
      [{ ...pod(FIRST_MS + MINUTE_MS), lastReadAtMs: Number.POSITIVE_INFINITY }],
      'old',
      api,
      takenBack,
    ],
    [
      'it was made while that one was there, on a node whose clock is late',
      [pod(FIRST_MS + MINUTE_MS, 'api', OTHER_MS + MINUTE_MS)],
      'old',
      api,
      takenBack,
    ],
    ['it started before all that is known', [pod(FIRST_MS - MINUTE_MS)], 'old', api, takenBack],
    ['no container has started yet', [pod(undefined)], 'fresh', api, feed()],
    ['one of another workload is older', [pod(NOW_MS), pod(1, 'other')], 'fresh', api, feed()],
    ['there is none', [], 'fresh', workload('api', { progress: ROLLING }), feed()],
    ['none is known as its own, and it says that it has some', [pod(NOW_MS, 'other')], 'old', api, feed()],
  ])('%s', (_, pods, expected, of, about) => {
    const memory = remembering();
    expect(memory.podsRun(of, about)).toBeUndefined();
    memory.learn(of, about, pods);
    expect(memory.podsRun(of, about)).toBe(expected);
  });

  test('is not asked a second time while nothing changes, and no more often than every 30 s when it does', () => {
    let nowMs = NOW_MS;
    const memory = remembering(() => nowMs);
    memory.learn(api, feed(), [pod(1)]);
    nowMs += HOUR_MS;
    expect([memory.podsRun(api, feed()), memory.askAgainAtMs(api, feed())]).toEqual(['old', undefined]);
    memory.learn(api, feed(), [pod(1)]);
    const changed = workload('api', { resourceVersion: '2' });
    expect([memory.podsRun(changed, feed()), memory.askAgainAtMs(changed, feed())]).toEqual(['old', nowMs + 30_000]);
    nowMs += 30_000;
    expect(memory.podsRun(changed, feed())).toBeUndefined();
  });

  test('is asked once more, though nothing changes, when a container that was starting then has surely read it', () => {
    let nowMs = SINCE_MS + 3_000;
    const memory = remembering(() => nowMs);
    memory.learn(api, feed(), [pod(undefined)]);
    expect([memory.podsRun(api, feed()), memory.askAgainAtMs(api, feed())]).toEqual(['fresh', SINCE_MS + 10_001]);
    nowMs = SINCE_MS + 10_001;
    expect(memory.podsRun(api, feed())).toBeUndefined();
    memory.learn(api, feed(), [pod(nowMs - 5_000)]);
    expect(memory.podsRun(api, feed())).toBe('old');
    memory.learn(api, feed(), [pod(undefined)]);
    expect([memory.podsRun(api, feed()), memory.askAgainAtMs(api, feed())]).toEqual(['fresh', undefined]);
  });

  test('is another question for a version that comes back', () => {
    const memory = remembering();
    memory.learn(api, feed(), [pod(NOW_MS)]);
    const again = feed({ mark: { version: V2, sinceMs: NOW_MS, isFirst: false } });
    expect(memory.podsRun(api, again)).toBeUndefined();
  });
});

describe('a trigger', () => {
  test('is remembered when it is gone, and whether the workload was healthy with it', () => {
    const memory = remembering();
    expect(memory.sawTrigger(api, feed())).toBeUndefined();
    memory.began(workload('api', { ...triggered(V2), progress: ROLLING }));
    memory.observe([api], DEADLINE_MS);
    expect(memory.sawTrigger(api, feed())).toBe('seen');
    memory.observe([workload('api', { ...triggered(V2), progress: WHOLE })], DEADLINE_MS);
    memory.observe([workload('api', { ...triggered(V2), progress: ROLLING })], DEADLINE_MS);
    memory.observe([api], DEADLINE_MS);
    expect(memory.sawTrigger(api, feed())).toBe('healthy');
  });

  test('is remembered with its failure, until the workload is healthy after all', () => {
    const memory = remembering();
    memory.observe([workload('api', { ...triggered(V2), progress: FAILED })], DEADLINE_MS);
    memory.observe([workload('api', { ...triggered(V2), progress: { ...WHOLE, desired: 0 } })], DEADLINE_MS);
    expect(memory.sawTrigger(api, feed())).toBe('failed');
    memory.observe([workload('api', triggered(V2))], DEADLINE_MS);
    memory.observe([workload('api', { ...triggered(V2), progress: FAILED })], DEADLINE_MS);
    expect(memory.sawTrigger(api, feed())).toBe('healthy');
  });

  test('is not said to have been healthy by what a controller says of no pods', () => {
    const memory = remembering();
    const see = (progress: Partial<Progress>) =>
      memory.observe([workload('api', { ...triggered(V2), progress: { ...WHOLE, ...progress } })], DEADLINE_MS);
    see(ROLLING);
    see({ desired: 0, toUpdate: 0, updated: 0, available: 0, hasSucceeded: true });
    see({ ...ROLLING, hasSucceeded: true });
    expect(memory.sawTrigger(api, feed())).toBe('idle');
    see(WHOLE);
    expect(memory.sawTrigger(api, feed())).toBe('healthy');
  });

  test('of a workload that its controller has rolled out in full was healthy', () => {
    const memory = remembering();
    const broken = { ...FAILED, hasSucceeded: true };
    memory.observe([workload('api', { ...triggered(V2), progress: broken })], DEADLINE_MS);
    expect(memory.sawTrigger(api, feed())).toBe('healthy');
  });

  test('of another process is remembered too', () => {
    const memory = remembering();
    memory.observe([workload('api', { ...triggered(V2), progress: ROLLING })], DEADLINE_MS);
    expect(memory.sawTrigger(api, feed())).toBe('seen');
  });

  test('is forgotten with its workload', () => {
    const memory = remembering();
    memory.observe([workload('api', triggered(V2))], DEADLINE_MS);
    memory.observe([], DEADLINE_MS);
    expect(memory.sawTrigger(api, feed())).toBeUndefined();
  });
});
