/**
 * Renders in a process of its own, one object after the other, so that a template that takes long or takes all memory
 * harms its own object only. The process starts with the first template and ends when none was rendered for a while.
 * What waits behind an object that takes long is served by another one meanwhile. Where several objects take long, they
 * wait for each other: one process is always left to the others, and who takes long in it gives way.
 */

import type { Clock } from '../ports/clock.ts';
import { InvalidSecretContent, type KeyturnError } from '../ports/errors.ts';
import { type Rendered, type Renderer, RendererUnavailable, type RenderJobs } from '../ports/renderer.ts';
import { type ChildKeeper, createChildKeeper } from './child-keeper.ts';
import type { Delimiters } from './child-messages.ts';
import { templateLabel } from './failure-text.ts';
import { ChildEnded, type RenderChild, startRenderChild } from './render-child.ts';
import { checkSize, renderedOf, requestOf } from './render-messages.ts';
import { WaitingLine } from './waiting-line.ts';

export interface RendererOptions {
  readonly clock: Clock;
  /** What stands around actions in all templates. @default `{{` and `}}` */
  readonly delimiters?: Delimiters | undefined;
  /** What one object may take. @default 5000: an RSA key of 4096 bits takes 0.2 to 2 s of a whole core */
  readonly deadlineMs?: number;
  /** After this an object no longer keeps others waiting. @default 300 */
  readonly lateMs?: number;
  /** How long a process stays without work. @default 60000 */
  readonly idleMs?: number;
  /** Objects that wait; more are turned away. @default 1000 */
  readonly maxWaiting?: number;
  /** Those among them that take long. Each holds up whoever asked for it, and that is not to be everybody. @default 8 */
  readonly maxSlow?: number;
  /** Processes at the same time. @default 2 */
  readonly maxChildren?: number;
  /** Heap of each, in MiB. @default 64: one value may have up to 4 MiB */
  readonly memoryMb?: number;
  /** @default a process */
  readonly startChild?: (options: { readonly memoryMb: number }) => RenderChild;
}

interface Order {
  readonly jobs: RenderJobs;
  readonly signal: AbortSignal;
  readonly settled: PromiseWithResolvers<readonly Rendered[]>;
}

/** A child and what it works on. `late`: on an object that takes long. `leaving`: it is about to be free of that. */
interface Lane {
  readonly keeper: ChildKeeper;
  state: 'idle' | 'busy' | 'late' | 'leaving';
  running: Order | undefined;
  startedAtMs: number;
}

const CLOSED = 'templates are no longer rendered: the operator stops';

function manySlow(count: number): RendererUnavailable {
  return new RendererUnavailable(`${count} objects whose templates take long wait already; it is tried again`);
}

/** What is in the pipe at the deadline is given this time, once. */
const TRANSFER_MS = 1000;

function currentLabel({ jobs }: Order, child: RenderChild): string {
  const template = jobs.templates[child.templateIndex];
  return template === undefined ? 'a template' : templateLabel(template);
}

/** The child's end, as the order's failure: what its template did, or nothing that it can help. */
function failureOf({ reason, message }: ChildEnded, order: Order, child: RenderChild, memoryMb: number): KeyturnError {
  const label = currentLabel(order, child);
  if (reason === 'memory') return new InvalidSecretContent(`${label} exceeded the limit of ${memoryMb} MiB of memory`);
  // Whoever else sends it does so by hand.
  const advice =
    message === 'SIGKILL' ? "; if that comes again, raise the memory limit of the operator's container" : '';
  return new RendererUnavailable(
    `the process that renders templates ended (${message}) at ${label}; it is started again${advice}`,
  );
}

class ChildRenderer implements Renderer {
  readonly #options: Required<RendererOptions>;
  readonly #line = new WaitingLine<Order>();
  readonly #lanes: readonly Lane[];
  #isClosed = false;

