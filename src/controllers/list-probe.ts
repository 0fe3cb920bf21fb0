/** Finds out why a view that is needed is not there: a watch tells nobody but the log of a refusal. */

import type { Clock } from '../ports/clock.ts';
import { KeyturnError } from '../ports/errors.ts';

/** A list that has not come by then is asked for once by itself, so that its refusal can be told. */
const LISTED_WITHIN_MS = 5_000;

export class ListProbe {
  readonly #list: (signal: AbortSignal) => Promise<void>;
  readonly #clock: Clock;
  #askedAtMs: number | undefined;
  /** Told to all who ask until the next attempt. */
  #refusal: KeyturnError | undefined;

  constructor(list: (signal: AbortSignal) => Promise<void>, clock: Clock) {
    this.#list = list;
    this.#clock = clock;
  }

  /** To be called while the view is not there. @throws ClusterForbidden, ClusterRejected, ClusterUnavailable */
  async ask(signal: AbortSignal): Promise<void> {
    const nowMs = this.#clock.nowMs();
    this.#askedAtMs ??= nowMs;
    if (nowMs - this.#askedAtMs >= LISTED_WITHIN_MS) {
      this.#askedAtMs = nowMs;
      this.#refusal = await this.#attempt(signal);
    }
    if (this.#refusal !== undefined) throw this.#refusal;
  }

  async #attempt(signal: AbortSignal): Promise<KeyturnError | undefined> {
    try {
      await this.#list(signal);
      return undefined;
    } catch (error) {
      if (error instanceof KeyturnError) return error;
      throw error;
    }
  }
}
