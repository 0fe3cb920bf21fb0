import { describe, expect, test } from 'vitest';
import { AwsCaller } from '../../../src/aws/aws-caller.ts';
import { AwsFault } from '../../../src/aws/aws-fault.ts';
import { Pace } from '../../../src/aws/pace.ts';
import { createVirtualClock, type VirtualClock } from '../virtual-clock.ts';
import { NEVER } from './source-on-fake.ts';

const LATENCY_MS = 20;
const SLOW_DOWN = new AwsFault({ origin: 'service', code: 'ThrottlingException', status: 400 });

interface Seen {
  readonly atMs: number;
  readonly isThrottled: boolean;
}

/** An AWS that lets so many requests a second through, and a tenth of a second's worth at once. */
class ThrottlingAws {
  readonly #clock: VirtualClock;
  perSecond: number;
  #tokens = 0;
  #refilledAtMs = 0;

  constructor(clock: VirtualClock, perSecond: number) {
    this.#clock = clock;
    this.perSecond = perSecond;
  }

  take(): boolean {
    const nowMs = this.#clock.nowMs();
    const most = Math.max(1, this.perSecond / 10);
    this.#tokens = Math.min(most, this.#tokens + ((nowMs - this.#refilledAtMs) / 1_000) * this.perSecond);
    this.#refilledAtMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

/** `workers` call without a pause, as an identity with more to do than AWS lets it. */
function identity(clock: VirtualClock, aws: ThrottlingAws, workers = 8) {
  const pace = new Pace(clock);
  const seen: Seen[] = [];
  const work = async () => {
    for (;;) {
      await pace.turn(NEVER);
      pace.sent();
      const sentAtMs = clock.nowMs();
      const isThrottled = !aws.take();
      seen.push({ atMs: sentAtMs, isThrottled });
      await new Promise<void>((resolve) => clock.after(LATENCY_MS, resolve));
      if (isThrottled) pace.throttled(SLOW_DOWN, sentAtMs);
    }
  };
  for (let at = 0; at < workers; at += 1) void work();
  const during = (fromMs: number, toMs = clock.nowMs()) => seen.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  return { pace, during };
}

function rates(seen: readonly Seen[], ms: number) {
  const refused = seen.filter(({ isThrottled }) => isThrottled).length;
  return { servedPerSecond: ((seen.length - refused) * 1_000) / ms, refusedShare: refused / seen.length };
}

describe('an identity that AWS throttles', () => {
  test.each([5, 20, 100, 300])(
    'at %i calls a second comes to call about that often, and is seldom refused',
    async (limit) => {
      const clock = createVirtualClock();
      const { during } = identity(clock, new ThrottlingAws(clock, limit));
      await clock.advance(60_000);
      const fromMs = clock.nowMs();
      await clock.advance(60_000);
      const { servedPerSecond, refusedShare } = rates(during(fromMs), 60_000);
      expect(servedPerSecond).toBeGreaterThan(limit * 0.7);
      expect(servedPerSecond).toBeLessThanOrEqual(limit * 1.02);
      expect(refusedShare).toBeLessThan(0.04);
    },
  );

  test('slows down within a second or two', async () => {
    const clock = createVirtualClock();
    const { during } = identity(clock, new ThrottlingAws(clock, 20));
    const startMs = clock.nowMs();
    await clock.advance(2_000);
    expect(during(startMs).length).toBeLessThan(160);
    await clock.advance(8_000);
    expect(rates(during(startMs + 2_000), 8_000).refusedShare).toBeLessThan(0.1);
  });

  test('does not slow down another', async () => {
    const clock = createVirtualClock();
    identity(clock, new ThrottlingAws(clock, 5));
    const other = identity(clock, new ThrottlingAws(clock, 10_000));
    const fromMs = clock.nowMs();
    await clock.advance(30_000);
    expect(other.during(fromMs).length).toBe(8 * (30_000 / LATENCY_MS));
  });

  test('is as fast as ever a while after the throttling has ended', async () => {
    const clock = createVirtualClock();
    const aws = new ThrottlingAws(clock, 10);
    const { during } = identity(clock, aws);
    await clock.advance(60_000);
    aws.perSecond = 10_000;
    await clock.advance(61_000);
    const fromMs = clock.nowMs();
    await clock.advance(10_000);
    expect(during(fromMs).length).toBe(8 * (10_000 / LATENCY_MS));
    expect(clock.timers).toBe(8);
  });

  test('is slowed down once by requests that were under way together', async () => {
    const clock = createVirtualClock();
    const pace = new Pace(clock);
    const sentAtMs = clock.nowMs();
    for (let at = 0; at < 20; at += 1) pace.sent();
    clock.tick(LATENCY_MS);
    pace.throttled(SLOW_DOWN, sentAtMs);
    const waitMs = pace.waitMs();
    for (let at = 0; at < 19; at += 1) pace.throttled(SLOW_DOWN, sentAtMs);
    expect(pace.waitMs()).toBe(waitMs);
    expect(waitMs).toBeLessThan(20);
  });

  test('pays for the requests that the SDK repeats by itself', () => {
    const clock = createVirtualClock();
    const pace = new Pace(clock);
    pace.sent();
    pace.throttled(SLOW_DOWN, clock.nowMs());
    const waitMs = pace.waitMs();
    pace.sent();
    expect(pace.waitMs()).toBe(2 * waitMs);
  });
});

test('without throttling nothing waits, and there is no timer', async () => {
  const clock = createVirtualClock();
  const pace = new Pace(clock);
  for (let at = 0; at < 1_000; at += 1) {
    await pace.turn(NEVER);
    pace.sent();
  }
  expect([pace.waitMs(), clock.timers, pace.heldBackBy]).toEqual([0, 0, undefined]);
});

describe('a call that waits for its turn', () => {
  /** A caller that was throttled at one call a second or so, with calls that are never answered too late. */
  function heldBack(deadlineMs: number) {
    const clock = createVirtualClock();
    const pace = new Pace(clock);
    const caller = new AwsCaller({ clock, region: 'eu-west-1', deadlineMs, concurrency: 16, pace });
    pace.sent();
    clock.tick(5_000);
    pace.sent();
    pace.throttled(SLOW_DOWN, clock.nowMs());
    clock.tick(1);
    for (let at = 0; at < 3; at += 1) {
      pace.sent();
      pace.throttled(SLOW_DOWN, clock.nowMs());
      clock.tick(1);
    }
    const sentAtMs: number[] = [];
    const startMs = clock.nowMs();
    const call = (abandon = NEVER) =>
      caller.call(async () => {
        sentAtMs.push(clock.nowMs() - startMs);
        pace.sent();
        return 'answer';
      }, abandon);
    return { clock, pace, caller, call, sentAtMs };
  }

  test('longer than the deadline is told so in the words of AWS, and those behind it move up', async () => {
    const { clock, call, sentAtMs } = heldBack(10_000);
    const results = Array.from({ length: 16 }, () => call().catch((error: unknown) => error));
    await clock.advance(10_000);
    const told = await Promise.all(results);
    const answered = told.filter((result) => result === 'answer').length;
    expect(answered).toBe(sentAtMs.length);
    expect(answered).toBeGreaterThan(2);
    expect(answered).toBeLessThan(16);
    expect(told.slice(answered)).toEqual(Array(16 - answered).fill(SLOW_DOWN));
    expect(clock.timers).toBe(0);
  });

  test('and is abandoned leaves its place to the next', async () => {
    const { clock, pace, call, sentAtMs } = heldBack(60_000);
    const abandon = new AbortController();
    const first = call(abandon.signal).catch((error: unknown) => error);
    const second = call();
    const waitMs = pace.waitMs();
    abandon.abort();
    await clock.settle();
    expect(await first).toMatchObject({ origin: 'closed' });
    expect(pace.waitMs()).toBeLessThan(waitMs);
    await clock.advance(20_000);
    expect(await second).toBe('answer');
    expect(sentAtMs).toHaveLength(1);
  });

  test('ends with the caller, and leaves no timer', async () => {
    const { clock, caller, call } = heldBack(10_000);
    const waiting = call().catch((error: unknown) => error);
    await clock.settle();
    caller.close();
    expect(await waiting).toMatchObject({ origin: 'closed', code: 'Closed' });
    expect(clock.timers).toBe(0);
  });

  test('that was throttled and repeated until the deadline is told of the throttling too', async () => {
    const clock = createVirtualClock();
    const pace = new Pace(clock);
    const caller = new AwsCaller({ clock, region: 'eu-west-1', deadlineMs: 1_000, concurrency: 1, pace });
    const late = caller.call(() => new Promise(() => {}), NEVER).catch((error: unknown) => error);
    await clock.advance(500);
    pace.sent();
    pace.throttled(SLOW_DOWN, clock.nowMs());
    await clock.advance(500);
    expect(await late).toBe(SLOW_DOWN);
    const silent = caller.call(() => new Promise(() => {}), NEVER).catch((error: unknown) => error);
    await clock.advance(5_000);
    expect(await silent).toMatchObject({ origin: 'deadline' });
  });
});
