/** A queue that behaves as SQS does: visibility, receive counts, receipts that get old, a dead-letter queue. */

import type { Clock } from '../../../src/ports/clock.ts';
import { type QueueMessage, type RotationQueue, VISIBILITY_SECONDS } from '../../../src/ports/rotation-queue.ts';

interface Stored {
  readonly id: string;
  readonly body: string;
  receiveCount: number;
  receipt: string;
  visibleAtMs: number;
}

type Operation = 'receive' | 'extend' | 'acknowledge';

const LONG_POLL_MS = 20_000;

export class FakeRotationQueue {
  /** Deliveries after which a message goes to the dead-letter queue. */
  maxReceiveCount = 10;
  /** Between a call and its effect; receiving takes as long as messages do. */
  latencyMs = 0;
  /** Calls within that time. */
  underWay = 0;
  readonly deadLetters: string[] = [];
  readonly acknowledged: string[] = [];
  /** Every call, with the ids that it names. */
  readonly calls: { readonly operation: Operation; readonly ids: readonly string[]; readonly seconds?: number }[] = [];
  /** Called just before a message ends. */
  onAcknowledge: (id: string, body: string) => void = () => {};
  /** Which of the visible messages is delivered first; the queue promises no order. */
  pick: (visible: number) => number = () => 0;
  readonly #clock: Clock;
  readonly #messages = new Map<string, Stored>();
  readonly #failures: { readonly operation: Operation; readonly error: Error }[] = [];
  readonly #refused = new Set<string>();
  readonly #pollers = new Set<() => void>();
  #sent = 0;
  #hangs = false;
  #receipts = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ids of the messages that the queue has. */
  get ids(): readonly string[] {
    return [...this.#messages.keys()];
  }

  /** Ids of those that a receiver would get now. */
  get visible(): readonly string[] {
    return [...this.#messages.values()].filter((each) => this.#isVisible(each)).map(({ id }) => id);
  }

  send(body: string): string {
    this.#sent += 1;
    const id = `m${this.#sent}`;
    this.#messages.set(id, { id, body, receiveCount: 0, receipt: '', visibleAtMs: 0 });
    this.#wakePollers();
    return id;
  }

  /** The next call of `operation` fails. */
  fail(operation: Operation, error: Error, times = 1): void {
    for (let left = times; left > 0; left -= 1) this.#failures.push({ operation, error });
  }

  /** The next acknowledgement of the message is refused, while others in its call are not. */
  refuse(id: string): void {
    this.#refused.add(id);
  }

  /** From now on no call is answered, until it is aborted. */
  hang(): void {
    this.#hangs = true;
  }

  /** A connection to the queue. After `kill` its calls never end and change nothing, as those of a process that died. */
  connect(): RotationQueue & { kill(): void } {
    let isDead = false;
    const alive = async <T>(answer: () => T | Promise<T>): Promise<T> =>
      isDead ? await new Promise<never>(() => {}) : await answer();
    return {
      kill: () => {
        isDead = true;
      },
      receive: (signal) => alive(() => this.#receive(signal, () => isDead)),
      extend: (messages, seconds, signal) =>
        alive(async () => {
          await this.#untilAnswered(signal);
          return this.#extend(messages, seconds, signal);
        }),
      acknowledge: (messages, signal) =>
        alive(async () => {
          await this.#untilAnswered(signal);
          return this.#acknowledge(messages, signal);
        }),
    };
  }

  async #untilAnswered(signal: AbortSignal): Promise<void> {
    if (this.latencyMs > 0) {
      this.underWay += 1;
      await new Promise<void>((resolve) => this.#clock.after(this.latencyMs, resolve));
      this.underWay -= 1;
    }
    if (!this.#hangs) return;
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    signal.throwIfAborted();
  }

  async #receive(signal: AbortSignal, isDead: () => boolean): Promise<readonly QueueMessage[]> {
    this.calls.push({ operation: 'receive', ids: [] });
    this.#failIfTold('receive');
    signal.throwIfAborted();
    if (this.visible.length === 0) await this.#poll(signal);
    signal.throwIfAborted();
    return isDead() ? await new Promise<never>(() => {}) : this.#deliver();
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    // Messages become visible by the passing of time too, so the wait is cut into seconds.
    const endMs = this.#clock.nowMs() + LONG_POLL_MS;
    let cancel = () => {};
    const look = () => {
      if (this.visible.length > 0 || this.#clock.nowMs() >= endMs) resolve();
      else cancel = this.#clock.after(1_000, look);
    };
    look();
    this.#pollers.add(wake);
    signal.addEventListener('abort', wake);
    await promise;
    signal.removeEventListener('abort', wake);
    this.#pollers.delete(wake);
    cancel();
  }

  #deliver(): readonly QueueMessage[] {
    const delivered: QueueMessage[] = [];
    while (delivered.length < 10) {
      const visible = [...this.#messages.values()].filter((each) => this.#isVisible(each));
      const stored = visible[this.pick(visible.length)];
      if (stored === undefined) break;
      if (stored.receiveCount >= this.maxReceiveCount) {
        this.#messages.delete(stored.id);
        this.deadLetters.push(stored.id);
        continue;
      }
      this.#receipts += 1;
      stored.receiveCount += 1;
      stored.receipt = `r${this.#receipts}`;
      stored.visibleAtMs = this.#clock.nowMs() + VISIBILITY_SECONDS * 1_000;
      const { id, body, receiveCount, receipt } = stored;
      delivered.push({ id, body, receiveCount, receipt });
    }
    return delivered;
  }

  #extend(messages: readonly QueueMessage[], seconds: number, signal: AbortSignal): readonly QueueMessage[] {
    this.calls.push({ operation: 'extend', ids: messages.map(({ id }) => id), seconds });
    this.#failIfTold('extend');
    signal.throwIfAborted();
    const failed = messages.filter((message) => {
      const stored = this.#messages.get(message.id);
      if (stored?.receipt !== message.receipt || this.#isVisible(stored)) return true;
      stored.visibleAtMs = this.#clock.nowMs() + seconds * 1_000;
      return false;
    });
    this.#wakePollers();
    return failed;
  }

  /** With a receipt that is not the last one SQS says yes and does nothing. */
  #acknowledge(messages: readonly QueueMessage[], signal: AbortSignal): readonly QueueMessage[] {
    this.calls.push({ operation: 'acknowledge', ids: messages.map(({ id }) => id) });
    this.#failIfTold('acknowledge');
    signal.throwIfAborted();
    return messages.filter(({ id, receipt }) => {
      if (this.#refused.delete(id)) return true;
      const stored = this.#messages.get(id);
      if (stored?.receipt !== receipt) return false;
      this.onAcknowledge(id, stored.body);
      this.#messages.delete(id);
      this.acknowledged.push(id);
      return false;
    });
  }

  #isVisible({ visibleAtMs }: Stored): boolean {
    return visibleAtMs <= this.#clock.nowMs();
  }

  #wakePollers(): void {
    if (this.visible.length > 0) for (const wake of [...this.#pollers]) wake();
  }

  #failIfTold(operation: Operation): void {
    const index = this.#failures.findIndex((failure) => failure.operation === operation);
    const [failure] = index === -1 ? [] : this.#failures.splice(index, 1);
    if (failure !== undefined) throw failure.error;
  }
}
