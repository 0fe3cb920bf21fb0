import { describe, expect, test } from 'vitest';
import { planRollouts, type RolloutPlan, type RolloutState } from '../../../src/domain/rollout-plan.ts';
import type { Feed, RolloutMemory } from '../../../src/domain/rollout-standing.ts';
import { triggerOf, triggerValue } from '../../../src/domain/rollout-trigger.ts';
import type { Workload } from '../../../src/ports/workloads.ts';
import { FAILED, feed, HOUR_MS, NOW_MS, OLD_PODS, ROLLING, triggered, V1, V2, WHOLE, workload } from './workloads.ts';

const WINDOW_MS = 10_000;
const DEADLINE_MS = 600_000;

function plan(workloads: readonly Workload[], parts: Partial<RolloutState> = {}): RolloutPlan {
  return planRollouts({
    feeds: [feed()],
    workloads,
    memory: OLD_PODS,
    nowMs: NOW_MS,
    windowMs: WINDOW_MS,
    deadlineMs: DEADLINE_MS,
    freeSlots: 5,
    hasSlot: () => false,
    ...parts,
  });
}

function remembering(parts: Partial<RolloutMemory>): Partial<RolloutState> {
  return { memory: { ...OLD_PODS, ...parts } };
}

/** The trigger of the version was on `a`, and how that went. */
function tookAway(
  version: string,
  sawTrigger: ReturnType<RolloutMemory['sawTrigger']>,
): { readonly memory: RolloutMemory } {
  const memory = {
    ...OLD_PODS,
    sawTrigger: ({ name }: Workload, { mark }: Feed) =>
      name === 'a' && mark.version === version ? sawTrigger : undefined,
  };
  return { memory };
}

/** And this is what the pods of `a` have told. */
function withPods(told: 'fresh' | undefined, { memory }: { readonly memory: RolloutMemory }): Partial<RolloutState> {
  return { memory: { ...memory, podsRun: ({ name }) => (name === 'a' ? told : 'old') } };
}

/** It was triggered with the version before the Secret had another and that one again. */
function cameBack(version: string): Partial<Workload> {
  const triggeredAtMs = NOW_MS - 2 * HOUR_MS;
  const value = triggerValue({ version, sinceMs: triggeredAtMs, isFirst: false });
  return { triggers: { [triggerOf('db')]: value }, triggeredAtMs };
}

/** `api(db) queue(db,cache)`: who is rolled out, and for what. */
function rolled({ rollouts }: RolloutPlan): string {
  return rollouts.map((each) => `${each.workload.name}(${each.feeds.map(({ name }) => name).join()})`).join(' ');
}

function heldBy({ held }: RolloutPlan): string {
  return held
    .map(({ feed: { name }, failed, reverted, paused, waiting }) => {
      const why = Object.entries({ failed, reverted, paused }).filter(([, some]) => some.length > 0);
      return `${name}: ${why.map(([what, some]) => `${what} ${some.map((each) => each.name).join()}`).join()}, ${waiting} wait`;
    })
    .join();
}

const both = { secrets: ['db', 'cache'] };
const cache = feed({ name: 'cache' });
const healthy = { ...triggered(V2), progress: WHOLE };
const rolling = { ...triggered(V2), progress: ROLLING };
const failed = { ...triggered(V2), progress: FAILED };

