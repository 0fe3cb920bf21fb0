import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { takePart } from '../../../src/loop/leader-election.ts';
import { ELECTION_TIMING, type ElectionTiming } from '../../../src/loop/lease-claim.ts';
import { createRecordingLog } from '../recording-log.ts';
import { createVirtualClock, type VirtualClock } from '../virtual-clock.ts';
import { CALM, createFakeLease, type FakeLease, type Weather } from './fake-lease-store.ts';

const TIMING: ElectionTiming = {
  leaseDurationMs: 15_000,
  renewDeadlineMs: 10_000,
  renewEveryMs: 4_000,
  lookEveryMs: 500,
};

interface Candidate {
  readonly isLeading: boolean;
  /** How often it began to lead. */
  readonly terms: number;
  readonly lostTerms: number;
  weather: () => Weather;
  stop(): Promise<void>;
  /** Ends without giving anything back, as a process that is killed. */
  kill(): void;
  endWork(): void;
}

/** @param windUpMs how long the work goes on after it was asked to stop */
function candidate(clock: VirtualClock, lease: FakeLease, identity: string, windUpMs = 0, isShared = false): Candidate {
  const stop = new AbortController();
  const state = { leading: false, terms: 0, lostTerms: 0, dead: false, endWork: () => {} };
  const self: Candidate = {
    get isLeading() {
      return state.leading && !state.dead;
    },
    get terms() {
      return state.terms;
    },
    get lostTerms() {
      return state.lostTerms;
    },
    weather: () => CALM,
    async stop() {
      stop.abort();
      await ended;
    },
    kill() {
      state.dead = true;
    },
    endWork: () => state.endWork(),
  };
  const reached = lease.reach(() => (state.dead ? { ...CALM, lost: 'request', timeoutMs: 1e12 } : self.weather()));
  const ended = takePart(
    { leases: reached, identity, isShared, timing: TIMING, clock, log: createRecordingLog() },
    async (lost) => {
      state.leading = true;
      state.terms += 1;
      await new Promise<void>((resolve) => {
        state.endWork = resolve;
        if (lost.aborted) resolve();
        lost.addEventListener('abort', () => resolve(), { once: true });
        stop.signal.addEventListener('abort', () => (windUpMs === 0 ? resolve() : clock.after(windUpMs, resolve)), {
          once: true,
        });
      });
      state.leading = false;
      if (lost.aborted) state.lostTerms += 1;
    },
    stop.signal,
  );
  return self;
}

function setUp() {
  const clock = createVirtualClock();
  const lease = createFakeLease(clock);
  return { clock, lease, join: (identity: string, windUpMs?: number) => candidate(clock, lease, identity, windUpMs) };
}

