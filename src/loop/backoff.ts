/** Backoff per key, forgotten on success. */

import { type BackoffLimits, backoffMs } from '../ports/backoff.ts';

export class Backoff {
  readonly #limits: BackoffLimits;
  readonly #random: () => number;
  readonly #failures = new Map<string, number>();

  constructor(limits: BackoffLimits, random: () => number = Math.random) {
    this.#limits = limits;
    this.#random = random;
  }

  /** Counts a failure of `key`; the result is how long to wait before the next attempt. */
  failedMs(key: string): number {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    return backoffMs(failures, this.#limits, this.#random());
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }
}
