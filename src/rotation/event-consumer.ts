/** Takes rotation events from the queue, has them acted on, and acknowledges a message only when that is done. */

import { type Clock, sleep } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import { type QueueMessage, type RotationQueue, VISIBILITY_SECONDS } from '../ports/rotation-queue.ts';
import { Acknowledger } from './acknowledger.ts';
import { FailureStreak } from './failure-streak.ts';
import { HeldMessages, type Wait } from './held-messages.ts';
import { decodeRotationEvent, type RotationEvent } from './rotation-event.ts';
import type { RotationTarget } from './rotation-target.ts';

export interface EventConsumerOptions {
  readonly queue: RotationQueue;
  readonly target: RotationTarget;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Log;
  /**
   * In [0, 1), for the jitter of retries.
   * @default Math.random
   */
  readonly random?: () => number;
}

export interface EventConsumer {
  /** Messages that are kept in memory. */
  readonly held: number;
  /**
   * Consumes until `signal` is aborted, then gives back what is not done and resolves within seconds. It does not
   * reject. One run at a time.
   */
  run(signal: AbortSignal): Promise<void>;
}

/** Messages kept in memory; with more nothing is received. */
const MOST_HELD = 1_000;
const MOST_IN_ONE_RECEIVE = 10;
const KEEP_INTERVAL_MS = 10_000;
/** What is hidden for less than this is hidden anew: so early that two calls in a row may fail, or one may take its whole time. */
const EXTEND_BELOW_MS = 25_000;
/** After this a message is left to appear again, at the latest until the queue moves it to its dead-letter queue. */
const HOLD_AT_MOST_MS = 300_000;
/** After a stop, for acknowledging and giving back. */
const LAST_CALLS_MS = 2_000;

export function createEventConsumer(options: EventConsumerOptions): EventConsumer {
  let current: Consumption | undefined;
  return {
    get held() {
      return current?.held ?? 0;
    },
    async run(signal) {
      current = new Consumption(options);
      await current.run(signal);
      current = undefined;
    },
  };
}

/** One run, with what it holds. */
class Consumption {
  readonly #options: EventConsumerOptions;
  readonly #messages = new HeldMessages();
  /** Ends the calls that a stop does not end. */
  readonly #lastCalls = new AbortController();
  readonly #receiving: FailureStreak;
  readonly #extending: FailureStreak;
  readonly #acknowledger: Acknowledger;
  #onRoom: () => void = () => {};

