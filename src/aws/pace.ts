/**
 * How fast one identity calls AWS while AWS throttles it: less by a factor at each throttled round, and then a little more
 * each second (AIMD), so that it stays about as fast as AWS lets it. Without throttling nothing waits.
 *
 * The SDK's own adaptive retry does the same behind our back: it waits past our deadline without a word of the throttling.
 */

import type { Clock } from '../ports/clock.ts';
import type { AwsFault } from './aws-fault.ts';

/** What is left of the rate after a throttled round. */
const DECREASE = 0.7;
/** In this time the rate grows back to where it was throttled. */
const REGAIN_MS = 10_000;
const SLOWEST_PER_SECOND = 0.5;
/** Without throttling for so long nothing is held back any more. */
const LIFTED_AFTER_MS = 60_000;
/** The rate that is throttled for the first time is what was sent in the window before, or so far in this one. */
const WINDOW_MS = 1_000;
const SHORTEST_WINDOW_MS = 200;

/** What holds while AWS throttles. */
interface Limit {
  perSecond: number;
  readonly gainPerSecond: number;
  /** When `perSecond` was right. */
  atMs: number;
  /** When the next request may go. */
  nextAtMs: number;
  /** A request that was sent before this and is throttled belongs to a round that has counted already. */
  readonly sinceMs: number;
}

export class Pace {
  readonly #clock: Clock;
  #limit: Limit | undefined;
  #throttle: { readonly fault: AwsFault; readonly atMs: number } | undefined;
  /** In the order of asking; each is called when it is its turn. */
  readonly #queue = new Set<() => void>();
  #cancelTimer: (() => void) | undefined;
  /** Turns that were given since the limit holds, less the requests that have been sent since. */
  #turnsUnused = 0;
  #window = { sinceMs: 0, sent: 0, perSecondBefore: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What AWS said when it throttled, if some call waits because of it. */
  get heldBackBy(): AwsFault | undefined {
    return this.#queue.size > 0 ? this.#throttle?.fault : undefined;
  }

  /** What AWS said when it throttled, if that was at this time or later. */
  throttledSince(sinceMs: number): AwsFault | undefined {
    return this.#throttle !== undefined && this.#throttle.atMs >= sinceMs ? this.#throttle.fault : undefined;
  }

  /** How long a call that asks now would wait for its turn; 0 when it would not. */
  waitMs(): number {
    const limit = this.#present();
    if (limit === undefined) return 0;
    const ownMs = limit.nextAtMs + (this.#queue.size * 1_000) / limit.perSecond;
    return Math.max(0, Math.ceil(ownMs - this.#clock.nowMs()));
  }

  /** Resolves when a call may go, in the order of asking. Never, when `signal` is aborted before. */
  async turn(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    if (this.waitMs() === 0) {
      this.#giveTurn();
      return;
    }
    const turn = Promise.withResolvers<void>();
    const go = () => {
      signal.removeEventListener('abort', leave);
      this.#giveTurn();
      turn.resolve();
    };
    const leave = () => {
      this.#queue.delete(go);
      if (this.#queue.size === 0) this.#disarm();
    };
    this.#queue.add(go);
    signal.addEventListener('abort', leave, { once: true });
    this.#arm();
    await turn.promise;
  }

  /** To be told of each request that is sent: those that the SDK repeats have had no turn, and put off the next one. */
  sent(): void {
    this.#count(this.#clock.nowMs());
    if (this.#turnsUnused > 0) this.#turnsUnused -= 1;
    else this.#spend(this.#present());
  }

  /** To be told of each request that AWS has throttled, with the time at which it was sent. */
  throttled(fault: AwsFault, sentAtMs: number): void {
    const nowMs = this.#clock.nowMs();
    this.#throttle = { fault, atMs: nowMs };
    const before = this.#present();
    if (before !== undefined && sentAtMs < before.sinceMs) return;
    const reached = Math.min(before?.perSecond ?? Number.POSITIVE_INFINITY, this.#sentPerSecond(nowMs));
    const perSecond = Math.max(SLOWEST_PER_SECOND, reached * DECREASE);
    const gainPerSecond = (Math.max(reached - perSecond, SLOWEST_PER_SECOND) * 1_000) / REGAIN_MS;
    const nextAtMs = Math.max(before?.nextAtMs ?? 0, nowMs + 1_000 / perSecond);
    if (before === undefined) this.#turnsUnused = 0;
    this.#limit = { perSecond, gainPerSecond, atMs: nowMs, nextAtMs, sinceMs: nowMs };
    this.#arm();
  }

  #giveTurn(): void {
    const limit = this.#present();
    if (limit !== undefined) this.#turnsUnused += 1;
    this.#spend(limit);
  }

  #spend(limit: Limit | undefined): void {
    if (limit === undefined) return;
    limit.nextAtMs = Math.max(this.#clock.nowMs(), limit.nextAtMs) + 1_000 / limit.perSecond;
  }

  /** The limit with what it has gained since it was looked at; none once throttling is long past. */
  #present(): Limit | undefined {
    const limit = this.#limit;
    if (limit === undefined || this.#throttle === undefined) return undefined;
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#throttle.atMs >= LIFTED_AFTER_MS) this.#limit = undefined;
    limit.perSecond += (limit.gainPerSecond * (nowMs - limit.atMs)) / 1_000;
    limit.atMs = nowMs;
    return this.#limit;
  }

  #count(nowMs: number): void {
    const { sinceMs, sent } = this.#window;
    const elapsedMs = nowMs - sinceMs;
    if (elapsedMs < WINDOW_MS) this.#window.sent += 1;
    else this.#window = { sinceMs: nowMs, sent: 1, perSecondBefore: (sent * 1_000) / elapsedMs };
  }

  #sentPerSecond(nowMs: number): number {
    const { sinceMs, sent, perSecondBefore } = this.#window;
    return Math.max(perSecondBefore, (sent * 1_000) / Math.max(nowMs - sinceMs, SHORTEST_WINDOW_MS));
  }

  #arm(): void {
    this.#disarm();
    if (this.#queue.size === 0) return;
    const delayMs = (this.#present()?.nextAtMs ?? 0) - this.#clock.nowMs();
    this.#cancelTimer = this.#clock.after(Math.max(0, delayMs), () => {
      this.#cancelTimer = undefined;
      const [first] = this.#queue;
      if (first !== undefined) this.#queue.delete(first);
      first?.();
      this.#arm();
    });
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
