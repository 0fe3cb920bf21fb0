import { describe, expect, it } from 'vitest';
import { ReadBatcher } from '../../../src/aws/read-batcher.ts';
import type { FetchOutcome, TellOutcome } from '../../../src/aws/secret-fetcher.ts';
import { SourceUnavailable } from '../../../src/ports/errors.ts';
import type { SecretRef } from '../../../src/ports/secret-source.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { current, NEVER } from './source-on-fake.ts';

interface Call {
  readonly keys: readonly string[];
  readonly abandon: AbortSignal;
  tell(key: string, outcome: FetchOutcome): void;
  /** Ends the call. */
  end(): void;
}

/** A batcher whose calls the test answers, with as many slots as it says. */
function batcherWith(slots: { free: boolean; batchWaitMs?: number }) {
  const clock = createVirtualClock();
  const calls: Call[] = [];
  const batcher = new ReadBatcher({
    clock,
    tooBusy: () => new SourceUnavailable('too busy'),
    hasFreeSlot: () => slots.free,
    batchSize: () => 3,
    batchWaitMs: () => slots.batchWaitMs ?? 0,
    nextGroup: (refs: Iterable<SecretRef>) => [...refs].slice(0, 3),
    async fetch(group: readonly SecretRef[], tell: TellOutcome, abandon: AbortSignal) {
      const byKey = new Map(group.map((ref) => [ref.key, ref]));
      const ended = Promise.withResolvers<void>();
      calls.push({
        keys: [...byKey.keys()],
        abandon,
        tell(key, outcome) {
          const ref = byKey.get(key);
          if (ref !== undefined) tell(ref, outcome);
        },
        end: ended.resolve,
      });
      await ended.promise;
    },
  });
  return { batcher, clock, calls };
}