describe('who is rolled out', () => {
  test.each<readonly [string, readonly Workload[], Partial<RolloutState>, string]>([
    ['one alone goes', [workload('api')], {}, 'api(db)'],
    ['of several one goes first', [workload('b'), workload('a'), workload('c')], {}, 'a(db)'],
    ['the others when it is healthy', [workload('a', healthy), workload('b'), workload('c')], {}, 'b(db) c(db)'],
    ['not while it is on its way', [workload('a', rolling), workload('b')], {}, ''],
    ['not when it has failed', [workload('a', failed), workload('b')], {}, ''],
    [
      'when it has failed, and that is confirmed',
      [workload('a', failed), workload('b')],
      { feeds: [feed({ isConfirmed: true })] },
      'b(db)',
    ],
    ['not when a later one has failed', [workload('a', healthy), workload('b', failed), workload('c')], {}, ''],
    [
      'a workload that failed with an earlier version does not hold this one',
      [workload('a', { ...triggered(V1), progress: FAILED }), workload('b')],
      {},
      'b(db)',
    ],
    [
      'it goes itself when another is healthy',
      [workload('a', { ...triggered(V1), progress: FAILED }), workload('b', healthy)],
      {},
      'a(db)',
    ],
    ['a healthy one goes first, whatever its name', [workload('a', { progress: ROLLING }), workload('b')], {}, 'b(db)'],
    ['a Deployment goes before a DaemonSet', [workload('a', { kind: 'DaemonSet' }), workload('b')], {}, 'b(db)'],
    [
      'no more than there are places',
      [workload('a', healthy), workload('b'), workload('c')],
      { freeSlots: 1 },
      'b(db)',
    ],
    [
      'one that is on its way with an earlier version has its place',
      [workload('a', healthy), workload('b', { ...triggered(V1), progress: ROLLING })],
      { freeSlots: 0, hasSlot: ({ name }) => name === 'b' },
      'b(db)',
    ],
    [
      'what failed after it was healthy is not the doing of the version',
      [workload('a', failed), workload('b')],
      remembering({ wasComplete: ({ name }) => name === 'a' }),
      'b(db)',
    ],
    ['none that does not use the Secret', [workload('a', { secrets: ['other'] })], {}, ''],
    ['none that has the version', [workload('a', healthy)], {}, ''],
    ['none that has its template elsewhere', [workload('a', { kind: 'Rollout', hasTemplate: false })], {}, ''],
    ['none that is being deleted', [workload('a', { isDeleting: true })], {}, ''],
    ['none that is paused', [workload('a', { isPaused: true })], {}, ''],
    ["a paused one is nobody's first", [workload('a', { isPaused: true }), workload('b')], {}, 'b(db)'],
    ['none that is scaled to zero', [workload('a', { progress: { ...WHOLE, desired: 0 } })], {}, ''],
    [
      'what is scaled to zero with an earlier version is left as it is',
      [workload('a', { ...triggered(V1), progress: { ...WHOLE, desired: 0 } })],
      {},
      '',
    ],
    [
      'what updates on delete gets its trigger at once',
      [workload('a', { updatesOnDelete: true, kind: 'DaemonSet' }), workload('b'), workload('c')],
      {},
      'b(db) a(db)',
    ],
    [
      'and is no proof',
      [workload('a', { ...triggered(V2), updatesOnDelete: true }), workload('b'), workload('c')],
      {},
      'b(db)',
    ],
    [
      'a StatefulSet whose partition keeps all pods is no proof',
      [
        workload('a', { ...triggered(V2), kind: 'StatefulSet', progress: { ...WHOLE, toUpdate: 0, updated: 0 } }),
        workload('b'),
        workload('c'),
      ],
      {},
      'b(db)',
    ],
    ['none whose pods have the version', [workload('a')], remembering({ podsRun: () => 'fresh' }), ''],
    [
      'pods that have it prove it',
      [workload('a'), workload('b'), workload('c')],
      remembering({ podsRun: ({ name }) => (name === 'a' ? 'fresh' : 'old') }),
      'b(db) c(db)',
    ],
    ['none that somebody restarted since', [workload('a', { restartedAtMs: NOW_MS - 60_000 })], {}, ''],
    ['one that was restarted before', [workload('a', { restartedAtMs: NOW_MS - 7_200_000 })], {}, 'a(db)'],
    ['one that was restarted in the same second', [workload('a', { restartedAtMs: NOW_MS - HOUR_MS })], {}, 'a(db)'],
    [
      'not that one, if the Secret was made with the version',
      [workload('a', { restartedAtMs: NOW_MS - HOUR_MS })],
      { feeds: [feed({ mark: { version: V2, sinceMs: NOW_MS - HOUR_MS, isFirst: true } })] },
      '',
    ],
    [
      'one that somebody restarted and that is broken holds nobody',
      [workload('a', { restartedAtMs: NOW_MS - 60_000, progress: FAILED }), workload('b')],
      {},
      'b(db)',
    ],
    ['not a second time when somebody took the trigger away', [workload('a')], tookAway(V2, 'healthy'), ''],
    [
      'another all the same, where it had been healthy before that',
      [workload('a'), workload('b')],
      tookAway(V2, 'healthy'),
      'b(db)',
    ],
    ['no other, where it had not', [workload('a'), workload('b')], tookAway(V2, 'seen'), ''],
    [
      'another, where it had not, and that is confirmed',
      [workload('a'), workload('b')],
      { ...tookAway(V2, 'seen'), feeds: [feed({ isConfirmed: true })] },
      'b(db)',
    ],
    [
      'no other, where it had not, and is not healthy with the pods that it has instead',
      [workload('a', { progress: ROLLING }), workload('b')],
      withPods('fresh', tookAway(V2, 'seen')),
      '',
    ],
    ['another, if they are', [workload('a'), workload('b')], withPods('fresh', tookAway(V2, 'seen')), 'b(db)'],
    [
      'no other, where it had not, and is paused before its pods were asked',
      [workload('a', { isPaused: true }), workload('b')],
      withPods(undefined, tookAway(V2, 'seen')),
      '',
    ],
    [
      'another, where the trigger had started nothing',
      [workload('a', { kind: 'DaemonSet', updatesOnDelete: true }), workload('b')],
      tookAway(V2, 'seen'),
      'b(db)',
    ],
    [
      'no other when the one that failed is scaled to zero',
      [workload('a', { ...triggered(V2), progress: { ...WHOLE, desired: 0 } }), workload('b')],
      tookAway(V2, 'failed'),
      '',
    ],
    [
      'no other when that one is scaled up again, though its controller called it complete without pods',
      [workload('a', { ...rolling, progress: { ...ROLLING, hasSucceeded: true } }), workload('b')],
      tookAway(V2, 'failed'),
      '',
    ],
    [
      'nor if it was on its way',
      [workload('a', { ...rolling, progress: { ...ROLLING, hasSucceeded: true } }), workload('b')],
      tookAway(V2, 'idle'),
      '',
    ],
    [
      'another when one is scaled to zero before anything is known of it',
      [workload('a', { ...triggered(V2), progress: { ...WHOLE, desired: 0 } }), workload('b')],
      tookAway(V2, 'seen'),
      'b(db)',
    ],
    [
      'another, where it was healthy with this version and fails with that of another Secret',
      [workload('a', { ...both, ...triggered(V2), progress: FAILED }), workload('b')],
      tookAway(V2, 'healthy'),
      'b(db)',
    ],
    ['again for the next version', [workload('a')], tookAway(V1, 'seen'), 'a(db)'],
    ['again for a version that came back', [workload('a', cameBack(V2))], {}, 'a(db)'],
    [
      'not where the pods have what came back',
      [workload('a', cameBack(V2))],
      remembering({ podsRun: () => 'fresh' }),
      '',
    ],
    [
      'not for a Secret that was made anew with the version',
      [workload('a', cameBack(V2))],
      { feeds: [feed({ mark: { version: V2, sinceMs: NOW_MS - HOUR_MS, isFirst: true } })] },
      '',
    ],
    [
      'not where it was restarted for another Secret since',
      [workload('a', { ...cameBack(V2), triggeredAtMs: NOW_MS - 60_000 })],
      {},
      '',
    ],
    [
      'the others of what had been rolled out in full and broke then, by what its own controller says',
      [workload('a', { ...failed, progress: { ...ROLLING, hasSucceeded: true } }), workload('b')],
      {},
      'b(db)',
    ],
    [
      'but not by what it says of the template before',
      [workload('a', { ...failed, progress: { ...ROLLING, isObserved: false, hasSucceeded: true } }), workload('b')],
      {},
      '',
    ],
    [
      'nobody while the first is paused on its way',
      [workload('a', { ...rolling, isPaused: true, triggeredAtMs: 1 }), workload('b')],
      {},
      '',
    ],
    ['not before it may be tried again', [workload('a')], remembering({ retryAtMs: () => NOW_MS + 1 }), ''],
    [
      'named ones, whether they use the Secret or not',
      [workload('a', { secrets: [] }), workload('b')],
      { feeds: [feed({ request: { kind: 'named', workloads: [{ kind: 'Deployment', name: 'a' }] } })] },
      'a(db)',
    ],
    [
      'not one of another kind',
      [workload('a', { kind: 'StatefulSet' })],
      { feeds: [feed({ request: { kind: 'named', workloads: [{ kind: 'Deployment', name: 'a' }] } })] },
      '',
    ],
    ['both secrets of a workload at once', [workload('a', both)], { feeds: [feed(), cache] }, 'a(db,cache)'],
    [
      'one of them, where it has the other',
      [workload('a', { ...both, ...triggered(V2, 'cache') })],
      { feeds: [feed(), cache] },
      'a(db)',
    ],
    ['not while one of them is held', [workload('a', both), workload('b', failed)], { feeds: [feed(), cache] }, ''],
    [
      'a first for each',
      [workload('a', { secrets: ['cache'] }), workload('b'), workload('c', both)],
      { feeds: [feed(), cache] },
      'a(cache) b(db)',
    ],
  ])('%s', (_, workloads, parts, expected) => {
    expect(rolled(plan(workloads, parts))).toBe(expected);
  });

  test('nobody before the window is over, then once for what came in it', () => {
    const at = (agoMs: number, name = 'db') =>
      feed({ name, mark: { version: V2, sinceMs: NOW_MS - agoMs, isFirst: false } });
    const early = plan([workload('a', both)], { feeds: [at(9_000), at(1_000, 'cache')] });
    expect([rolled(early), early.lookAgainAtMs]).toEqual(['', NOW_MS + 1_000]);
    expect(rolled(plan([workload('a', both)], { feeds: [at(10_000), at(2_000, 'cache')] }))).toBe('a(db,cache)');
  });
});

