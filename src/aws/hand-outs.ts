/** Calls whose one answer is handed to all who were said to come for it, one after another. */

import type { Clock } from '../ports/clock.ts';

export interface HandOutsOptions {
  readonly clock: Clock;
  /** Answers that are kept at the same time. */
  readonly mostHeld: number;
}

interface HandOut<Call, Answer> {
  /** Those who have still to come. */
  remaining: number;
  /** What is under way for them. */
  call: Call | undefined;
  answer: Answer | undefined;
  readonly cancelExpiry: () => void;
}

/**
 * How long an answer is held for those who were said to come. They come as fast as their Secrets are written; what is
 * not fetched by then is forgotten and asked for anew.
 */
const HOLD_MS = 10_000;

export class HandOuts<Call, Answer> {
  readonly #options: HandOutsOptions;
  readonly #byId = new Map<string, HandOut<Call, Answer>>();

  constructor(options: HandOutsOptions) {
    this.#options = options;
  }

  /** The next `count` who come share one call, which begins with the first of them. */
  expect(id: string, count: number): void {
    this.#byId.get(id)?.cancelExpiry();
    this.#byId.delete(id);
    if (count < 2 || this.#byId.size >= this.#options.mostHeld) return;
    const forget = () => {
      if (this.#byId.get(id) === handOut) this.#byId.delete(id);
    };
    const cancelExpiry = this.#options.clock.after(HOLD_MS, forget);
    const handOut: HandOut<Call, Answer> = { remaining: count, call: undefined, answer: undefined, cancelExpiry };
    this.#byId.set(id, handOut);
  }

  /** One share of what is handed out; the last share ends the handing out. */
  take(id: string): HandOut<Call, Answer> | undefined {
    const handOut = this.#byId.get(id);
    if (handOut === undefined) return undefined;
    handOut.remaining -= 1;
    if (handOut.remaining === 0) {
      handOut.cancelExpiry();
      this.#byId.delete(id);
    }
    return handOut;
  }

  /** Keeps an answer for those who have still to come. A failure is nobody's but those who waited for it. */
  hold(id: string, call: Call, answer: Answer | undefined): void {
    const handOut = this.#byId.get(id);
    if (handOut?.call !== call) return;
    handOut.call = undefined;
    handOut.answer = answer;
  }

  /** A call that was given up can be joined no more. */
  desert(id: string, call: Call): void {
    const handOut = this.#byId.get(id);
    if (handOut?.call === call) handOut.call = undefined;
  }

  clear(): void {
    for (const { cancelExpiry } of this.#byId.values()) cancelExpiry();
    this.#byId.clear();
  }
}
