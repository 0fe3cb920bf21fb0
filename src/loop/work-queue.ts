/**
 * A queue of keys with laws: a key is in it once; of two times asked for, the earlier wins; of two priorities,
 * the higher; a key that is being worked on runs once more afterwards, never twice at the same time.
 */

import type { Clock } from '../ports/clock.ts';
import { DelayHeap } from './delay-heap.ts';

/** `low` is for what start-up brings: it waits behind every live change. */
export type Priority = 'high' | 'low';

export interface AddOptions {
  /** @default 'high' */
  readonly priority?: Priority;
  /** @default 0 */
  readonly delayMs?: number;
}

/** Stale items of the heap that are not worth a rebuild. */
const SLACK = 64;

interface Waiting {
  readonly atMs: number;
  readonly priority: Priority;
}

function merge(a: Waiting | undefined, b: Waiting): Waiting {
  if (a === undefined) return b;
  return {
    atMs: Math.min(a.atMs, b.atMs),
    priority: a.priority === 'high' || b.priority === 'high' ? 'high' : 'low',
  };
}

export class WorkQueue {
  readonly #clock: Clock;
  /** Every key that waits, whether its time has come or not. */
  readonly #waiting = new Map<string, Waiting>();
  /** Keys whose time has come, in the order in which they will be taken. A subset of the waiting ones. */
  readonly #ready: Readonly<Record<Priority, Set<string>>> = { high: new Set(), low: new Set() };
  /** May hold stale items: one counts only while its time is the one in #waiting. */
  readonly #delayed = new DelayHeap();
  readonly #running = new Set<string>();
  /** What was asked for a key while it ran. */
  readonly #again = new Map<string, Waiting>();
  #onReady: () => void = () => {};
  #cancelTimer: (() => void) | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keys that wait for a worker now. */
  get depth(): number {
    return this.#ready.high.size + this.#ready.low.size;
  }

  /** True when a key of high priority waits for a worker. */
  get isPressed(): boolean {
    return this.#ready.high.size > 0;
  }

  /** Items in memory that wait for their time, stale ones included: about as many as keys. */
  get held(): number {
    return this.#delayed.size;
  }

  /** Called whenever a key can be taken; at most one listener. */
  set onReady(listener: () => void) {
    this.#onReady = listener;
  }

  add(key: string, options: AddOptions = {}): void {
    if (this.#closed) return;
    const asked: Waiting = {
      atMs: this.#clock.nowMs() + Math.max(0, options.delayMs ?? 0),
      priority: options.priority ?? 'high',
    };
    if (this.#running.has(key)) this.#again.set(key, merge(this.#again.get(key), asked));
    else this.#wait(key, merge(this.#waiting.get(key), asked));
  }

  /** The next key, marked as running until {@link WorkQueue.done}; undefined when none is ready. */
  take(): string | undefined {
    this.#promoteDue();
    for (const lane of [this.#ready.high, this.#ready.low]) {
      const key = lane.values().next().value;
      if (key === undefined) continue;
      lane.delete(key);
      this.#waiting.delete(key);
      this.#running.add(key);
      return key;
    }
    return undefined;
  }

  done(key: string): void {
    this.#running.delete(key);
    const again = this.#again.get(key);
    this.#again.delete(key);
    if (again !== undefined && !this.#closed) this.#wait(key, again);
  }

  /** Forgets what waits and takes no more; running keys may still be ended with done. */
  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
    this.#waiting.clear();
    this.#ready.high.clear();
    this.#ready.low.clear();
    this.#again.clear();
  }

  #wait(key: string, wanted: Waiting): void {
    const before = this.#waiting.get(key);
    this.#waiting.set(key, wanted);
    if (wanted.atMs <= this.#clock.nowMs()) {
      this.#makeReady(key, wanted.priority);
      this.#onReady();
      return;
    }
    if (before?.atMs === wanted.atMs) return;
    this.#delayed.push(key, wanted.atMs);
    if (this.#delayed.size > 2 * this.#waiting.size + SLACK) this.#dropStale();
    this.#arm();
  }

  /** Rebuilds the heap from what waits: a key that was asked for earlier each time leaves an item behind each time. */
  #dropStale(): void {
    this.#delayed.clear();
    for (const [key, { atMs, priority }] of this.#waiting) {
      if (!this.#ready[priority].has(key)) this.#delayed.push(key, atMs);
    }
  }

  #makeReady(key: string, priority: Priority): void {
    if (priority === 'high') this.#ready.low.delete(key);
    this.#ready[priority].add(key);
  }

  #promoteDue(): void {
    const nowMs = this.#clock.nowMs();
    while ((this.#delayed.firstAtMs ?? Number.POSITIVE_INFINITY) <= nowMs) {
      const item = this.#delayed.pop();
      const waiting = item === undefined ? undefined : this.#waiting.get(item.key);
      if (item !== undefined && waiting?.atMs === item.atMs) this.#makeReady(item.key, waiting.priority);
    }
  }

  #arm(): void {
    const firstAtMs = this.#delayed.firstAtMs;
    if (firstAtMs === undefined || firstAtMs >= this.#timerAtMs) return;
    this.#cancelTimer?.();
    this.#timerAtMs = firstAtMs;
    this.#cancelTimer = this.#clock.after(firstAtMs - this.#clock.nowMs(), () => {
      this.#timerAtMs = Number.POSITIVE_INFINITY;
      this.#promoteDue();
      this.#arm();
      if (this.depth > 0) this.#onReady();
    });
  }
}
