import { describe, expect, test } from 'vitest';
import { type ConsumptionFacts, consumptionOf } from '../../../src/domain/consumption.ts';
import { safeToRevoke } from '../../../src/domain/consumption-messages.ts';
import { triggerValue } from '../../../src/domain/rollout-trigger.ts';
import type { ConsumingPod } from '../../../src/ports/pods.ts';
import type { PodSecrets } from '../../../src/ports/workloads.ts';
import { NOW_MS, V1, V2 } from './workloads.ts';

const HOUR_MS = 3_600_000;
const SINCE_MS = NOW_MS - HOUR_MS;
const BEFORE_MS = SINCE_MS - HOUR_MS;
const AFTER_MS = SINCE_MS + 60_000;

/** As a trigger has the mark of the tests. */
const MARKED = triggerValue({ version: V2, sinceMs: SINCE_MS, isFirst: false });

const NONE: PodSecrets = { containers: [], volumes: [], imagePullSecrets: [] };
const ENV: PodSecrets = { ...NONE, containers: [{ env: [], envFrom: ['db'], mounts: [] }] };
const volume = { name: 'v', secrets: ['db'], isLive: true };
const FILES: PodSecrets = { ...NONE, containers: [{ env: [], envFrom: [], mounts: [] }], volumes: [volume] };
const SUB_PATH: PodSecrets = {
  ...FILES,
  containers: [{ env: [], envFrom: [], mounts: [{ volume: 'v', isSubPath: true }] }],
};

function pod(startedAtMs: number, parts: Partial<ConsumingPod> = {}): ConsumingPod {
  return {
    namespace: 'team',
    name: 'api-1',
    createdAtMs: startedAtMs,
    isRunning: true,
    startedAtMs,
    secrets: ENV,
    containerStartsMs: [startedAtMs],
    triggers: {},
    ...parts,
  };
}

function facts(pods: readonly ConsumingPod[], parts: Partial<ConsumptionFacts> = {}): ConsumptionFacts {
  return {
    secret: 'db',
    trigger: 'keyturn.dev/rollout-db',
    mark: { version: V2, sinceMs: SINCE_MS, isFirst: false },
    versionIds: ['v2'],
    keys: undefined,
    isImmutable: false,
    before: {
      versions: [{ version: V1, since: new Date(BEFORE_MS - HOUR_MS).toISOString(), versionIds: ['v1'], pods: 1 }],
    },
    pods,
    nowMs: NOW_MS,
    ...parts,
  };
}

/** `current 1, earlier 0, starting 0` without what is none; and what the pods hold. */
function held(given: ConsumptionFacts): string {
  const { current, earlier, starting, pods = [] } = consumptionOf(given).status;
  const counts = Object.entries({ current, earlier, starting }).filter(([, count]) => count !== 0);
  return [...counts.map(([name, count]) => `${name} ${count}`), ...pods.map(({ version }) => version)].join(' ');
}