describe('a leader', () => {
  test('is the first who looks, and is the only one', async () => {
    const { clock, lease, join } = setUp();
    const [a, b] = [join('a'), join('b')];
    await clock.advance(60_000);
    expect([a.isLeading, b.isLeading]).toEqual([true, false]);
    expect(lease.stored).toMatchObject({ holder: 'a', durationMs: 15_000, transitions: 0 });
    await Promise.all([a.stop(), b.stop()]);
  });

  test('renews as often as it should, and writes no more than that', async () => {
    const { clock, lease, join } = setUp();
    const a = join('a');
    await clock.advance(40_000);
    expect(lease.writes.length).toBe(1 + 40_000 / TIMING.renewEveryMs);
    await a.stop();
  });

  test('gives the lease back at the end, and another leads at its next look', async () => {
    const { clock, lease, join } = setUp();
    const [a, b] = [join('a'), join('b')];
    await clock.advance(5_000);
    await a.stop();
    expect(lease.stored?.holder).toBe('');
    await clock.advance(TIMING.lookEveryMs);
    expect(b.isLeading).toBe(true);
    expect(lease.stored).toMatchObject({ holder: 'b', transitions: 1 });
    await b.stop();
    expect(clock.timers).toBe(0);
  });

  test('keeps the lease while its work winds up', async () => {
    const { clock, join } = setUp();
    const [a, b] = [join('a', 20_000), join('b')];
    await clock.advance(1_000);
    const stopped = a.stop();
    await clock.advance(19_000);
    expect([a.isLeading, b.isLeading]).toEqual([true, false]);
    await clock.advance(2_000);
    await stopped;
    expect([a.isLeading, b.isLeading]).toEqual([false, true]);
    await b.stop();
  });

  test('that was killed is followed after the duration of the lease, not before', async () => {
    const { clock, join } = setUp();
    const [a, b] = [join('a'), join('b')];
    await clock.advance(1_000);
    a.kill();
    await clock.advance(14_000);
    expect(b.isLeading).toBe(false);
    await clock.advance(2_000);
    expect(b.isLeading).toBe(true);
    await b.stop();
  });

  test('that comes back under its own name takes its lease at once', async () => {
    const { clock, lease, join } = setUp();
    lease.overwrite({ holder: 'a', durationMs: 15_000, renewedAtMs: clock.nowMs(), transitions: 4 });
    const a = join('a');
    await clock.settle();
    expect(a.isLeading).toBe(true);
    expect(lease.stored?.transitions).toBe(4);
    await a.stop();
  });

  test('that cannot renew stops by the deadline, even while a renewal hangs', async () => {
    const { clock, join } = setUp();
    const a = join('a');
    await clock.advance(1_000);
    a.weather = () => ({ ...CALM, lost: 'request', timeoutMs: 1e9 });
    await clock.advance(TIMING.renewDeadlineMs - 1_001);
    expect(a.isLeading).toBe(true);
    await clock.advance(2);
    expect(a.isLeading).toBe(false);
    expect(a.lostTerms).toBe(1);
    a.weather = () => CALM;
    await a.stop();
  });

  test('whose lease was written over by somebody does not go on beyond the deadline', async () => {
    const { clock, lease, join } = setUp();
    const a = join('a');
    await clock.advance(1_000);
    lease.overwrite({ holder: 'intruder', durationMs: 15_000, renewedAtMs: clock.nowMs(), transitions: 7 });
    await clock.advance(TIMING.renewDeadlineMs);
    expect(a.isLeading).toBe(false);
    expect(lease.stored?.holder).toBe('intruder');
    await a.stop();
  });

  test('goes on leading when the answer to one renewal is lost', async () => {
    const { clock, join } = setUp();
    const a = join('a');
    await clock.advance(1_000);
    a.weather = () => ({ ...CALM, lost: 'answer', timeoutMs: 1_000 });
    await clock.advance(5_000);
    a.weather = () => CALM;
    await clock.advance(60_000);
    expect([a.isLeading, a.terms, a.lostTerms]).toEqual([true, 1, 0]);
    await a.stop();
  });

  test('counts its deadline from when it asked for the lease, not from when the answer came', async () => {
    const { clock, join } = setUp();
    const a = join('a');
    a.weather = () => ({ ...CALM, backMs: 4_000 });
    const b = join('b');
    await clock.advance(9_000);
    expect(a.isLeading).toBe(true);
    a.weather = () => ({ ...CALM, lost: 'request', timeoutMs: 1e9 });
    await clock.advance(5_500);
    expect(a.isLeading).toBe(false);
    a.weather = () => CALM;
    await Promise.all([a.stop(), b.stop()]);
  });

  test('does not begin on an answer that was longer on its way than the deadline', async () => {
    const { clock, join } = setUp();
    const a = join('a');
    // The first look is under way by now: this is for the write.
    const weathers = [{ ...CALM, backMs: 12_000 }];
    a.weather = () => weathers.shift() ?? CALM;
    await clock.advance(13_000);
    expect([a.isLeading, a.terms, a.lostTerms]).toEqual([true, 1, 0]);
    await a.stop();
  });

  test('whose work ends by itself gives the lease back and may lead again', async () => {
    const { clock, lease, join } = setUp();
    const a = join('a');
    await clock.advance(1_000);
    a.endWork();
    await clock.advance(1_000);
    expect([a.isLeading, a.terms, lease.stored?.transitions]).toEqual([true, 2, 1]);
    await a.stop();
  });
});

describe('a candidate', () => {
  test('that cannot reach the API server goes on looking', async () => {
    const { clock, join } = setUp();
    const a = join('a');
    a.weather = () => ({ ...CALM, lost: 'request', timeoutMs: 100 });
    await clock.advance(30_000);
    expect(a.isLeading).toBe(false);
    a.weather = () => CALM;
    await clock.advance(1_000);
    expect(a.isLeading).toBe(true);
    await a.stop();
  });

  test('that is stopped while it looks ends at once, and leaves nothing', async () => {
    const { clock, lease, join } = setUp();
    lease.overwrite({ holder: 'other', durationMs: 15_000, renewedAtMs: clock.nowMs(), transitions: 0 });
    const a = join('a');
    await clock.advance(250);
    await a.stop();
    expect(clock.timers).toBe(0);
    expect(lease.stored?.holder).toBe('other');
  });

  test('does not believe the clock of another machine', async () => {
    const { clock, lease, join } = setUp();
    lease.overwrite({ holder: 'other', durationMs: 15_000, renewedAtMs: clock.nowMs() - 86_400_000, transitions: 0 });
    const a = join('a');
    await clock.advance(14_500);
    expect(a.isLeading).toBe(false);
    await clock.advance(2_000);
    expect(a.isLeading).toBe(true);
    await a.stop();
  });

  test('the timing that is used leaves time between the end of one term and the next', () => {
    expect(ELECTION_TIMING.renewDeadlineMs).toBeLessThan(ELECTION_TIMING.leaseDurationMs);
    expect(ELECTION_TIMING.renewEveryMs * 2).toBeLessThan(ELECTION_TIMING.renewDeadlineMs);
  });
});

