/** Lets those who ask for the same query at the same time share one search; each can leave without the others. */

import type { Clock } from '../ports/clock.ts';
import { type FindQuery, findId } from '../ports/find-query.ts';
import type { FoundSecrets, Permits } from '../ports/secret-source.ts';
import { HandOuts } from './hand-outs.ts';

export interface FindCallsOptions {
  readonly clock: Clock;
  /** @throws KeyturnError */
  readonly find: (query: FindQuery, abandon: AbortSignal, permits?: Permits) => Promise<FoundSecrets>;
}

interface FindCall {
  readonly result: Promise<FoundSecrets>;
  readonly abandon: AbortController;
  /** Ends the waiting for company. */
  readonly begin: () => void;
  waiters: number;
}

/** How long a search waits for others who want the same, as a read does. What is under way is too old to be joined. */
const COLLECT_MS = 5;
/** Answers held at the same time; each is as large as all the values of a Secret. */
const MOST_HELD = 16;

export class FindCalls {
  readonly #options: FindCallsOptions;
  /** By query; those that have not begun. */
  readonly #waiting = new Map<string, FindCall>();
  readonly #handOuts: HandOuts<FindCall, FoundSecrets>;

  constructor(options: FindCallsOptions) {
    this.#options = options;
    this.#handOuts = new HandOuts({ clock: options.clock, mostHeld: MOST_HELD });
  }

  /**
   * What matches a query. An abort detaches this caller with the signal's reason; a search that nobody waits for is ended.
   * @throws KeyturnError
   */
  async find(query: FindQuery, signal: AbortSignal, permits?: Permits): Promise<FoundSecrets> {
    signal.throwIfAborted();
    const id = findId(query);
    const handOut = this.#handOuts.take(id);
    if (handOut?.answer !== undefined) return handOut.answer;
    const call = handOut?.call ?? this.#waiting.get(id) ?? this.#start(id, query, permits);
    if (handOut !== undefined) handOut.call = call;
    return await this.#join(id, call, signal);
  }

  /** The next `count` searches for a query are one, which begins with the first of them. */
  expect(query: FindQuery, count: number): void {
    this.#handOuts.expect(findId(query), count);
  }

  /** Sends what waits, to be refused by the closed caller, and stops the timers. */
  close(): void {
    for (const { begin } of this.#waiting.values()) begin();
    this.#handOuts.clear();
  }

  #start(id: string, query: FindQuery, permits: Permits | undefined): FindCall {
    const begun = Promise.withResolvers<void>();
    const cancelTimer = this.#options.clock.after(COLLECT_MS, begun.resolve);
    const begin = () => {
      cancelTimer();
      begun.resolve();
    };
    const abandon = new AbortController();
    const result = begun.promise.then(() => {
      this.#leaveWaiting(id, call);
      abandon.signal.throwIfAborted();
      return this.#options.find(query, abandon.signal, permits);
    });
    const call: FindCall = { result, abandon, begin, waiters: 0 };
    this.#waiting.set(id, call);
    void result.then(
      (found) => this.#handOuts.hold(id, call, found),
      () => this.#handOuts.desert(id, call),
    );
    return call;
  }

  async #join(id: string, call: FindCall, signal: AbortSignal): Promise<FoundSecrets> {
    const left = Promise.withResolvers<never>();
    const leave = () => left.reject(signal.reason);
    call.waiters += 1;
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([call.result, left.promise]);
    } finally {
      signal.removeEventListener('abort', leave);
      call.waiters -= 1;
      if (call.waiters === 0) this.#desert(id, call);
    }
  }

  #desert(id: string, call: FindCall): void {
    this.#handOuts.desert(id, call);
    this.#leaveWaiting(id, call);
    call.abandon.abort();
    call.begin();
  }

  #leaveWaiting(id: string, call: FindCall): void {
    if (this.#waiting.get(id) === call) this.#waiting.delete(id);
  }
}
