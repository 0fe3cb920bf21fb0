/** The laws of the work queue in the simplest form: a list that is searched from the front each time. */

import type { Priority } from '../../../src/loop/work-queue.ts';

interface Waiting {
  atMs: number;
  priority: Priority;
  /** When it could first be taken, as a place in the order of such moments; undefined while its time has not come. */
  readySince: number | undefined;
}

export class NaiveQueue {
  nowMs = 0;
  readonly waiting = new Map<string, Waiting>();
  readonly running = new Map<string, { atMs: number; priority: Priority } | undefined>();
  #order = 0;
  #closed = false;

  add(key: string, delayMs: number, priority: Priority): void {
    if (this.#closed) return;
    const asked = { atMs: this.nowMs + Math.max(0, delayMs), priority };
    const before = this.running.get(key);
    if (!this.running.has(key)) this.#wait(key, asked);
    else this.running.set(key, before === undefined ? asked : merged(before, asked));
  }

  /** Keys that may be taken next: all of the higher priority that became ready first. */
  next(): string | undefined {
    this.#promote();
    const ready = [...this.waiting].filter(([, one]) => one.readySince !== undefined);
    for (const priority of ['high', 'low']) {
      const lane = ready.filter(([, one]) => one.priority === priority);
      const first = lane.sort(([, a], [, b]) => (a.readySince ?? 0) - (b.readySince ?? 0))[0];
      if (first !== undefined) return first[0];
    }
    return undefined;
  }

  take(): string | undefined {
    const key = this.next();
    if (key === undefined) return undefined;
    this.waiting.delete(key);
    this.running.set(key, undefined);
    return key;
  }

  done(key: string): void {
    const again = this.running.get(key);
    this.running.delete(key);
    if (again !== undefined && !this.#closed) this.#wait(key, again);
  }

  close(): void {
    this.#closed = true;
    this.waiting.clear();
    for (const key of this.running.keys()) this.running.set(key, undefined);
  }

  get depth(): number {
    this.#promote();
    return [...this.waiting.values()].filter((one) => one.readySince !== undefined).length;
  }

  /** Those whose time has come, in the order of their times, and equal times in the order they came. */
  #promote(): void {
    const due = [...this.waiting.values()].filter((one) => one.readySince === undefined && one.atMs <= this.nowMs);
    for (const one of due.sort((a, b) => a.atMs - b.atMs)) {
      this.#order += 1;
      one.readySince = this.#order;
    }
  }

  #wait(key: string, asked: { atMs: number; priority: Priority }): void {
    const before = this.waiting.get(key);
    const now = before === undefined ? asked : merged(before, asked);
    const keepsPlace = before?.readySince !== undefined && before.priority === now.priority;
    // A key that waits for the same time as before keeps its place among those of that time.
    if (before !== undefined && before.atMs === now.atMs && before.readySince === undefined)
      before.priority = now.priority;
    else {
      this.waiting.delete(key);
      this.waiting.set(key, { ...now, readySince: keepsPlace ? before.readySince : undefined });
    }
    this.#promote();
  }
}

function merged(a: { atMs: number; priority: Priority }, b: { atMs: number; priority: Priority }) {
  const priority: Priority = a.priority === 'high' || b.priority === 'high' ? 'high' : 'low';
  return { atMs: Math.min(a.atMs, b.atMs), priority };
}
