/** Holds an answer that may be older than what was written until it has been the answer for a while. */

import { ROLLBACK_CONFIRM_MS } from '../domain/version-order.ts';

interface Suspicion {
  readonly sourceHash: string;
  readonly sinceMs: number;
}

export class BackwardsGuard {
  readonly #suspicions = new Map<string, Suspicion>();

  /** How long the same answer must still be given before it is believed; 0 when it has been. */
  waitMs(key: string, sourceHash: string, nowMs: number): number {
    const before = this.#suspicions.get(key);
    const suspicion = before?.sourceHash === sourceHash ? before : { sourceHash, sinceMs: nowMs };
    this.#suspicions.set(key, suspicion);
    return Math.max(0, suspicion.sinceMs + ROLLBACK_CONFIRM_MS - nowMs);
  }

  forget(key: string): void {
    this.#suspicions.delete(key);
  }
}
