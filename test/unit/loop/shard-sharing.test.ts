import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { takePart } from '../../../src/loop/leader-election.ts';
import { ELECTION_TIMING } from '../../../src/loop/lease-claim.ts';
import { createRecordingLog } from '../recording-log.ts';
import { createVirtualClock, type VirtualClock } from '../virtual-clock.ts';
import { CALM, type Weather } from './fake-lease-store.ts';
import { createFakeLeases, type FakeLeases, type Replica, type ReplicaOptions, startReplica } from './replica.ts';

const { leaseDurationMs, lookEveryMs } = ELECTION_TIMING;
const OUTAGE: Weather = { ...CALM, lost: 'request', timeoutMs: 5_000 };
/** Counted at every so many ms. */
const STEP_MS = 100;

interface Fleet {
  readonly clock: VirtualClock;
  readonly leases: FakeLeases;
  readonly replicas: readonly Replica[];
  join(options?: Partial<ReplicaOptions>): Replica;
  /** Lets time pass, and sees at every moment that nobody works on what another works on. */
  advance(ms: number): Promise<void>;
  /** How many shards each has that is there, sorted. */
  counts(): readonly number[];
  /** How long it takes until that is true. */
  until(isSo: () => boolean, withinMs: number): Promise<number>;
  stop(): Promise<void>;
}

function expectNoTwo(replicas: readonly Replica[]): void {
  const busy = replicas.filter(({ working }) => working.size > 0);
  expect(new Set(busy.map(({ shards }) => shards)).size).toBeLessThanOrEqual(1);
  const worked = busy.flatMap(({ working }) => [...working]);
  expect(worked).toHaveLength(new Set(worked).size);
}

function fleet(shards: number): Fleet {
  const clock = createVirtualClock();
  const leases = createFakeLeases(clock);
  const replicas: Replica[] = [];
  const self: Fleet = {
    clock,
    leases,
    replicas,
    join(options = {}) {
      const replica = startReplica(clock, leases, { identity: `r${replicas.length}`, shards, ...options });
      replicas.push(replica);
      return replica;
    },
    async advance(ms) {
      for (let passed = 0; passed < ms; passed += STEP_MS) {
        await clock.advance(Math.min(STEP_MS, ms - passed));
        expectNoTwo(replicas);
      }
    },
    counts: () =>
      replicas
        .filter(({ isGone }) => !isGone)
        .map(({ working }) => working.size)
        .sort((a, b) => a - b),
    async until(isSo, withinMs) {
      const startedAtMs = clock.nowMs();
      await clock.settle();
      while (!isSo() && clock.nowMs() - startedAtMs < withinMs) await self.advance(STEP_MS);
      expect(isSo()).toBe(true);
      return clock.nowMs() - startedAtMs;
    },
    async stop() {
      const ended = Promise.all(replicas.filter(({ isGone }) => !isGone).map((replica) => replica.stop()));
      await clock.advance(30_000);
      await ended;
    },
  };
  return self;
}

function isHeld({ replicas }: Fleet, shards: number): boolean {
  return new Set(replicas.flatMap(({ working }) => [...working])).size === shards;
}