describe('a pod', () => {
  test.each<readonly [string, ConsumingPod, string]>([
    ['that started with the version', pod(AFTER_MS), `current 1 ${V2}`],
    ['that started before', pod(BEFORE_MS), `earlier 1 ${V1}`],
    ['that started before all that is known', pod(BEFORE_MS - 2 * HOUR_MS), 'earlier 1 '],
    ['that started in the same second', pod(SINCE_MS), `earlier 1 ${V1}`],
    [
      'whose container was restarted so soon that it may have read before',
      pod(BEFORE_MS, { containerStartsMs: [SINCE_MS + 9_000] }),
      `earlier 1 ${V1}`,
    ],
    ['that was made and started so soon', pod(SINCE_MS + 3_000), `current 1 ${V2}`],
    ['whose container was restarted since', pod(BEFORE_MS, { containerStartsMs: [AFTER_MS] }), `current 1 ${V2}`],
    ['whose container has not started', pod(BEFORE_MS, { containerStartsMs: [null] }), 'starting 1'],
    ['that has ended', pod(BEFORE_MS, { isRunning: false }), ''],
    ['that does not use the Secret', pod(BEFORE_MS, { secrets: NONE }), ''],
    ['that only pulls images with it', pod(BEFORE_MS, { secrets: { ...NONE, imagePullSecrets: ['db'] } }), ''],
    ['with files, which are kept up to date', pod(BEFORE_MS, { secrets: FILES }), `current 1 ${V2}`],
    [
      'with a subPath, which is not',
      pod(BEFORE_MS, { secrets: SUB_PATH, containerStartsMs: [AFTER_MS] }),
      `earlier 1 ${V1}`,
    ],
    ['with files and environment', pod(BEFORE_MS, { secrets: { ...ENV, volumes: [volume] } }), `earlier 1 ${V1}`],
    [
      'that a rollout made, on a node whose clock is late',
      pod(BEFORE_MS, { createdAtMs: SINCE_MS + 3_000, triggers: { 'keyturn.dev/rollout-db': V2 } }),
      `current 1 ${V2}`,
    ],
    [
      'that a rollout made for this very mark, whatever any clock says',
      pod(BEFORE_MS, { triggers: { 'keyturn.dev/rollout-db': MARKED } }),
      `current 1 ${V2}`,
    ],
    [
      'that a rollout made when the Secret had the version once before, a second after it has it again',
      pod(SINCE_MS + 1_000, { triggers: { 'keyturn.dev/rollout-db': `${V2} 2020-01-01T00:00:00Z` } }),
      `earlier 1 ${V1}`,
    ],
    ['that an earlier rollout made', pod(BEFORE_MS, { triggers: { 'keyturn.dev/rollout-db': V1 } }), `earlier 1 ${V1}`],
  ])('%s', (_, given, expected) => {
    expect(held(facts([given]))).toBe(expected);
  });

  test('of two containers the older one counts', () => {
    const [one] = ENV.containers;
    const containers = one === undefined ? [] : [one, one];
    const given = pod(BEFORE_MS, { secrets: { ...ENV, containers }, containerStartsMs: [AFTER_MS, BEFORE_MS] });
    expect(held(facts([given]))).toBe(`earlier 1 ${V1}`);
  });

  test('with files of an immutable Secret holds what it started with', () => {
    expect(held(facts([pod(BEFORE_MS, { secrets: FILES })], { isImmutable: true }))).toBe(`earlier 1 ${V1}`);
  });

  const needing: PodSecrets = { ...FILES, volumes: [{ ...volume, items: [{ secret: 'db', keys: ['user', 'pw'] }] }] };
  test.each<readonly [string, readonly string[] | undefined, string]>([
    ['are in the Secret has the files that there are', ['user', 'pw', 'other'], `current 1 ${V2}`],
    ['may be in the Secret is believed to have them', undefined, `current 1 ${V2}`],
    ['are missing holds what it started with', ['user'], `earlier 1 ${V1}`],
  ])('with a volume whose items %s', (_, keys, expected) => {
    const given = facts([pod(BEFORE_MS, { secrets: needing })], { keys: keys && new Set(keys) });
    expect(held(given)).toBe(expected);
    expect(consumptionOf(given).lookAgainAtMs).toBeUndefined();
  });

  const withFiles = (node: ConsumingPod['node']) => facts([pod(BEFORE_MS, { secrets: FILES, ...(node && { node }) })]);
  test.each<readonly [string, NonNullable<ConsumingPod['node']>, string]>([
    ['was silent before the version', { is: 'silent', sinceMs: SINCE_MS }, `earlier 1 ${V1}`],
    ['was silent before it brought the files', { is: 'silent', sinceMs: SINCE_MS + 150_000 }, `earlier 1 ${V1}`],
    ['was silent long after that', { is: 'silent', sinceMs: SINCE_MS + 200_000 }, `current 1 ${V2}`],
    ['has just come back', { is: 'back', sinceMs: NOW_MS - 100_000 }, `earlier 1 ${V1}`],
    ['came back a while ago', { is: 'back', sinceMs: NOW_MS - 130_000 }, `current 1 ${V2}`],
  ])('with files on a node that %s', (_, node, expected) => {
    expect(held(withFiles(node))).toBe(expected);
  });

  test('on a node that is back is looked at again when its files are there', () => {
    const given = withFiles({ is: 'back', sinceMs: NOW_MS - 10_000 });
    const { lookAgainAtMs = 0 } = consumptionOf(given);
    expect(held({ ...given, nowMs: lookAgainAtMs })).toBe(`current 1 ${V2}`);
    expect(consumptionOf(withFiles({ is: 'silent', sinceMs: SINCE_MS })).lookAgainAtMs).toBeUndefined();
  });

  test('whose container was restarted, while its files are on their way, is looked at again when they are there', () => {
    const mark = { version: V2, sinceMs: NOW_MS - 60_000, isFirst: false };
    const restarted = pod(BEFORE_MS, { secrets: { ...ENV, volumes: [volume] }, containerStartsMs: [NOW_MS - 40_000] });
    const given = facts([restarted], { mark });
    expect(held(given)).toBe(`earlier 1 ${V1}`);
    const { lookAgainAtMs = 0 } = consumptionOf(given);
    expect(held({ ...given, nowMs: lookAgainAtMs })).toBe(`current 1 ${V2}`);
  });

  test('of a first version holds it, if it started in the same second', () => {
    const mark = { version: V2, sinceMs: SINCE_MS, isFirst: true };
    expect(held(facts([pod(SINCE_MS)], { mark }))).toBe(`current 1 ${V2}`);
  });

  test('with files right after a rotation holds the earlier one, and is looked at again when they are there', () => {
    const mark = { version: V2, sinceMs: NOW_MS - 10_000, isFirst: false };
    const given = facts([pod(BEFORE_MS, { secrets: FILES })], { mark });
    expect(held(given)).toBe(`earlier 1 ${V1}`);
    const { lookAgainAtMs = 0 } = consumptionOf(given);
    expect(held({ ...given, nowMs: lookAgainAtMs })).toBe(`current 1 ${V2}`);
    expect(consumptionOf({ ...given, nowMs: lookAgainAtMs }).lookAgainAtMs).toBeUndefined();
  });
});

