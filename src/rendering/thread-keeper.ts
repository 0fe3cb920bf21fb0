/** Keeps one thread: started when it is needed, replaced when it has ended, ended when it had no work for a while. */

import type { Clock } from '../ports/clock.ts';
import { RendererUnavailable } from '../ports/renderer.ts';
import type { RenderThread } from './render-thread.ts';

export interface ThreadKeeperOptions {
  readonly clock: Clock;
  readonly idleMs: number;
  readonly startThread: () => RenderThread;
}

export interface ThreadKeeper {
  /** A thread that serves. @throws ThreadEnded when it does not start, RendererUnavailable after `close` */
  ready(): Promise<RenderThread>;
  /** Ends the thread; another one is started when it is needed. */
  end(): void;
  /** No work is left for now. */
  rest(): void;
  close(): Promise<void>;
}

/** A machine that cannot start a thread in this time cannot do anything. */
const START_DEADLINE_MS = 30_000;

/** Threads that were told to end and are in a native call still. With so many, the next one waits for an end. */
const MOST_ENDING = 2;

export const CLOSED = 'templates are no longer rendered: the operator stops';

export function createThreadKeeper({ clock, idleMs, startThread }: ThreadKeeperOptions): ThreadKeeper {
  const ending = new Set<Promise<void>>();
  let thread: RenderThread | undefined;
  let cancelIdle = (): void => undefined;
  let isClosed = false;

  function end(): void {
    if (thread === undefined) return;
    const gone = thread.stop().finally(() => ending.delete(gone));
    ending.add(gone);
    thread = undefined;
  }

  return {
    end,
    async ready() {
      cancelIdle();
      if (thread?.hasEnded === true) end();
      while (ending.size >= MOST_ENDING) await Promise.race(ending);
      if (isClosed) throw new RendererUnavailable(CLOSED);
      thread ??= startThread();
      const starting = thread;
      const cancel = clock.after(START_DEADLINE_MS, end);
      await starting.ready.finally(cancel);
      return starting;
    },
    rest() {
      cancelIdle();
      if (!isClosed) cancelIdle = clock.after(idleMs, end);
    },
    async close() {
      isClosed = true;
      cancelIdle();
      end();
      await Promise.all(ending);
    },
  };
}