describe('shards', () => {
  test('of one replica are all its own within seconds', async () => {
    const all = fleet(16);
    all.join();
    await all.until(() => isHeld(all, 16), 3_000);
    await all.stop();
    expect(all.clock.timers).toBe(0);
  });

  test.each([
    [3, 2, [1, 2]],
    [9, 3, [3, 3, 3]],
    [30, 4, [7, 7, 8, 8]],
    [2, 3, [0, 1, 1]],
  ])('%i are shared by %i that start together', async (shards, count, expected) => {
    const all = fleet(shards);
    for (let at = 0; at < count; at += 1) all.join();
    await all.until(() => isHeld(all, shards) && String(all.counts()) === String(expected), 5_000);
    await all.stop();
  });

  test.each([
    [3, 2, [1, 1, 1]],
    [31, 2, [10, 10, 11]],
    [30, 1, [15, 15]],
  ])('%i that %i have are shared with a new one within seconds', async (shards, before, expected) => {
    const all = fleet(shards);
    for (let at = 0; at < before; at += 1) all.join({ windUpMs: 400 });
    await all.advance(20_000);
    all.join();
    const tookMs = await all.until(() => String(all.counts()) === String(expected), 6_000);
    expect(tookMs).toBeLessThan(3_000);
    await all.stop();
  });

  test('of one that ends are taken by the others in less than a second', async () => {
    const all = fleet(9);
    const [a] = [all.join(), all.join(), all.join()];
    await all.advance(20_000);
    const ended = a.stop();
    expect(await all.until(() => isHeld(all, 9), 5_000)).toBeLessThan(1_000);
    await ended;
    expect(all.counts()).toEqual([4, 5]);
    await all.stop();
  });

  test('of one that ends while it takes them are not left to run out', async () => {
    const all = fleet(3);
    const ending = all.join();
    const answersLate = { ...CALM, backMs: 300 };
    ending.weather = () => answersLate;
    const lease = all.leases.named('keyturn-0-of-3');
    while (lease.stored?.holder !== ending.identity) await all.advance(STEP_MS);
    expect(ending.working.size).toBe(0);
    const ended = ending.stop();
    all.join();
    expect(await all.until(() => isHeld(all, 3), 20_000)).toBeLessThan(4_000);
    await ended;
    await all.stop();
  });

  test('of one that is killed are taken by the others when their leases have run out', async () => {
    const all = fleet(9);
    const [a] = [all.join(), all.join(), all.join()];
    await all.advance(20_000);
    a.kill();
    const tookMs = await all.until(() => isHeld(all, 9), 30_000);
    expect(tookMs).toBeLessThan(leaseDurationMs + 2 * lookEveryMs);
    await all.until(() => String(all.counts()) === '4,5', 5_000);
    await all.stop();
  });

  test('are not moved when they are shared fairly, and cost no writes but renewals', async () => {
    const all = fleet(8);
    for (let at = 0; at < 3; at += 1) all.join();
    await all.advance(10_000);
    const before = all.leases.changesOfHands;
    await all.advance(120_000);
    expect(all.leases.changesOfHands).toBe(before);
    expect(all.counts()).toEqual([2, 3, 3]);
    await all.stop();
  });

  test('that one does not take although it calls for them come back, and are not offered to it again and again', async () => {
    const all = fleet(4);
    all.join();
    await all.advance(5_000);
    const slow = all.join();
    // It sees everything, and whatever it writes to a shard comes too late.
    slow.weather = () => ({ ...CALM, thereMs: 2_500 });
    const before = all.leases.changesOfHands;
    await all.advance(120_000);
    expect(isHeld(all, 4)).toBe(true);
    expect(all.leases.changesOfHands - before).toBeLessThan(60);
    slow.weather = () => CALM;
    await all.until(() => String(all.counts()) === '2,2', 65_000);
    await all.stop();
  });

  test('that are given to one that dies meanwhile are given once', async () => {
    const all = fleet(4);
    all.join();
    await all.advance(5_000);
    const dying = all.join();
    const call = all.leases.named('keyturn-call-of-4');
    await all.until(() => call.stored?.holder === dying.identity, 5_000);
    dying.kill();
    const before = all.leases.changesOfHands;
    await all.advance(10_000);
    expect(isHeld(all, 4)).toBe(true);
    // Two were given back and taken again.
    expect(all.leases.changesOfHands - before).toBe(4);
    await all.stop();
  });

  test('of one that is cut off are given up before the others may take them, and shared again afterwards', async () => {
    const all = fleet(6);
    const [a] = [all.join(), all.join()];
    await all.advance(10_000);
    a.weather = () => OUTAGE;
    await all.until(() => all.counts()[0] === 0, ELECTION_TIMING.renewDeadlineMs + 1_000);
    await all.until(() => isHeld(all, 6), 10_000);
    a.weather = () => CALM;
    await all.until(() => String(all.counts()) === '3,3', 10_000);
    await all.stop();
  });
});

