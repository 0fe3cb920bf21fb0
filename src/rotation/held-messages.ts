/** Messages whose users are not up to date yet: by event, since one event may arrive in several messages, and by user. */

import { type QueueMessage, VISIBILITY_SECONDS } from '../ports/rotation-queue.ts';
import type { RotationEvent } from './rotation-event.ts';

export interface HeldMessage {
  /** As it was delivered last. */
  readonly message: QueueMessage;
  readonly hiddenUntilMs: number;
}

/** What waits for one event. */
export interface Wait {
  readonly event: RotationEvent;
  readonly sinceMs: number;
  /** Users that are not up to date yet. */
  readonly pending: Set<string>;
  /** By id. */
  readonly messages: Map<string, HeldMessage>;
}

export class HeldMessages {
  readonly #waits = new Map<string, Wait>();
  readonly #byUser = new Map<string, Set<Wait>>();
  readonly #byMessage = new Map<string, Wait>();

  /** How many messages are held. */
  get size(): number {
    return this.#byMessage.size;
  }

  waits(): Iterable<Wait> {
    return this.#waits.values();
  }

  /** True for a message that is held already, or whose event is waited for already; it is held with it. */
  tookAlong(message: QueueMessage, eventId: string, nowMs: number): boolean {
    const wait = this.#waits.get(eventId);
    if (wait === undefined) return false;
    this.#put(wait, message, nowMs);
    return true;
  }

  hold(message: QueueMessage, event: RotationEvent, pending: Set<string>, nowMs: number): void {
    const wait: Wait = { event, sinceMs: nowMs, pending, messages: new Map() };
    this.#waits.set(event.id, wait);
    for (const user of pending) {
      const waits = this.#byUser.get(user) ?? new Set();
      this.#byUser.set(user, waits.add(wait));
    }
    this.#put(wait, message, nowMs);
  }

  /** Asks of each event that waits for `user` whether that is over; the result are those that wait for nobody any more. */
  settle(user: string, isHandled: (event: RotationEvent) => boolean): readonly Wait[] {
    const over: Wait[] = [];
    for (const wait of [...(this.#byUser.get(user) ?? [])]) {
      if (!isHandled(wait.event)) continue;
      wait.pending.delete(user);
      this.#unlink(user, wait);
      if (wait.pending.size > 0) continue;
      this.drop(wait);
      over.push(wait);
    }
    return over;
  }

  /** Messages that were hidden again at `nowMs`. */
  extended(messages: readonly QueueMessage[], nowMs: number): void {
    for (const message of messages) {
      const wait = this.#byMessage.get(message.id);
      if (wait?.messages.get(message.id)?.message.receipt === message.receipt) this.#put(wait, message, nowMs);
    }
  }

  drop(wait: Wait): void {
    for (const user of wait.pending) this.#unlink(user, wait);
    for (const id of wait.messages.keys()) this.#byMessage.delete(id);
    this.#waits.delete(wait.event.id);
  }

  #put(wait: Wait, message: QueueMessage, nowMs: number): void {
    wait.messages.set(message.id, { message, hiddenUntilMs: nowMs + VISIBILITY_SECONDS * 1_000 });
    this.#byMessage.set(message.id, wait);
  }

  #unlink(user: string, wait: Wait): void {
    const waits = this.#byUser.get(user);
    waits?.delete(wait);
    if (waits?.size === 0) this.#byUser.delete(user);
  }
}
