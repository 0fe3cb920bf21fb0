/** Ends messages that are done with: some at a time, and again until the queue has done it. */

import type { Clock } from '../ports/clock.ts';
import type { QueueMessage, RotationQueue } from '../ports/rotation-queue.ts';
import type { FailureStreak } from './failure-streak.ts';

export interface AcknowledgerOptions {
  readonly queue: RotationQueue;
  readonly clock: Clock;
  readonly streak: FailureStreak;
  /** Ends the calls. */
  readonly signal: AbortSignal;
  /** Called when there is room for other messages. */
  readonly onRemoved: () => void;
}

/** Messages that are done within this time share a call. */
const GATHER_MS = 200;
/** As many as fit into one call do not wait for more. */
const FULL = 10;
/** The queue answered, and did not end some of them. */
const REFUSED_WAIT_MS = 5_000;
/** A message that cannot be ended is left to appear again, so that what is kept stays bounded. */
const GIVE_UP_MS = 300_000;

interface Waiting {
  readonly message: QueueMessage;
  readonly sinceMs: number;
}

export class Acknowledger {
  readonly #options: AcknowledgerOptions;
  readonly #waiting = new Map<string, Waiting>();
  #cancelTimer: () => void = () => {};
  #flushing: Promise<void> | undefined;
  /** While the queue fails, new messages do not make the next try come sooner. */
  #notBeforeMs = 0;

  constructor(options: AcknowledgerOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(message: QueueMessage): void {
    this.#waiting.set(message.id, { message, sinceMs: this.#options.clock.nowMs() });
    this.#flushIn(this.#waiting.size >= FULL ? 0 : GATHER_MS);
  }

  /** True for a message that was done with before it was delivered once more; then its new receipt counts. */
  tookAgain(message: QueueMessage): boolean {
    const known = this.#waiting.get(message.id);
    if (known === undefined) return false;
    this.#waiting.set(message.id, { message, sinceMs: known.sinceMs });
    return true;
  }

  /** Tries once more to end what is left; no timer is left behind. */
  async close(): Promise<void> {
    await this.#flushing;
    this.#cancelTimer();
    await this.#flush();
  }

  #flushIn(delayMs: number): void {
    if (this.#flushing !== undefined) return;
    const { clock } = this.#options;
    this.#cancelTimer();
    this.#cancelTimer = clock.after(Math.max(delayMs, this.#notBeforeMs - clock.nowMs()), () => {
      this.#flushing = this.#flush().finally(() => {
        this.#flushing = undefined;
        if (this.#waiting.size > 0) this.#flushIn(GATHER_MS);
      });
    });
  }

  async #flush(): Promise<void> {
    this.#giveUpOld();
    const sent = [...this.#waiting.values()].map(({ message }) => message);
    if (sent.length > 0) {
      const failed = await this.#send(sent);
      for (const { id } of sent) if (!failed.has(id)) this.#waiting.delete(id);
    }
    this.#options.onRemoved();
  }

  /** The result are the ids of the messages that the queue still has. */
  async #send(messages: readonly QueueMessage[]): Promise<ReadonlySet<string>> {
    const { queue, clock, streak, signal } = this.#options;
    try {
      const failed = await queue.acknowledge(messages, signal);
      streak.succeeded();
      if (failed.length > 0) this.#notBeforeMs = clock.nowMs() + REFUSED_WAIT_MS;
      return new Set(failed.map(({ id }) => id));
    } catch (error) {
      this.#notBeforeMs = clock.nowMs() + streak.failedMs(error);
      return new Set(messages.map(({ id }) => id));
    }
  }

  #giveUpOld(): void {
    const nowMs = this.#options.clock.nowMs();
    for (const [id, { sinceMs }] of this.#waiting) if (nowMs - sinceMs >= GIVE_UP_MS) this.#waiting.delete(id);
  }
}
