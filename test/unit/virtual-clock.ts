/** A clock that stands still until a test moves it, and lets everything that waits for it run on the way. */

import type { Clock } from '../../src/ports/clock.ts';

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
}

export interface VirtualClock extends Clock {
  /** Timers that have not fired and were not cancelled. */
  readonly timers: number;
  /** Moves time without letting promises run between timers: for code without any. */
  tick(ms: number): void;
  /** Moves time; after each timer everything that does not wait for time runs until it waits again. */
  advance(ms: number): Promise<void>;
  /** Lets everything run that does not wait for time. */
  settle(): Promise<void>;
}

/** Promise chains end before the next turn of the event loop, however long they are. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function createVirtualClock(startMs = 1_700_000_000_000): VirtualClock {
  let nowMs = startMs;
  const timers = new Set<Timer>();

  /** Fires the first timer up to `endMs`; equal times fire in the order in which they were set. */
  function fireNext(endMs: number): boolean {
    let first: Timer | undefined;
    for (const timer of timers)
      if (timer.atMs <= endMs && (first === undefined || timer.atMs < first.atMs)) first = timer;
    if (first === undefined) return false;
    timers.delete(first);
    nowMs = Math.max(nowMs, first.atMs);
    first.run();
    return true;
  }

  return {
    nowMs: () => nowMs,
    after(delayMs, run) {
      const timer = { atMs: nowMs + Math.max(0, delayMs), run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    get timers() {
      return timers.size;
    },
    tick(ms) {
      const endMs = nowMs + ms;
      while (fireNext(endMs));
      nowMs = endMs;
    },
    async advance(ms) {
      const endMs = nowMs + ms;
      await nextTurn();
      while (fireNext(endMs)) await nextTurn();
      nowMs = endMs;
    },
    settle: nextTurn,
  };
}