describe('a Secret that went back to the version before', () => {
  const time = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');
  /** V2 from BEFORE_MS on, V1 for `wrongMs` and then V2 again. */
  const back = (one: ConsumingPod, wrongMs = HOUR_MS / 2, nowMs = NOW_MS) =>
    held(
      facts([one], {
        nowMs,
        before: {
          versions: [
            { version: V1, since: time(SINCE_MS - wrongMs), pods: 0 },
            { version: V2, since: time(BEFORE_MS), pods: 0 },
          ],
        },
      }),
    );
  const GOOD_MS = BEFORE_MS + 60_000;
  const WRONG_MS = SINCE_MS - 60_000;
  const trigger = { createdAtMs: GOOD_MS, triggers: { 'keyturn.dev/rollout-db': V2 } };

  test.each<readonly [string, string, string]>([
    ['a container that started before still has it', back(pod(GOOD_MS)), `current 1 ${V2}`],
    ['one that was restarted meanwhile has the other', back(pod(WRONG_MS, trigger)), `earlier 1 ${V1}`],
    [
      'so has one of two',
      back(
        pod(GOOD_MS, {
          secrets: { ...ENV, containers: [...ENV.containers, ...ENV.containers] },
          containerStartsMs: [GOOD_MS, WRONG_MS],
        }),
      ),
      `earlier 1 ${V1}`,
    ],
    [
      'files have the other for a while, whatever the trigger says',
      back(pod(GOOD_MS, { ...trigger, secrets: FILES }), HOUR_MS / 2, SINCE_MS + 5_000),
      `earlier 1 ${V1}`,
    ],
    [
      'files that may have seen the other in a short time',
      back(pod(GOOD_MS, { secrets: FILES }), 30_000, SINCE_MS + 10_000),
      `earlier 1 ${V1}`,
    ],
    [
      'files beside an environment that has it',
      back(pod(GOOD_MS, { secrets: { ...ENV, volumes: [volume] } }), HOUR_MS / 2, SINCE_MS + 5_000),
      `earlier 1 ${V1}`,
    ],
    ['a subPath may have been read again', back(pod(GOOD_MS, { secrets: SUB_PATH })), `earlier 1 ${V1}`],
  ])('%s', (_, actual, expected) => {
    expect(actual).toBe(expected);
  });
});

test('a version whose time was set right later is not believed to have been there before that', () => {
  const time = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');
  const versions = [
    { version: V2, since: time(SINCE_MS - 20_000), pods: 0 },
    { version: V1, since: time(BEFORE_MS), pods: 1 },
  ];
  const given = facts([pod(SINCE_MS - 10_000)], { before: { versions } });
  expect(held(given)).toBe(`earlier 1 ${V1}`);
  expect(consumptionOf(given).status.versions?.map(({ since }) => since)).toEqual([time(SINCE_MS), time(BEFORE_MS)]);
});

