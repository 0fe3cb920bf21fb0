/**
 * Renders in a thread of its own, one object after the other, so that a template that takes long or takes all memory
 * harms its own object only. The thread starts with the first template and ends when none was rendered for a while.
 */

import type { Clock } from '../ports/clock.ts';
import { InvalidSecretContent, type KeyturnError } from '../ports/errors.ts';
import { type Rendered, type Renderer, RendererUnavailable, type RenderJobs } from '../ports/renderer.ts';
import { templateLabel } from './failure-text.ts';
import { renderedOf, requestOf } from './render-messages.ts';
import { type RenderThread, startRenderThread, ThreadEnded } from './render-thread.ts';
import { CLOSED, createThreadKeeper, type ThreadKeeper } from './thread-keeper.ts';

export interface RendererOptions {
  readonly clock: Clock;
  /** What one object may take. @default 5000: an RSA key of 4096 bits takes 0.2 to 2 s of a whole core */
  readonly deadlineMs?: number;
  /** How long the thread stays without work. @default 60000 */
  readonly idleMs?: number;
  /** Objects that wait; more are turned away. @default 1000 */
  readonly maxWaiting?: number;
  /** Heap of the thread, in MiB. @default 64: one value may have up to 4 MiB */
  readonly memoryMb?: number;
  /** @default a worker thread */
  readonly startThread?: (memoryMb: number) => RenderThread;
}

interface Order {
  readonly jobs: RenderJobs;
  readonly signal: AbortSignal;
  readonly settled: PromiseWithResolvers<readonly Rendered[]>;
}

type Limits = Required<Pick<RendererOptions, 'clock' | 'deadlineMs' | 'memoryMb'>>;

function currentLabel({ jobs }: Order, thread: RenderThread): string {
  const template = jobs.templates[thread.templateIndex];
  return template === undefined ? 'a template' : templateLabel(template);
}

/** The thread's end, as the order's failure: what its template did, or nothing that it can help. */
function failureOf(error: ThreadEnded, order: Order, thread: RenderThread | undefined, memoryMb: number): KeyturnError {
  if (error.reason === 'memory' && thread !== undefined) {
    const label = currentLabel(order, thread);
    return new InvalidSecretContent(`${label} exceeded the limit of ${memoryMb} MiB of memory`);
  }
  return new RendererUnavailable(`the thread that renders templates ended (${error.message}); it is started again`);
}

/**
 * Calls `expire` when the time is over and no answer has come. Where this thread itself was held up, an answer may lie
 * there that was in time: it is taken in first.
 */
function startDeadline({ clock, deadlineMs }: Limits, expire: () => void): () => void {
  let cancel = clock.after(deadlineMs, () => {
    cancel = clock.after(1, expire);
  });
  return () => cancel();
}

/** Settles the order. Never throws. */
async function serve(order: Order, keeper: ThreadKeeper, limits: Limits): Promise<void> {
  const { jobs, signal, settled } = order;
  let thread: RenderThread | undefined;
  let cancel = (): void => undefined;
  try {
    const ready = await keeper.ready();
    if (signal.aborted) return;
    thread = ready;
    cancel = startDeadline(limits, () => {
      const text = `exceeded the limit of ${limits.deadlineMs} ms for all templates of an object`;
      settled.reject(new InvalidSecretContent(`${currentLabel(order, ready)} ${text}`));
      keeper.end();
    });
    settled.resolve(renderedOf(await ready.serve(requestOf(jobs))));
  } catch (error) {
    settled.reject(error instanceof ThreadEnded ? failureOf(error, order, thread, limits.memoryMb) : error);
  } finally {
    cancel();
  }
}

export function createRenderer(options: RendererOptions): Renderer {
  const { clock, deadlineMs = 5000, idleMs = 60_000, maxWaiting = 1000, memoryMb = 64 } = options;
  const { startThread = startRenderThread } = options;
  const keeper = createThreadKeeper({ clock, idleMs, startThread: () => startThread(memoryMb) });
  const waiting = new Set<Order>();
  let running: Order | undefined;
  let isClosed = false;

  async function work(): Promise<void> {
    for (const order of waiting) {
      waiting.delete(order);
      running = order;
      await serve(order, keeper, { clock, deadlineMs, memoryMb });
    }
    running = undefined;
    keeper.rest();
  }

  return {
    async render(jobs, signal) {
      signal.throwIfAborted();
      if (jobs.templates.length === 0) return [];
      if (isClosed) throw new RendererUnavailable(CLOSED);
      if (waiting.size >= maxWaiting) {
        throw new RendererUnavailable(`${maxWaiting} objects wait for their templates to be rendered already`);
      }
      const order: Order = { jobs, signal, settled: Promise.withResolvers() };
      const abort = (): void => {
        waiting.delete(order);
        order.settled.reject(signal.reason);
      };
      signal.addEventListener('abort', abort, { once: true });
      waiting.add(order);
      if (running === undefined) void work();
      return await order.settled.promise.finally(() => signal.removeEventListener('abort', abort));
    },
    async close() {
      isClosed = true;
      for (const { settled } of waiting) settled.reject(new RendererUnavailable(CLOSED));
      waiting.clear();
      running?.settled.reject(new RendererUnavailable(CLOSED));
      await keeper.close();
    },
  };
}
