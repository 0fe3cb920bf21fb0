/** Deadlines over the injected clock, bound to an AbortSignal. */

import type { Clock } from '../ports/clock.ts';

export interface Deadline {
  /** Aborted by the deadline or by the signal that it was made from, whichever is first. */
  readonly signal: AbortSignal;
  /** True when time ran out, false when the caller aborted. */
  readonly passed: boolean;
  readonly remainingMs: number;
  /** Must be called when the work is done: it frees the timer and the listener. */
  end(): void;
}

export function startDeadline(clock: Clock, timeoutMs: number, parent: AbortSignal): Deadline {
  const controller = new AbortController();
  const endsAtMs = clock.nowMs() + timeoutMs;
  let passed = false;
  const onAbort = () => controller.abort(parent.reason);
  const cancel = clock.after(timeoutMs, () => {
    passed = !parent.aborted;
    controller.abort();
  });
  if (parent.aborted) {
    onAbort();
  } else {
    parent.addEventListener('abort', onAbort, { once: true });
  }
  return {
    signal: controller.signal,
    get passed() {
      return passed;
    },
    get remainingMs() {
      return endsAtMs - clock.nowMs();
    },
    end() {
      cancel();
      parent.removeEventListener('abort', onAbort);
    },
  };
}