/** Promise chains end before it. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const CALL = { operation: 'GetSecretValue', requestId: undefined } as const;

function reading(versionId: string): FetchOutcome {
  const value = SecretValue.fromText('x');
  return {
    kind: 'read',
    reading: { arn: 'arn:aws:x', versionId, createdAtMs: undefined, value, ...CALL },
  };
}

describe('a batcher', () => {
  it('waits a few milliseconds for company, then sends what has come', async () => {
    const { batcher, clock, calls } = batcherWith({ free: true });
    void batcher.read(current('a'), NEVER);
    clock.tick(3);
    void batcher.read(current('b'), NEVER);
    expect(calls).toHaveLength(0);
    clock.tick(2);
    expect(calls.map((call) => call.keys)).toEqual([['a', 'b']]);
  });

  it('lets a read join one that waits and never one that is under way', async () => {
    const { batcher, clock, calls } = batcherWith({ free: true });
    const first = batcher.read(current('a'), NEVER);
    const second = batcher.read(current('a'), NEVER);
    clock.tick(5);
    const late = batcher.read(current('a'), NEVER);
    clock.tick(50);
    calls[1]?.tell('a', reading('v2'));
    calls[0]?.tell('a', reading('v1'));
    expect([(await first).versionId, (await second).versionId, (await late).versionId]).toEqual(['v1', 'v1', 'v2']);
    expect(calls).toHaveLength(2);
  });

  it('collects while all slots are busy, and sends when one is free', () => {
    const slots = { free: false };
    const { batcher, clock, calls } = batcherWith(slots);
    void batcher.read(current('a'), NEVER);
    clock.tick(100);
    void batcher.read(current('b'), NEVER);
    clock.tick(100);
    expect(calls).toHaveLength(0);
    slots.free = true;
    batcher.onSlotFree();
    expect(calls.map((call) => call.keys)).toEqual([['a', 'b']]);
  });

  it('gathers while a batch would have to wait for its turn, and sends a single read at once', async () => {
    const slots = { free: true, batchWaitMs: 20 };
    const { batcher, clock, calls } = batcherWith(slots);
    void batcher.read(current('a'), NEVER);
    void batcher.read(current('b'), NEVER);
    clock.tick(15);
    void batcher.read(current('c'), NEVER);
    expect(calls).toHaveLength(0);
    slots.batchWaitMs = 0;
    clock.tick(10);
    expect(calls.map((call) => call.keys)).toEqual([['a', 'b', 'c']]);
    slots.batchWaitMs = 20;
    calls[0]?.end();
    await nextTurn();
    void batcher.read(current('d'), NEVER);
    clock.tick(5);
    expect(calls[1]?.keys).toEqual(['d']);
  });

  it('gathers what comes while a call is under way, until the batch is full or 50 ms are over', async () => {
    const { batcher, clock, calls } = batcherWith({ free: true });
    void batcher.read(current('a'), NEVER);
    clock.tick(5);
    void batcher.read(current('b'), NEVER);
    clock.tick(40);
    expect(calls).toHaveLength(1);
    calls[0]?.end();
    await nextTurn();
    clock.tick(9);
    expect(calls).toHaveLength(1);
    clock.tick(1);
    expect(calls[1]?.keys).toEqual(['b']);
    for (const key of ['c', 'd']) void batcher.read(current(key), NEVER);
    clock.tick(20);
    void batcher.read(current('e'), NEVER);
    clock.tick(0);
    expect(calls[2]?.keys).toEqual(['c', 'd', 'e']);
  });

  it('does not gather what comes when no call is under way', async () => {
    const { batcher, clock, calls } = batcherWith({ free: true });
    void batcher.read(current('a'), NEVER);
    clock.tick(5);
    calls[0]?.end();
    await nextTurn();
    void batcher.read(current('b'), NEVER);
    clock.tick(5);
    expect(calls[1]?.keys).toEqual(['b']);
  });

  it('sends what gathers when it is closed, to be refused', () => {
    const { batcher, clock, calls } = batcherWith({ free: true, batchWaitMs: 1_000 });
    for (const key of ['a', 'b']) void batcher.read(current(key), NEVER);
    batcher.close();
    expect(calls.map((call) => call.keys)).toEqual([['a', 'b']]);
    expect(clock.timers).toBe(0);
  });

  it('gives up on a slot after five seconds, for those that waited so long', async () => {
    const { batcher, clock } = batcherWith({ free: false });
    const old = batcher.read(current('a'), NEVER);
    clock.tick(3_000);
    const young = batcher.read(current('b'), NEVER);
    clock.tick(2_000);
    await expect(old).rejects.toThrow('too busy');
    clock.tick(2_999);
    const state = await Promise.race([young.catch(() => 'settled'), Promise.resolve('waits')]);
    expect(state).toBe('waits');
    clock.tick(1);
    await expect(young).rejects.toThrow('too busy');
  });

  it('does not ask for a read that everybody has left', async () => {
    const { batcher, clock, calls } = batcherWith({ free: true });
    const abort = new AbortController();
    const left = batcher.read(current('a'), abort.signal);
    void batcher.read(current('b'), NEVER);
    abort.abort();
    await expect(left).rejects.toBe(abort.signal.reason);
    clock.tick(5);
    expect(calls.map((call) => call.keys)).toEqual([['b']]);
  });

  it('abandons a call when the last of its readers leaves, not before', async () => {
    const { batcher, clock, calls } = batcherWith({ free: true });
    const [one, two] = [new AbortController(), new AbortController()];
    const readings = Promise.allSettled([
      batcher.read(current('a'), one.signal),
      batcher.read(current('b'), two.signal),
    ]);
    clock.tick(5);
    one.abort();
    expect(calls[0]?.abandon.aborted).toBe(false);
    two.abort();
    expect(calls[0]?.abandon.aborted).toBe(true);
    await readings;
  });

  it('abandons a call when all have left that are not served yet', async () => {
    const { batcher, clock, calls } = batcherWith({ free: true });
    const abort = new AbortController();
    const served = batcher.read(current('a'), NEVER);
    const left = batcher.read(current('b'), abort.signal);
    clock.tick(5);
    calls[0]?.tell('a', reading('v1'));
    await served;
    expect(calls[0]?.abandon.aborted).toBe(false);
    abort.abort();
    await expect(left).rejects.toBe(abort.signal.reason);
    expect(calls[0]?.abandon.aborted).toBe(true);
  });

  it('keeps no timer when it is closed', async () => {
    const { batcher, clock } = batcherWith({ free: false });
    const waits = batcher.read(current('a'), NEVER);
    clock.tick(100);
    batcher.close();
    expect(clock.timers).toBe(0);
    void waits;
  });
});
