/** Failures in a row of one thing that is tried again and again: they are logged once, and slow it down. */

import { type BackoffLimits, backoffMs } from '../ports/backoff.ts';
import { KeyturnError } from '../ports/errors.ts';
import type { Log } from '../ports/log.ts';

const LIMITS: BackoffLimits = { firstMs: 1_000, longestMs: 30_000 };

export class FailureStreak {
  readonly #what: string;
  readonly #log: Log;
  readonly #random: () => number;
  #failures = 0;

  /** @param what is tried, such as `receiving rotation events` */
  constructor(what: string, log: Log, random: () => number) {
    this.#what = what;
    this.#log = log;
    this.#random = random;
  }

  /** Takes in a failure; the result is how long to wait before the next try. */
  failedMs(error: unknown): number {
    this.#failures += 1;
    if (this.#failures === 1) this.#tell(error);
    return backoffMs(this.#failures, LIMITS, this.#random());
  }

  succeeded(): void {
    if (this.#failures > 0) this.#log.info({ failures: this.#failures }, `${this.#what} works again`);
    this.#failures = 0;
  }

  #tell(error: unknown): void {
    if (error instanceof KeyturnError) {
      const { message, requestId } = error;
      this.#log.warn({ error: message, requestId }, `${this.#what} failed; it is tried again`);
    } else {
      this.#log.error({ stack: error instanceof Error ? error.stack : undefined }, `${this.#what} failed: bug`);
    }
  }
}
