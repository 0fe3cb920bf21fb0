/** Refusals of the cluster that may be over at the next look: told is what is met twice. */

import { clusterMayRecover } from '../domain/passing-failure.ts';
import type { KeyturnError } from '../ports/errors.ts';

export class MissedWrites {
  /** Why the API server did not take the last write of an object. */
  readonly #reasons = new Map<string, string>();

  /**
   * A target that moved under us is no failure: its event is on the way, and the next look decides anew. Nor is an
   * API server that was away once, or one that just starts and knows no RBAC rule yet.
   */
  isWorthTelling(key: string, error: KeyturnError): boolean {
    if (!clusterMayRecover(error)) return true;
    const isSecond = this.#reasons.get(key) === error.message;
    this.#reasons.set(key, error.message);
    return isSecond;
  }

  forget(key: string): void {
    this.#reasons.delete(key);
  }
}
