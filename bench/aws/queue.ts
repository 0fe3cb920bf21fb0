/** A standard SQS queue in memory: visibility timeouts, receipt handles, long polls. No dead-letter queue, no quotas. */

import { randomUUID } from 'node:crypto';
import type { Clock } from '../../src/ports/clock.ts';

export interface Delivery {
  readonly id: string;
  /** Another one with each delivery. */
  readonly receipt: string;
  readonly body: string;
  /** This delivery included. */
  readonly receiveCount: number;
}

export interface ReceiveOptions {
  readonly most: number;
  readonly visibilityMs: number;
  /** How long to wait for a first message. */
  readonly waitMs: number;
}

export interface QueueCounts {
  readonly sent: number;
  readonly deleted: number;
  /** Messages that nobody has received, or that are visible again. */
  readonly visible: number;
  /** Received, and neither deleted nor visible again. */
  readonly hidden: number;
  /** Times that a message was visible again after it had been received: its visibility timeout ended, or was set to 0. */
  readonly reappeared: number;
}

export interface BenchQueue {
  readonly counts: QueueCounts;
  /** @param onFirstDelivery called when somebody receives it for the first time */
  send(body: string, onFirstDelivery?: () => void): void;
  /** An abort ends the wait; it takes nothing then. */
  receive(options: ReceiveOptions, signal: AbortSignal): Promise<readonly Delivery[]>;
  /** Ends a message. A receipt that is not its last one does nothing, as at AWS. */
  remove(receipt: string): void;
  /** @returns false when the receipt is not that of a hidden message */
  hide(receipt: string, visibilityMs: number): boolean;
}

interface Message {
  readonly id: string;
  readonly body: string;
  readonly onFirstDelivery: () => void;
  receiveCount: number;
  /** It is visible from then on. */
  visibleFromMs: number;
}

export function createBenchQueue(clock: Clock): BenchQueue {
  return new MemoryQueue(clock);
}

class MemoryQueue implements BenchQueue {
  readonly #clock: Clock;
  /** By id, oldest first. */
  readonly #messages = new Map<string, Message>();
  readonly #waiting = new Set<() => void>();
  #sent = 0;
  #deleted = 0;
  #deliveredAgain = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get counts(): QueueCounts {
    const visible = [...this.#messages.values()].filter((message) => this.#isVisible(message));
    return {
      sent: this.#sent,
      deleted: this.#deleted,
      visible: visible.length,
      hidden: this.#messages.size - visible.length,
      reappeared: this.#deliveredAgain + visible.filter(({ receiveCount }) => receiveCount > 0).length,
    };
  }

  send(body: string, onFirstDelivery = () => {}): void {
    const id = randomUUID();
    this.#messages.set(id, { id, body, onFirstDelivery, receiveCount: 0, visibleFromMs: 0 });
    this.#sent += 1;
    this.#wake();
  }

  async receive({ most, visibilityMs, waitMs }: ReceiveOptions, signal: AbortSignal): Promise<readonly Delivery[]> {
    const endMs = this.#clock.nowMs() + waitMs;
    while (!signal.aborted) {
      const taken = this.#take(most, visibilityMs);
      if (taken.length > 0 || this.#clock.nowMs() >= endMs) return taken;
      await this.#changed(endMs, signal);
    }
    return [];
  }

  remove(receipt: string): void {
    const message = this.#holderOf(receipt);
    if (message === undefined) return;
    this.#messages.delete(message.id);
    this.#deleted += 1;
  }

  hide(receipt: string, visibilityMs: number): boolean {
    const message = this.#holderOf(receipt);
    if (message === undefined || this.#isVisible(message)) return false;
    message.visibleFromMs = this.#clock.nowMs() + visibilityMs;
    this.#wake();
    return true;
  }

  #isVisible({ visibleFromMs }: Message): boolean {
    return visibleFromMs <= this.#clock.nowMs();
  }

  #take(most: number, visibilityMs: number): readonly Delivery[] {
    const visible = this.#messages.values().filter((message) => this.#isVisible(message));
    return [...visible.take(most)].map((message) => {
      if (message.receiveCount > 0) this.#deliveredAgain += 1;
      else message.onFirstDelivery();
      message.receiveCount += 1;
      message.visibleFromMs = this.#clock.nowMs() + visibilityMs;
      const { id, body, receiveCount } = message;
      return { id, body, receiveCount, receipt: `${id}.${receiveCount}` };
    });
  }

  #holderOf(receipt: string): Message | undefined {
    const [id = '', delivery] = receipt.split('.');
    const message = this.#messages.get(id);
    return message !== undefined && String(message.receiveCount) === delivery ? message : undefined;
  }

  /** Resolves when something may be visible that was not, at `endMs`, or at the abort. */
  async #changed(endMs: number, signal: AbortSignal): Promise<void> {
    const nextMs = this.#messages.values().reduce((least, { visibleFromMs }) => Math.min(least, visibleFromMs), endMs);
    const { promise, resolve: wake } = Promise.withResolvers<void>();
    const cancelTimer = this.#clock.after(nextMs - this.#clock.nowMs(), wake);
    this.#waiting.add(wake);
    const onAbort = () => wake();
    signal.addEventListener('abort', onAbort);
    await promise;
    signal.removeEventListener('abort', onAbort);
    this.#waiting.delete(wake);
    cancelTimer();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}
