/** Keeps one child: started when it is needed, replaced when it has ended, ended when it had no work for a while. */

import type { Clock } from '../ports/clock.ts';
import { ChildEnded, type RenderChild } from './render-child.ts';

export interface ChildKeeperOptions {
  readonly clock: Clock;
  readonly idleMs: number;
  readonly startChild: () => RenderChild;
}

export interface ChildKeeper {
  /** A child that serves. @throws ChildEnded when it does not start, or after `close` */
  ready(): Promise<RenderChild>;
  /** Ends the child; another one is started when it is needed. @param why is told to whom it serves */
  end(why: string): void;
  /** No work is left for now. */
  rest(): void;
  /** Settles when no process is left. */
  close(): Promise<void>;
}

/** A machine that cannot start a process in this time cannot do anything. */
const START_DEADLINE_MS = 30_000;

/** Processes that were killed and have not ended: the machine is stuck, and more of them would not help. */
const MOST_ENDING = 4;

const STOPPING = 'the operator stops';

export function createChildKeeper({ clock, idleMs, startChild }: ChildKeeperOptions): ChildKeeper {
  const ending = new Set<Promise<void>>();
  let child: RenderChild | undefined;
  let cancelIdle = (): void => undefined;
  let isClosed = false;

  function end(why: string): void {
    if (child === undefined) return;
    const gone = child.stop(why).finally(() => ending.delete(gone));
    ending.add(gone);
    child = undefined;
  }

  /** Lets go of a child that is gone: a part of an answer may be left with it. */
  function endTheDead(): void {
    if (child?.hasEnded === true) end('it has ended');
  }

  function start(): RenderChild {
    if (isClosed) throw new ChildEnded('stopped', STOPPING);
    if (ending.size >= MOST_ENDING) throw new ChildEnded('fault', 'processes that were killed have not ended');
    return startChild();
  }

  return {
    end,
    async ready() {
      cancelIdle();
      endTheDead();
      child ??= start();
      const starting = child;
      const cancel = clock.after(START_DEADLINE_MS, () => end(`it was not ready after ${START_DEADLINE_MS} ms`));
      await starting.ready.finally(cancel);
      return starting;
    },
    rest() {
      cancelIdle();
      endTheDead();
      if (!isClosed) cancelIdle = clock.after(idleMs, () => end('it had no work'));
    },
    async close() {
      isClosed = true;
      cancelIdle();
      end(STOPPING);
      await Promise.all(ending);
    },
  };
}