describe('a group that holds one lease together', () => {
  function setUpGroup(size: number) {
    const { clock, lease } = setUp();
    const members = Array.from({ length: size }, () => candidate(clock, lease, 'group', 0, true));
    return { clock, lease, members, leading: () => members.filter(({ isLeading }) => isLeading).length };
  }

  test('leads whole, and renews about as often as one leader would', async () => {
    const { clock, lease, members, leading } = setUpGroup(10);
    for (const member of members) member.weather = () => ({ ...CALM, thereMs: 20, backMs: 20 });
    await clock.advance(30_000);
    expect(leading()).toBe(10);
    const before = lease.writes.length;
    await clock.advance(60_000);
    expect(lease.writes.length - before).toBeLessThan(2 * (60_000 / TIMING.renewEveryMs));
    expect(members.map(({ lostTerms }) => lostTerms)).toEqual(members.map(() => 0));
    for (const member of members) member.weather = () => CALM;
    await Promise.all(members.map((member) => member.stop()));
  });

  test('does not give the lease back when one of them ends, nor when the last does', async () => {
    const { clock, lease, members } = setUpGroup(2);
    await clock.advance(10_000);
    await members[0]?.stop();
    expect([lease.stored?.holder, members[1]?.isLeading]).toEqual(['group', true]);
    await members[1]?.stop();
    expect(lease.stored?.holder).toBe('group');
    const other = candidate(clock, lease, 'other');
    await clock.advance(TIMING.leaseDurationMs - 1_000);
    expect(other.isLeading).toBe(false);
    await clock.advance(2_000);
    expect(other.isLeading).toBe(true);
    await other.stop();
  });

  test.each(Array.from({ length: 20 }, (_, at) => [at * 250]))(
    'that is cut off %i ms into its time stops before its deadline, whoever renewed last',
    async (cutAfterMs) => {
      const { clock, lease } = setUp();
      const first = candidate(clock, lease, 'group', 0, true);
      await clock.advance(1_700);
      const second = candidate(clock, lease, 'group', 0, true);
      await clock.advance(20_000 + cutAfterMs);
      for (const member of [first, second]) member.weather = () => ({ ...CALM, lost: 'request', timeoutMs: 1e9 });
      const renewedAtMs = lease.writes.at(-1)?.renewedAtMs ?? 0;
      await clock.advance(renewedAtMs + TIMING.renewDeadlineMs - clock.nowMs() + 1);
      expect([first.isLeading, second.isLeading]).toEqual([false, false]);
      for (const member of [first, second]) member.weather = () => CALM;
      await Promise.all([first.stop(), second.stop()]);
    },
  );
});

type Action = 'wait' | 'stop' | 'kill' | 'endWork';

function act(one: Candidate | undefined, action: Action): void {
  if (action === 'stop') void one?.stop();
  if (action === 'kill') one?.kill();
  if (action === 'endWork') one?.endWork();
}

/** Looks at every half second of the time to come. */
async function expectOneLeader(clock: VirtualClock, candidates: readonly Candidate[], waitMs: number): Promise<void> {
  for (let ms = 0; ms < waitMs; ms += 500) {
    await clock.advance(Math.min(500, waitMs - ms));
    expect(candidates.filter(({ isLeading }) => isLeading).length).toBeLessThanOrEqual(1);
  }
}

describe('under any faults and delays', () => {
  const weather: fc.Arbitrary<Weather> = fc.record({
    thereMs: fc.constantFrom(0, 0, 10, 300, 3_000, 9_000),
    backMs: fc.constantFrom(0, 0, 10, 300, 3_000, 9_000),
    lost: fc.constantFrom('no', 'no', 'no', 'request', 'answer'),
    timeoutMs: fc.constantFrom(50, 1_000, 8_000),
  });
  const step = fc.record({
    waitMs: fc.integer({ min: 100, max: 12_000 }),
    who: fc.nat({ max: 2 }),
    action: fc.constantFrom<Action>('wait', 'wait', 'wait', 'wait', 'stop', 'kill', 'endWork'),
  });

  test('two never lead at the same time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(weather, { minLength: 1, maxLength: 12 }), { minLength: 3, maxLength: 3 }),
        fc.array(step, { maxLength: 10 }),
        async (weathers, steps) => {
          const { clock, join } = setUp();
          const candidates = weathers.map((own, who) => {
            let call = 0;
            const one = join(`candidate-${who}`);
            one.weather = () => own[call++ % own.length] ?? CALM;
            return one;
          });
          for (const { waitMs, who, action } of steps) {
            act(candidates[who], action);
            await expectOneLeader(clock, candidates, waitMs);
          }
        },
      ),
      { numRuns: 600 },
    );
  }, 20_000);

  test('somebody leads again within the duration of a lease once the weather is calm', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(weather, { minLength: 1, maxLength: 12 }), async (storm) => {
        const { clock, join } = setUp();
        const candidates = ['a', 'b'].map((identity) => join(identity));
        let call = 0;
        for (const one of candidates) one.weather = () => storm[call++ % storm.length] ?? CALM;
        await clock.advance(30_000);
        for (const one of candidates) one.weather = () => CALM;
        await clock.advance(9_000 + 9_000 + TIMING.leaseDurationMs + TIMING.lookEveryMs);
        expect(candidates.filter(({ isLeading }) => isLeading)).toHaveLength(1);
        await Promise.all(candidates.map((one) => one.stop()));
        expect(clock.timers).toBe(0);
      }),
      { numRuns: 40 },
    );
  });
});
