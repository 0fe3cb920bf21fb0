/** Waiting that ends: sleeps and deadlines over the injected clock, both bound to an AbortSignal. */

import type { Clock } from '../ports/clock.ts';

/** Resolves after `delayMs`, or at once for none, or when the signal is aborted: the caller looks at the signal. */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (delayMs <= 0 || signal.aborted) {
      resolve();
      return;
    }
    const done = () => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(delayMs, done);
    signal.addEventListener('abort', done, { once: true });
  });
}

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