test('a version that came and went untold is known from the Secret', () => {
  const time = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');
  const [firstMs, untoldMs, otherMs] = [SINCE_MS - 3 * HOUR_MS, SINCE_MS - 2 * HOUR_MS, SINCE_MS - HOUR_MS];
  const [untold, other] = ['3'.repeat(16), '4'.repeat(16)];
  const before = [
    { version: other, sinceMs: otherMs, isFirst: false },
    { version: untold, sinceMs: untoldMs, isFirst: false },
    { version: V2, sinceMs: firstMs, isFirst: true },
  ];
  const versions = [
    { version: other, since: time(otherMs), pods: 0 },
    { version: V2, since: time(firstMs), isFirst: true, pods: 0 },
  ];
  const mark = { version: V2, sinceMs: SINCE_MS, isFirst: false, before };
  const pods = [pod(untoldMs + 60_000), pod(firstMs + 60_000)];
  expect(held(facts(pods, { mark, before: { versions } }))).toBe(`current 1 earlier 1 ${untold} ${V2}`);
});

test('a container that was starting at a rotation may have the earlier version until its kubelet has told', () => {
  const mark = { version: V2, sinceMs: NOW_MS - 4_000, isFirst: false };
  const given = facts([pod(NOW_MS - 9_000, { containerStartsMs: [null] })], { mark });
  expect(held(given)).toBe(`earlier 1 ${V1}`);
  const { lookAgainAtMs = 0 } = consumptionOf(given);
  expect(held({ ...given, nowMs: lookAgainAtMs })).toBe('starting 1');
});

describe('what is told', () => {
  test('the history begins with the present version, and keeps those before', () => {
    const { versions } = consumptionOf(facts([pod(AFTER_MS), pod(BEFORE_MS)])).status;
    expect(versions).toMatchObject([
      { version: V2, versionIds: ['v2'], pods: 1 },
      { version: V1, versionIds: ['v1'], pods: 1 },
    ]);
  });

  test('what a Secret of another name had is not the history of this one', () => {
    const before = { secret: 'other', versions: [{ version: V2, since: new Date(BEFORE_MS).toISOString(), pods: 0 }] };
    expect(held(facts([pod(BEFORE_MS + 60_000)], { before }))).toBe('earlier 1 ');
  });

  test('ten versions are kept, and their ids where they are not known now', () => {
    let before: ConsumptionFacts['before'];
    for (let at = 0; at < 15; at += 1) {
      const mark = { version: String(at).padStart(16, '0'), sinceMs: BEFORE_MS + at * 1_000, isFirst: at === 0 };
      before = consumptionOf(facts([], { mark, versionIds: [`id-${at}`], before })).status;
      before = consumptionOf(facts([], { mark, versionIds: undefined, before })).status;
    }
    expect(before?.versions).toHaveLength(10);
    expect(before?.versions?.at(-1)).toMatchObject({ versionIds: ['id-5'] });
  });

  test('a thousand pods fit: all are counted, a hundred are listed, those with an earlier version first', () => {
    const pods = Array.from({ length: 1_000 }, (_, at) => pod(at < 40 ? BEFORE_MS : AFTER_MS, { name: `pod-${at}` }));
    const { status } = consumptionOf(facts(pods));
    expect(status).toMatchObject({ current: 960, earlier: 40, safeToRevokePrevious: 'False' });
    expect(status.pods?.map(({ version }) => version)).toEqual([...Array(40).fill(V1), ...Array(60).fill(V2)]);
    expect(JSON.stringify(status).length).toBeLessThan(16_000);
  });

  test('it says the same of the same, in whatever order pods come', () => {
    const pods = [pod(AFTER_MS, { name: 'a' }), pod(BEFORE_MS, { name: 'b' }), pod(BEFORE_MS, { name: 'c' })];
    const first = consumptionOf(facts(pods)).status;
    expect(consumptionOf(facts(pods.toReversed(), { before: first, nowMs: NOW_MS + HOUR_MS })).status).toEqual(first);
  });

  test('the condition names who may hold an earlier one', () => {
    const four = ['d', 'c', 'b', 'a'].map((name) => pod(BEFORE_MS, { name }));
    expect(safeToRevoke('db', consumptionOf(facts(four)).status)).toMatchObject({
      status: 'False',
      reason: 'PodsHoldPrevious',
      message: `4 running pods may hold an earlier version of Secret "db" than ${V2}: "a", "b", "c" and 1 more (kubectl get secretconsumption db -o yaml)`,
    });
    expect(safeToRevoke('db', consumptionOf(facts([pod(AFTER_MS)])).status)).toMatchObject({ status: 'True' });
  });
});