  constructor(options: Required<RendererOptions>) {
    this.#options = options;
    const { clock, idleMs, memoryMb, maxChildren, startChild } = options;
    this.#lanes = Array.from({ length: maxChildren }, () => ({
      keeper: createChildKeeper({ clock, idleMs, startChild: () => startChild({ memoryMb }) }),
      state: 'idle',
      running: undefined,
      startedAtMs: 0,
    }));
  }

  async render(jobs: RenderJobs, signal: AbortSignal): Promise<readonly Rendered[]> {
    signal.throwIfAborted();
    if (jobs.templates.length === 0) return [];
    checkSize(jobs);
    if (this.#isClosed) throw new RendererUnavailable(CLOSED);
    const order: Order = { jobs, signal, settled: Promise.withResolvers() };
    this.#checkRoom(order);
    const abort = (): void => {
      this.#line.delete(order);
      order.settled.reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    this.#line.add(order);
    this.#findLane();
    return await order.settled.promise.finally(() => signal.removeEventListener('abort', abort));
  }

  #checkRoom(order: Order): void {
    const { maxWaiting, maxSlow } = this.#options;
    if (this.#line.size >= maxWaiting) {
      throw new RendererUnavailable(`${maxWaiting} objects wait for their templates to be rendered already`);
    }
    if (this.#line.isSlow(order) && this.#line.slowCount >= maxSlow) throw manySlow(maxSlow);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { running } of this.#lanes) running?.settled.reject(new RendererUnavailable(CLOSED));
    this.#turnAway(CLOSED);
    await Promise.all(this.#lanes.map(({ keeper }) => keeper.close()));
  }

  #turnAway(why: string): void {
    for (const { settled } of this.#line.drain()) settled.reject(new RendererUnavailable(why));
  }

  /** Those who take long never have all children, unless there is only one. */
  get #hasRoomForSlow(): boolean {
    const late = this.#lanes.filter(({ state }) => state === 'late').length;
    return late < Math.max(1, this.#lanes.length - 1);
  }

  get #hasWork(): boolean {
    return this.#line.hasQuick || (this.#line.slowCount > 0 && this.#hasRoomForSlow);
  }

  /** What waits is served by a lane that is about to be free; if there is none, by one more, or by one that gives way. */
  #findLane(): void {
    if (!this.#hasWork || this.#lanes.some(({ state }) => state === 'busy' || state === 'leaving')) return;
    const lane = this.#lanes.find(({ state }) => state === 'idle');
    if (lane !== undefined) void this.#work(lane);
    else if (this.#line.hasQuick) this.#giveWay();
  }

  /** Of the objects that take long the youngest goes back into the line; the oldest is never disturbed. */
  #giveWay(): void {
    const [, ...others] = this.#lanes.toSorted((a, b) => a.startedAtMs - b.startedAtMs);
    const youngest = others.at(-1);
    if (youngest === undefined) return;
    youngest.state = 'leaving';
    youngest.keeper.end('it gives way');
  }

  /** Serves what waits until nothing does. Never throws. */
  async #work(lane: Lane): Promise<void> {
    try {
      while (this.#hasWork) {
        lane.state = 'busy';
        const child = await lane.keeper.ready();
        const order = this.#line.take(this.#hasRoomForSlow);
        if (order === undefined) break;
        await this.#serve(order, child, lane);
        lane.state = 'busy';
      }
    } catch (error) {
      this.#notStarted(error, lane);
    }
    lane.state = 'idle';
    lane.keeper.rest();
  }

  /** What waits is left to the other lanes, if any of them is at work. */
  #notStarted(error: unknown, lane: Lane): void {
    if (this.#lanes.some((other) => other !== lane && other.state !== 'idle')) return;
    const why = error instanceof ChildEnded ? error.message : String(error);
    this.#turnAway(`the process that renders templates could not be started (${why}); it is tried again`);
  }

  /** Settles the order, or puts it back into the line. Never throws. */
  async #serve(order: Order, child: RenderChild, lane: Lane): Promise<void> {
    const { clock, delimiters, memoryMb } = this.#options;
    const { jobs, settled } = order;
    lane.running = order;
    lane.startedAtMs = clock.nowMs();
    const cancelDeadline = this.#startDeadline(order, child, lane);
    const endLateness = this.#watchLateness(order, lane);
    try {
      settled.resolve(renderedOf(await child.serve(requestOf(jobs, delimiters))));
    } catch (error) {
      if (lane.state === 'leaving') this.#putBack(order);
      else settled.reject(error instanceof ChildEnded ? failureOf(error, order, child, memoryMb) : error);
    } finally {
      cancelDeadline();
      endLateness();
      lane.running = undefined;
    }
  }

  /** Who took long before is late from the beginning. */
  #watchLateness(order: Order, lane: Lane): () => void {
    const { clock, lateMs } = this.#options;
    let isLate = false;
    const beLate = (): void => {
      lane.state = 'late';
      this.#findLane();
    };
    const cancel = clock.after(lateMs, () => {
      isLate = true;
      this.#line.noteSlow(order);
      if (lane.state === 'busy') beLate();
    });
    if (this.#line.isSlow(order)) beLate();
    return () => {
      cancel();
      if (!isLate && lane.state !== 'leaving') this.#line.noteQuick(order);
    };
  }

  #putBack(order: Order): void {
    const { maxSlow } = this.#options;
    if (order.signal.aborted) return;
    if (this.#line.slowCount >= maxSlow) order.settled.reject(manySlow(maxSlow));
    else this.#line.add(order);
  }

  /**
   * Ends the child when the time is over and no answer has come. Where this process itself was held up, the request may
   * not have been written yet, or an answer lie there that was in time: it is taken in first.
   */
  #startDeadline(order: Order, child: RenderChild, { keeper }: Lane): () => void {
    const { clock, deadlineMs } = this.#options;
    const expire = (): void => {
      const text = `exceeded the limit of ${deadlineMs} ms for all templates of an object`;
      order.settled.reject(new InvalidSecretContent(`${currentLabel(order, child)} ${text}`));
      keeper.end(text);
    };
    const expireUnlessTransferring = (): void => {
      if (child.isTransferring) cancel = clock.after(TRANSFER_MS, expire);
      else expire();
    };
    let cancel = clock.after(deadlineMs, () => {
      cancel = clock.after(1, expireUnlessTransferring);
    });
    return () => cancel();
  }
}

export function createRenderer(options: RendererOptions): Renderer {
  return new ChildRenderer({
    deadlineMs: 5000,
    lateMs: 300,
    idleMs: 60_000,
    maxWaiting: 1000,
    maxSlow: 8,
    maxChildren: 2,
    memoryMb: 64,
    startChild: startRenderChild,
    delimiters: undefined,
    ...options,
  });
}
