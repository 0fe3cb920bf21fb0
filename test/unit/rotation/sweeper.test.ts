import { describe, expect, test } from 'vitest';
import { AccessDenied, type KeyturnError, SourceUnavailable, Throttled } from '../../../src/ports/errors.ts';
import type { SecretRef } from '../../../src/ports/secret-source.ts';
import { Sweeper } from '../../../src/rotation/sweeper.ts';
import { VersionIndex } from '../../../src/rotation/version-index.ts';
import { FakeAws, type FakeSource } from '../controllers/fake-sources.ts';
import { createRecordingLog } from '../recording-log.ts';
import { createRecordingMetrics } from '../recording-metrics.ts';
import { createVirtualClock } from '../virtual-clock.ts';

const MINUTE_MS = 60_000;
const A = 'identity-a';
const B = 'identity-b';

function ref(key: string): SecretRef {
  return { key, version: { kind: 'stage', stage: 'AWSCURRENT' } };
}

/** The same sequence of numbers in [0, 1) each time. */
function fixedDice(): () => number {
  let state = 42;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function setUp() {
  const clock = createVirtualClock();
  const aws = new FakeAws(clock);
  const index = new VersionIndex(fixedDice());
  const metrics = createRecordingMetrics();
  const sources = new Map<string, FakeSource>([A, B].map((key) => [key, aws.source({ key })]));
  const told: string[] = [];
  const stop = new AbortController();
  const sweeper = new Sweeper({
    index,
    sourceOf: (identityKey) => sources.get(identityKey),
    onMoved: (users) => told.push(...users),
    clock,
    metrics,
    log: createRecordingLog(),
  });
  const state = { ended: false };
  const ended = sweeper.run(stop.signal).then(() => {
    state.ended = true;
  });

  /** `count` secrets, each used by one user of its own and read once just now, as after a first sync. */
  async function use(count: number, intervalMs = MINUTE_MS, identityKey = A, prefix = 'key'): Promise<void> {
    for (let at = 0; at < count; at += 1) {
      const key = `${prefix}-${at}`;
      aws.put(key, 'not-a-secret');
      index.track(`user-${key}`, [{ identityKey, ref: ref(key), intervalMs }], clock.nowMs());
      const { arn, versionId, createdAtMs } = await aws.source({ key: identityKey }).read(ref(key), stop.signal);
      index.observe(
        identityKey,
        ref(key),
        { kind: 'version', version: { arn, versionId, createdAtMs } },
        clock.nowMs(),
      );
    }
    aws.forgetCalls();
  }

  return { clock, aws, index, metrics, sources, told, stop, state, ended, use };
}

describe('the cost of a cluster where nothing changes', () => {
  test.each([
    [1, 1],
    [20, 1],
    [21, 2],
    [100, 5],
    [101, 6],
  ])('%i secrets of one identity come to cost %i calls an interval', async (secrets, calls) => {
    const { clock, aws, told, use } = setUp();
    await use(secrets);
    await clock.advance(30 * MINUTE_MS);
    aws.forgetCalls();
    await clock.advance(10 * MINUTE_MS);
    expect(aws.count('probe')).toBeLessThanOrEqual(calls * 10 + calls);
    expect(aws.count('probe')).toBeGreaterThanOrEqual(calls * 9);
    expect(aws.count('read')).toBe(0);
    expect(told).toEqual([]);
  });

  test('every secret is asked for at least once in its interval', async () => {
    const { clock, aws, use } = setUp();
    await use(100);
    for (let minute = 0; minute < 20; minute += 1) {
      aws.forgetCalls();
      await clock.advance(MINUTE_MS);
      expect(new Set(aws.calls.flatMap(({ keys }) => keys)).size).toBe(100);
    }
  });

  test('the looks after a start are spread over the later half of the interval, and cost as few calls as ever', async () => {
    const { clock, aws, use } = setUp();
    await use(400);
    await clock.advance(MINUTE_MS);
    const eighths = Array.from({ length: 8 }, () => 0);
    const startMs = clock.nowMs() - MINUTE_MS;
    for (const { atMs } of aws.calls) {
      const eighth = Math.min(7, Math.floor(((atMs - startMs) / MINUTE_MS) * 8));
      eighths[eighth] = (eighths[eighth] ?? 0) + 1;
    }
    expect(eighths.slice(0, 4)).toEqual([0, 0, 0, 0]);
    expect(Math.min(...eighths.slice(4))).toBeGreaterThan(2);
    expect(aws.count('probe')).toBe(20);
  });

  test('secrets of another interval ride along, and are asked no less often than they want', async () => {
    const { clock, aws, use } = setUp();
    await use(10, MINUTE_MS, A, 'fast');
    await use(30, 60 * MINUTE_MS, A, 'slow');
    await clock.advance(60 * MINUTE_MS);
    aws.forgetCalls();
    await clock.advance(60 * MINUTE_MS);
    expect(aws.count('probe')).toBeLessThanOrEqual(62);
    for (let at = 0; at < 30; at += 1) expect(aws.calls.some(({ keys }) => keys.includes(`slow-${at}`))).toBe(true);
  });

  test('with batch denied each secret is asked for alone, once an interval', async () => {
    const { clock, aws, use } = setUp();
    aws.allowsBatch = false;
    await use(30);
    await clock.advance(10 * MINUTE_MS);
    aws.forgetCalls();
    await clock.advance(MINUTE_MS);
    expect(aws.calls.map(({ keys }) => keys.length)).toEqual(Array.from({ length: 30 }, () => 1));
  });
});

describe('a rotation', () => {
  test('is found within the interval, and told to those who use the secret and nobody else', async () => {
    const { clock, aws, metrics, told, use } = setUp();
    await use(50, 2_000);
    await clock.advance(10_000);
    aws.put('key-7', 'rotated');
    await clock.advance(2_000);
    expect(told).toEqual(['user-key-7']);
    expect(metrics.rotations).toEqual([1]);
    await clock.advance(10_000);
    expect(told).toEqual(['user-key-7']);
  });

  test('of all secrets at once is told in as many calls as they take', async () => {
    const { clock, aws, told, use } = setUp();
    await use(60);
    await clock.advance(10 * MINUTE_MS);
    for (let at = 0; at < 60; at += 1) aws.put(`key-${at}`, 'rotated');
    await clock.advance(MINUTE_MS);
    expect(new Set(told).size).toBe(60);
  });

  test('back to an older version is told once it has lasted', async () => {
    const { clock, aws, told, use } = setUp();
    await use(1, 2_000);
    aws.put('key-0', 'rotated');
    await clock.advance(2_000);
    told.length = 0;
    aws.rollBack('key-0');
    await clock.advance(4_000);
    expect(told).toEqual([]);
    await clock.advance(6_000);
    expect(told).toEqual(['user-key-0']);
  });

  test('that a stale replica does not know of yet is told once, and not taken back', async () => {
    const { clock, aws, told, use } = setUp();
    await use(1, 2_000);
    aws.put('key-0', 'rotated');
    await clock.advance(2_000);
    aws.answerStale('key-0', 1);
    await clock.advance(60_000);
    expect(told).toEqual(['user-key-0']);
  });
});

describe('failures', () => {
  test('an identity that gets no answer is asked less and less, and the others are asked as ever', async () => {
    const { clock, aws, use } = setUp();
    await use(20, 2_000, A, 'a');
    await use(20, 2_000, B, 'b');
    await clock.advance(60_000);
    aws.fail(new SourceUnavailable('down'), { identityKey: A });
    aws.forgetCalls();
    await clock.advance(5 * MINUTE_MS);
    const callsOf = (identityKey: string) => aws.calls.filter((call) => call.identityKey === identityKey).length;
    expect(callsOf(A)).toBeLessThan(20);
    expect(callsOf(B)).toBeGreaterThanOrEqual(145);
  });

  test('after an outage the pace is the usual one again within a minute', async () => {
    const { clock, aws, told, use } = setUp();
    await use(20, 2_000);
    aws.fail(new Throttled('slow'));
    await clock.advance(10 * MINUTE_MS);
    expect(new Set(told).size).toBe(20);
    aws.recover();
    told.length = 0;
    await clock.advance(MINUTE_MS);
    expect(new Set(told).size).toBe(20);
    aws.put('key-3', 'rotated');
    told.length = 0;
    await clock.advance(2_000);
    expect(told).toEqual(['user-key-3']);
  });

  test('calls that fail together are one failure: a blip is over after a second', async () => {
    const { clock, aws, index } = setUp();
    aws.latencyMs = 10;
    for (let at = 0; at < 160; at += 1) {
      aws.put(`key-${at}`, 'not-a-secret');
      index.track(`user-${at}`, [{ identityKey: A, ref: ref(`key-${at}`), intervalMs: MINUTE_MS }], clock.nowMs());
    }
    aws.fail(new SourceUnavailable('a blip'));
    await clock.advance(MINUTE_MS + 20);
    expect(aws.count('probe')).toBe(8);
    aws.recover();
    aws.forgetCalls();
    await clock.advance(1_500);
    expect(new Set(aws.calls.flatMap(({ keys }) => keys)).size).toBe(160);
  });

  test.each<[string, KeyturnError, number]>([
    ['no answer makes an identity wait', new SourceUnavailable('down'), 8],
    [
      'throttling does not: the source holds its calls up by itself, and tells when they may go',
      new Throttled('slow'),
      20,
    ],
  ])('%s', async (_, error, calls) => {
    const { clock, aws, index } = setUp();
    aws.latencyMs = 10;
    for (let at = 0; at < 400; at += 1) {
      index.track(`user-${at}`, [{ identityKey: A, ref: ref(`key-${at}`), intervalMs: MINUTE_MS }], clock.nowMs());
    }
    aws.fail(error);
    await clock.advance(MINUTE_MS + 100);
    expect(aws.count('probe')).toBe(calls);
  });

  test('one denied secret does not slow down the others in its call', async () => {
    const { clock, aws, told, use } = setUp();
    await use(20, 2_000);
    aws.fail(new AccessDenied('no'), { key: 'key-5' });
    await clock.advance(60_000);
    expect(told).toEqual(['user-key-5']);
    aws.forgetCalls();
    await clock.advance(20_000);
    expect(aws.count('probe')).toBeGreaterThanOrEqual(9);
  });

  test('an identity without a source is looked at again later, and asked when it has one', async () => {
    const { clock, aws, sources, use } = setUp();
    await use(1, 2_000);
    const source = sources.get(A);
    sources.delete(A);
    await clock.advance(10 * MINUTE_MS);
    expect(aws.count()).toBe(0);
    if (source !== undefined) sources.set(A, source);
    await clock.advance(MINUTE_MS);
    expect(aws.count('probe')).toBeGreaterThan(10);
  });
});

describe('the end', () => {
  test('stop waits for the call that is under way, gives its secrets back and leaves no timer', async () => {
    const { clock, aws, index, stop, state, ended, use } = setUp();
    await use(5, 1_000);
    aws.latencyMs = 100_000;
    await clock.advance(1_200);
    expect(aws.calls.flatMap(({ keys }) => keys)).toHaveLength(5);
    stop.abort();
    await ended;
    expect(state.ended).toBe(true);
    expect(clock.timers).toBe(0);
    const next = index.nextBatch(A, aws.source({ key: A }), clock.nowMs() + MINUTE_MS);
    expect(next.kind === 'ask' && next.refs.length).toBe(5);
  });

  test('what is tracked after the end starts nothing, and a second run goes on', async () => {
    const { clock, aws, index, stop, ended, use, sources } = setUp();
    await use(1, 1_000);
    stop.abort();
    await ended;
    index.track('late', [{ identityKey: A, ref: ref('key-0'), intervalMs: 1 }], clock.nowMs());
    await clock.advance(MINUTE_MS);
    expect([aws.count('probe'), clock.timers]).toEqual([0, 0]);
    const again = new AbortController();
    const sweeper = new Sweeper({
      index,
      sourceOf: (key) => sources.get(key),
      onMoved: () => {},
      clock,
      metrics: createRecordingMetrics(),
      log: createRecordingLog(),
    });
    const second = sweeper.run(again.signal);
    await clock.advance(10);
    expect(aws.count('probe')).toBeGreaterThan(0);
    again.abort();
    await second;
    expect(clock.timers).toBe(0);
  });

  test('a sweeper without anything to do has no timer', async () => {
    const { clock } = setUp();
    await clock.advance(MINUTE_MS);
    expect(clock.timers).toBe(0);
  });

  test('at most eight calls of one identity are under way', async () => {
    const { clock, aws, use } = setUp();
    await use(400, 1_000);
    aws.latencyMs = 100_000;
    await clock.advance(2_000);
    expect(aws.count('probe')).toBe(8);
  });
});
