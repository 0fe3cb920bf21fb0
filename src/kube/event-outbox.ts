/** What waits to be sent as an Event: a bounded queue, and before it the records whose minute has not passed. */

import type { Clock } from '../ports/clock.ts';
import type { NoteRecord } from './event-notes.ts';

export interface EventOutbox {
  /** Lines the record up after `delayMs`. */
  put(record: NoteRecord, delayMs: number): void;
  /** Takes the first in line. */
  take(): NoteRecord | undefined;
  /** Puts what was taken and not sent at the head of the line. */
  putBack(record: NoteRecord): void;
  /** Resolves when there is one in line, or when the signal is aborted. */
  whenAny(signal: AbortSignal): Promise<void>;
  /** Lines up whatever still has to wait. */
  hurry(): void;
  /** Stops the timers; what they were for is still there for {@link EventOutbox.hurry}. */
  stopTimers(): void;
}

export function createEventOutbox(options: {
  readonly clock: Clock;
  readonly maxQueued: number;
  readonly onFull: (record: NoteRecord) => void;
}): EventOutbox {
  const { clock, maxQueued, onFull } = options;
  const queue: NoteRecord[] = [];
  const resting = new Map<NoteRecord, () => void>();
  let wake: (() => void) | undefined;

  function enqueue(record: NoteRecord): void {
    resting.delete(record);
    if (queue.length >= maxQueued) {
      onFull(record);
      return;
    }
    queue.push(record);
    wake?.();
  }

  return {
    put(record, delayMs) {
      if (delayMs <= 0) {
        enqueue(record);
      } else {
        resting.set(
          record,
          clock.after(delayMs, () => enqueue(record)),
        );
      }
    },
    take: () => queue.shift(),
    putBack: (record) => queue.unshift(record),
    whenAny(signal) {
      return new Promise((resolve) => {
        const done = () => {
          wake = undefined;
          signal.removeEventListener('abort', done);
          resolve();
        };
        if (queue.length > 0 || signal.aborted) {
          resolve();
          return;
        }
        wake = done;
        signal.addEventListener('abort', done, { once: true });
      });
    },
    hurry() {
      for (const [record, cancel] of [...resting]) {
        cancel();
        enqueue(record);
      }
    },
    stopTimers() {
      for (const cancel of resting.values()) {
        cancel();
      }
    },
  };
}
