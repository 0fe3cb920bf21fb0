/** Workers that take keys from a queue and run a reconcile on each; every outcome is decided here. */

import type { BackoffLimits } from '../ports/backoff.ts';
import type { Clock } from '../ports/clock.ts';
import { KeyturnError } from '../ports/errors.ts';
import type { Log } from '../ports/log.ts';
import { Backoff } from './backoff.ts';
import type { Reconcile } from './reconcile.ts';
import { type AddOptions, WorkQueue } from './work-queue.ts';
import type { WorkerSlots } from './worker-slots.ts';

export type Outcome = 'done' | 'retry' | 'wait';

export interface ControllerOptions {
  readonly name: string;
  readonly reconcile: Reconcile;
  /** How many keys may run at the same time, together with those of other controllers that have the same slots. */
  readonly slots: WorkerSlots;
  readonly backoff: BackoffLimits;
  readonly clock: Clock;
  readonly log: Log;
  readonly onOutcome: (key: string, outcome: Outcome, durationMs: number) => void;
}

export interface Controller {
  readonly depth: number;
  /** True when a key of high priority waits for a worker. */
  readonly isPressed: boolean;
  add(key: string, options?: AddOptions): void;
  /**
   * Works until `stop` is aborted, then takes no more keys and resolves when the running ones have ended.
   * `abort` ends those early. Keys that came before wait for the first run.
   */
  run(stop: AbortSignal, abort: AbortSignal): Promise<void>;
  close(): void;
}

type Ending = { readonly outcome: 'done' | 'wait' } | { readonly outcome: 'retry'; readonly cause: unknown };

function endingOf(error: unknown): Ending {
  if (error instanceof KeyturnError && error.retry === 'onChange') return { outcome: 'wait' };
  return { outcome: 'retry', cause: error };
}

async function attempt(reconcile: Reconcile, key: string, queue: WorkQueue, signal: AbortSignal): Promise<Ending> {
  try {
    const next = await reconcile(key, signal);
    if (next.kind === 'after') queue.add(key, { delayMs: next.delayMs, priority: 'low' });
    return { outcome: 'done' };
  } catch (error) {
    return endingOf(error);
  }
}

export function createController(options: ControllerOptions): Controller {
  const { clock, log, slots } = options;
  const queue = new WorkQueue(clock);
  const backoff = new Backoff(options.backoff);
  const running = new Set<Promise<void>>();

  function retry(key: string, cause: unknown): void {
    const delayMs = backoff.failedMs(key);
    queue.add(key, { delayMs, priority: 'low' });
    const fields = { controller: options.name, key, retryInMs: delayMs };
    if (cause instanceof KeyturnError) log.debug({ ...fields, error: cause.message }, 'will retry');
    else log.error({ ...fields, error: String(cause), stack: cause instanceof Error ? cause.stack : undefined }, 'bug');
  }

  async function work(key: string, abort: AbortSignal): Promise<void> {
    const startedAtMs = clock.nowMs();
    const ending = await attempt(options.reconcile, key, queue, abort);
    if (ending.outcome !== 'retry') backoff.forget(key);
    else if (!abort.aborted) retry(key, ending.cause);
    options.onOutcome(key, ending.outcome, clock.nowMs() - startedAtMs);
    queue.done(key);
  }

  function start(key: string, abort: AbortSignal, pump: () => void): void {
    // In a turn of its own: it counts before it runs, and whoever added the key finishes first.
    const one = Promise.resolve()
      .then(() => work(key, abort))
      .finally(() => {
        running.delete(one);
        slots.giveBack();
        pump();
      });
    running.add(one);
  }

  function pumpOf(stop: AbortSignal, abort: AbortSignal): () => void {
    return function pump() {
      while (!stop.aborted && slots.take(pump)) {
        const key = queue.take();
        if (key === undefined) return slots.giveBack();
        start(key, abort, pump);
      }
    };
  }

  return {
    get depth() {
      return queue.depth;
    },
    get isPressed() {
      return queue.isPressed;
    },
    add: (key, addOptions) => queue.add(key, addOptions),
    async run(stop, abort) {
      const pump = pumpOf(stop, abort);
      queue.onReady = pump;
      pump();
      if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
      queue.onReady = () => {};
      await Promise.all(running);
    },
    close: () => queue.close(),
  };
}