  constructor(options: EventConsumerOptions) {
    const { queue, clock, log, random = Math.random } = options;
    this.#options = options;
    this.#receiving = new FailureStreak('receiving rotation events', log, random);
    this.#extending = new FailureStreak('keeping rotation events hidden', log, random);
    this.#acknowledger = new Acknowledger({
      queue,
      clock,
      streak: new FailureStreak('acknowledging rotation events', log, random),
      signal: this.#lastCalls.signal,
      onRemoved: () => this.#onRoom(),
    });
  }

  get held(): number {
    return this.#messages.size + this.#acknowledger.size;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { target, clock } = this.#options;
    const endProgress = target.onProgress((user) => this.#progressed(user));
    const keeping = this.#keep(signal);
    await this.#receive(signal);
    endProgress();
    const cancelDeadline = clock.after(LAST_CALLS_MS, () => this.#lastCalls.abort());
    await keeping;
    await Promise.all([this.#acknowledger.close(), this.#giveBack()]);
    cancelDeadline();
  }

  async #receive(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#room(signal);
      if (signal.aborted) return;
      for (const message of await this.#receiveSome(signal)) this.#take(message);
    }
  }

  async #receiveSome(signal: AbortSignal): Promise<readonly QueueMessage[]> {
    try {
      const messages = await this.#options.queue.receive(signal);
      this.#receiving.succeeded();
      return messages;
    } catch (error) {
      if (!signal.aborted) await sleep(this.#options.clock, this.#receiving.failedMs(error), signal);
      return [];
    }
  }

  /** Resolves when as many messages as one receive brings can be kept. */
  async #room(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.held > MOST_HELD - MOST_IN_ONE_RECEIVE) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const wake = () => resolve();
      this.#onRoom = wake;
      signal.addEventListener('abort', wake);
      await promise;
      signal.removeEventListener('abort', wake);
    }
  }

  #take(message: QueueMessage): void {
    const { clock, metrics, log } = this.#options;
    if (this.#acknowledger.tookAgain(message)) return;
    const decoded = decodeRotationEvent(message.body);
    switch (decoded.kind) {
      case 'event':
        if (!this.#messages.tookAlong(message, decoded.event.id, clock.nowMs())) this.#announce(message, decoded.event);
        return;
      case 'unknown':
        metrics.rotationEvent('unknown');
        log.debug({ message: message.id, why: decoded.why }, 'a message of the rotation queue concerns no secret');
        this.#acknowledger.add(message);
        return;
      case 'malformed':
        // Neither acknowledged nor kept: it comes again until the queue moves it to its dead-letter queue.
        metrics.rotationEvent('malformed');
        if (message.receiveCount > 1) return;
        log.warn({ message: message.id, why: decoded.why }, 'a message of the rotation queue cannot be read');
    }
  }

  #announce(message: QueueMessage, event: RotationEvent): void {
    const { target, clock, metrics, log } = this.#options;
    let users: readonly string[];
    let pending: Set<string>;
    try {
      users = target.announce(event);
      pending = new Set(users.filter((user) => !target.isHandled(user, event)));
    } catch (error) {
      log.error({ message: message.id, stack: error instanceof Error ? error.stack : undefined }, 'bug');
      return;
    }
    if (users.length === 0) {
      metrics.rotationEvent('unconcerned');
      this.#acknowledger.add(message);
    } else if (pending.size === 0) {
      this.#handled(event, [message]);
    } else {
      this.#messages.hold(message, event, pending, clock.nowMs());
    }
  }

  #progressed(user: string): void {
    const { target } = this.#options;
    for (const wait of this.#messages.settle(user, (event) => target.isHandled(user, event))) {
      this.#handled(wait.event, messagesOf(wait));
    }
  }

  #handled(event: RotationEvent, messages: readonly QueueMessage[]): void {
    const { clock, metrics, log } = this.#options;
    const latencyMs = event.atMs === undefined ? undefined : Math.max(0, clock.nowMs() - event.atMs);
    if (latencyMs !== undefined) metrics.rotationEventHandled(latencyMs);
    log.debug(
      { event: event.id, kind: event.kind, secret: event.secret.names[0], latencyMs },
      'rotation event handled',
    );
    for (const message of messages) {
      metrics.rotationEvent('handled');
      this.#acknowledger.add(message);
    }
  }

  /** Keeps hidden what is held, as long as that may last. */
  async #keep(signal: AbortSignal): Promise<void> {
    for (;;) {
      await sleep(this.#options.clock, KEEP_INTERVAL_MS, signal);
      if (signal.aborted) return;
      this.#abandonOld();
      await this.#extend();
    }
  }

  #abandonOld(): void {
    const { clock, metrics, log } = this.#options;
    for (const wait of [...this.#messages.waits()]) {
      if (clock.nowMs() - wait.sinceMs < HOLD_AT_MOST_MS) continue;
      const { event, pending, messages } = wait;
      const some = [...pending].slice(0, 10);
      log.warn(
        { event: event.id, kind: event.kind, secret: event.secret.names[0], waiting: pending.size, users: some },
        'a rotation event was not acted on in time; its message is left to come again',
      );
      for (let left = messages.size; left > 0; left -= 1) metrics.rotationEvent('abandoned');
      this.#messages.drop(wait);
    }
    this.#onRoom();
  }

  async #extend(): Promise<void> {
    const { queue, clock } = this.#options;
    const nowMs = clock.nowMs();
    const due = [...this.#messages.waits()].flatMap(({ messages }) =>
      [...messages.values()].filter(({ hiddenUntilMs }) => hiddenUntilMs - nowMs <= EXTEND_BELOW_MS),
    );
    if (due.length === 0) return;
    const messages = due.map(({ message }) => message);
    try {
      const failed = new Set(await queue.extend(messages, VISIBILITY_SECONDS, this.#lastCalls.signal));
      this.#extending.succeeded();
      const extended = messages.filter((message) => !failed.has(message));
      this.#messages.extended(extended, nowMs);
    } catch (error) {
      // Those that appear meanwhile are delivered again and recognised.
      this.#extending.failedMs(error);
    }
  }

  /** So that the next leader has them at once. What cannot be given back appears by itself. */
  async #giveBack(): Promise<void> {
    const { queue, log } = this.#options;
    const messages = [...this.#messages.waits()].flatMap(messagesOf);
    for (const wait of [...this.#messages.waits()]) this.#messages.drop(wait);
    if (messages.length === 0) return;
    try {
      await queue.extend(messages, 0, this.#lastCalls.signal);
      log.info({ messages: messages.length }, 'gave rotation events back to the queue');
    } catch (error) {
      this.#extending.failedMs(error);
    }
  }
}

function messagesOf(wait: Wait): readonly QueueMessage[] {
  return [...wait.messages.values()].map(({ message }) => message);
}