describe('what is told', () => {
  test('a hold names who failed, and counts who waits', () => {
    expect(heldBy(plan([workload('a', failed), workload('b'), workload('c')]))).toBe('db: failed a, 2 wait');
  });

  test('a hold names those of whom the trigger was taken away while their pods have another version', () => {
    expect(heldBy(plan([workload('a')], tookAway(V2, 'healthy')))).toBe('db: reverted a, 0 wait');
    expect(heldBy(plan([workload('a'), workload('b')], tookAway(V2, 'seen')))).toBe('db: reverted a, 1 wait');
    const fresh = { ...tookAway(V2, 'healthy').memory, podsRun: () => 'fresh' } as RolloutMemory;
    const { held, takenAway } = plan([workload('a')], { memory: fresh });
    expect([held, takenAway.map((each) => each.workload.name)]).toEqual([[], ['a']]);
  });

  test('a hold names who is paused on its way, and its deadline does not run', () => {
    const paused = { ...rolling, isPaused: true, triggeredAtMs: 1 };
    const { held, lookAgainAtMs } = plan([workload('a', paused), workload('b')]);
    expect([heldBy(plan([workload('a', paused), workload('b')])), held[0]?.waiting]).toEqual([
      'db: paused a, 1 wait',
      1,
    ]);
    expect(lookAgainAtMs).toBeUndefined();
  });

  test('pods are asked once more, when it is said', () => {
    const memory = { ...OLD_PODS, askAgainAtMs: () => NOW_MS + 7_000 };
    expect(plan([workload('a', rolling), workload('b')], { memory }).lookAgainAtMs).toBe(NOW_MS + 7_000);
    expect(plan([workload('a', healthy)], { memory }).lookAgainAtMs).toBeUndefined();
  });

  test('nothing is held where nobody waits, or where only a paused one does', () => {
    expect(heldBy(plan([workload('a', failed)]))).toBe('');
    expect(heldBy(plan([workload('a', failed), workload('b', { isPaused: true })]))).toBe('');
  });

  test('what is not healthy at the deadline has failed, and is looked at then', () => {
    const late = { ...rolling, triggeredAtMs: NOW_MS - DEADLINE_MS };
    expect(heldBy(plan([workload('a', late), workload('b')]))).toBe('db: failed a, 1 wait');
    expect(plan([workload('a', rolling), workload('b')]).lookAgainAtMs).toBe(NOW_MS - 60_000 + DEADLINE_MS);
  });

  test('a step that waits for somebody has no deadline', () => {
    const waits = { ...rolling, triggeredAtMs: 1, progress: { ...ROLLING, isWaiting: true } };
    const seen = plan([workload('a', waits), workload('b')]);
    expect([heldBy(seen), seen.lookAgainAtMs]).toEqual(['db: paused a, 1 wait', undefined]);
  });

  test('pods are asked about who is due, and not about who has the version', () => {
    const { toAsk, rollouts } = plan(
      [workload('a'), workload('b', healthy)],
      remembering({ podsRun: () => undefined }),
    );
    expect(toAsk.map((each) => each.workload.name)).toEqual(['a']);
    expect(rollouts).toEqual([]);
    const early = feed({ mark: { version: V2, sinceMs: NOW_MS, isFirst: false } });
    expect(plan([workload('a')], { feeds: [early], ...remembering({ podsRun: () => undefined }) }).toAsk).toEqual([]);
  });

  test('names that are not there, by their kinds', () => {
    const workloads = [
      { kind: undefined, name: 'a' },
      { kind: 'StatefulSet', name: 'a' },
      { kind: undefined, name: 'x' },
    ] as const;
    const { missing } = plan([workload('a')], { feeds: [feed({ request: { kind: 'named', workloads } })] });
    expect(missing.map(({ named }) => `${named.kind} ${named.name}`)).toEqual(['StatefulSet a', 'undefined x']);
  });

  test('a name that is not there yet is missed when the window is over', () => {
    const request = { kind: 'named', workloads: [{ kind: undefined, name: 'x' }] } as const;
    const early = feed({ request, mark: { version: V2, sinceMs: NOW_MS - 1_000, isFirst: true } });
    const { missing, lookAgainAtMs } = plan([], { feeds: [early] });
    expect([missing, lookAgainAtMs]).toEqual([[], NOW_MS + 9_000]);
  });

  test('that it waits for a place', () => {
    expect(plan([workload('a')], { freeSlots: 0 }).waitsForSlot).toBe(true);
    expect(plan([workload('a')]).waitsForSlot).toBe(false);
  });
});