describe('another number of shards', () => {
  test('stands by while shards of the first number are held, and takes over after the last of those', async () => {
    const all = fleet(3);
    const old = [all.join(), all.join()];
    await all.advance(5_000);
    const next = [all.join({ shards: 5 }), all.join({ shards: 5 })];
    await all.advance(30_000);
    expect(next.map(({ working }) => working.size)).toEqual([0, 0]);
    await old[0]?.stop();
    await all.advance(30_000);
    expect(old[1]?.working.size).toBe(3);
    await old[1]?.stop();
    await all.until(() => String(all.counts()) === '2,3', leaseDurationMs + 5_000);
    await all.stop();
  });

  test('one shard, which has one leader, stands by and is stood by for just so', async () => {
    const all = fleet(3);
    all.join();
    await all.advance(5_000);
    const stop = new AbortController();
    const leader = { leads: false };
    const options = { identity: 'one', timing: ELECTION_TIMING, clock: all.clock, log: createRecordingLog() };
    const ended = takePart(
      { ...options, leases: all.leases.named('keyturn').reach(() => CALM) },
      async (lost) => {
        leader.leads = true;
        await new Promise((resolve) => AbortSignal.any([lost, stop.signal]).addEventListener('abort', resolve));
        leader.leads = false;
      },
      stop.signal,
    );
    await all.advance(40_000);
    expect(leader.leads).toBe(false);
    await all.replicas[0]?.stop();
    await all.until(() => leader.leads, leaseDurationMs + 1_000);
    all.join();
    await all.advance(40_000);
    expect(all.counts()).toEqual([0]);
    stop.abort();
    await ended;
    await all.until(() => isHeld(all, 3), 5_000);
    await all.stop();
  });
});

type Event =
  | { readonly kind: 'join'; readonly shards: number; readonly windUpMs: number }
  | { readonly kind: 'stop' | 'kill' | 'cutOff' | 'heal'; readonly who: number };

const events: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('join' as const),
      shards: fc.constant(5),
      windUpMs: fc.constantFrom(0, 300, 4_000),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('stop' as const, 'kill' as const, 'cutOff' as const, 'heal' as const),
      who: fc.nat({ max: 5 }),
    }),
  },
);
const steps = fc.array(fc.tuple(events, fc.integer({ min: 100, max: 9_000 })), { minLength: 3, maxLength: 14 });
const weather: fc.Arbitrary<Weather> = fc.record({
  thereMs: fc.constantFrom(0, 0, 10, 300, 3_000),
  backMs: fc.constantFrom(0, 0, 10, 300, 3_000),
  lost: fc.constantFrom('no', 'no', 'no', 'no', 'request', 'answer'),
  timeoutMs: fc.constantFrom(50, 1_000, 5_000),
});

function happen(all: Fleet, event: Event, stopping: Promise<void>[], weatherOfNew = () => CALM): void {
  if (event.kind === 'join') {
    if (all.counts().length < 6) all.join(event).weather = weatherOfNew;
    return;
  }
  const there = all.replicas.filter(({ isGone }) => !isGone);
  const replica = there[event.who % Math.max(1, there.length)];
  if (replica === undefined) return;
  if (event.kind === 'stop') stopping.push(replica.stop());
  if (event.kind === 'kill') replica.kill();
  if (event.kind === 'cutOff') replica.weather = () => OUTAGE;
  if (event.kind === 'heal') replica.weather = () => CALM;
}

describe('under joins, stops, kills and outages in any order', () => {
  test('no shard has two, all are held again within the lease time, evenly, and then nothing moves', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (happening) => {
        const all = fleet(5);
        const stopping: Promise<void>[] = [];
        all.join();
        for (const [event, waitMs] of happening) {
          happen(all, event, stopping);
          await all.advance(waitMs);
        }
        for (const replica of all.replicas) replica.weather = () => CALM;
        if (all.counts().length === 0) all.join();
        // Who was cut off alone may see only after a last timeout that a holder is gone; then it takes part by part.
        await all.until(() => isHeld(all, 5), OUTAGE.timeoutMs + leaseDurationMs + 3_000);
        await all.advance(75_000);
        const counts = all.counts();
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        const before = all.leases.changesOfHands;
        await all.advance(30_000);
        expect(all.leases.changesOfHands).toBe(before);
        await all.stop();
        await Promise.all(stopping);
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  test('and in any weather, with two numbers of shards, no two work on one namespace', async () => {
    const mixed = fc.array(fc.tuple(events, fc.integer({ min: 100, max: 12_000 }), fc.constantFrom(2, 3)), {
      maxLength: 12,
    });
    const storms = fc.array(weather, { minLength: 1, maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(mixed, storms, async (happening, storm) => {
        const all = fleet(2);
        const stopping: Promise<void>[] = [];
        let call = 0;
        const stormy = () => storm[call++ % storm.length] ?? CALM;
        all.join();
        for (const [event, waitMs, shards] of happening) {
          happen(all, event.kind === 'join' ? { ...event, shards } : event, stopping, stormy);
          await all.advance(waitMs);
        }
        for (const replica of all.replicas) replica.weather = () => CALM;
        await all.stop();
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
