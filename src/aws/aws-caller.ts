/** Runs calls to AWS for one identity: so many at a time, each with a deadline, none after the close. */

import PQueue from 'p-queue';
import type { Clock } from '../ports/clock.ts';
import { AwsFault, faultOf } from './aws-fault.ts';
import { isRegionName } from './endpoints.ts';
import { Pace } from './pace.ts';

export interface AwsCallerOptions {
  readonly clock: Clock;
  readonly region: string;
  /** For a call with all the SDK's attempts, fetching credentials included. */
  readonly deadlineMs: number;
  readonly concurrency: number;
  /** How fast it may call. Its client has to be told of it too. @default of its own, which nothing slows down */
  readonly pace?: Pace;
}

export class AwsCaller {
  readonly #options: AwsCallerOptions;
  readonly #queue: PQueue;
  readonly #pace: Pace;
  /** One for each call under way. */
  readonly #closers = new Set<() => void>();
  #closed = false;

  constructor(options: AwsCallerOptions) {
    this.#options = options;
    this.#queue = new PQueue({ concurrency: options.concurrency });
    this.#pace = options.pace ?? new Pace(options.clock);
  }

  /** True when a call would start at once. */
  get hasFreeSlot(): boolean {
    return this.#queue.pending < this.#queue.concurrency && this.#queue.size === 0;
  }

  onSlotFree(listener: () => void): void {
    this.#queue.addEventListener('next', listener);
  }

  /**
   * Runs `send` when it is its turn.
   * @throws AwsFault, whatever fails; of origin `closed` also when `abandon` is aborted.
   */
  async call<T>(send: (signal: AbortSignal) => Promise<T>, abandon: AbortSignal): Promise<T> {
    try {
      return await this.#queue.add(() => this.#run(send, abandon), { signal: abandon });
    } catch (error) {
      throw abandon.aborted ? new AwsFault({ origin: 'closed', code: 'Abandoned' }) : faultOf(error);
    }
  }

  /** Ends the calls under way and refuses those that come later. */
  close(): void {
    this.#closed = true;
    for (const close of [...this.#closers]) close();
  }

  async #run<T>(send: (signal: AbortSignal) => Promise<T>, abandon: AbortSignal): Promise<T> {
    if (this.#closed) throw new AwsFault({ origin: 'closed', code: 'Closed' });
    if (!isRegionName(this.#options.region)) throw new AwsFault({ origin: 'unknown', code: 'InvalidRegion' });
    const { clock, deadlineMs } = this.#options;
    const controller = new AbortController();
    const ended = Promise.withResolvers<never>();
    // The SDK does not look at the signal while it fetches credentials, so its promise is not waited for.
    const end = (fault: AwsFault) => {
      ended.reject(fault);
      controller.abort();
    };
    const close = () => end(new AwsFault({ origin: 'closed', code: 'Closed' }));
    const startMs = clock.nowMs();
    let isWaiting = true;
    const cancelDeadline = clock.after(deadlineMs, () => end(this.#lateFault(isWaiting, startMs)));
    abandon.addEventListener('abort', close);
    this.#closers.add(close);
    try {
      await Promise.race([this.#pace.turn(controller.signal), ended.promise]);
      isWaiting = false;
      return await Promise.race([send(controller.signal), ended.promise]);
    } finally {
      cancelDeadline();
      abandon.removeEventListener('abort', close);
      this.#closers.delete(close);
    }
  }

  /** A call that is late because AWS throttles is told so, in AWS's own words. */
  #lateFault(isWaiting: boolean, startMs: number): AwsFault {
    const throttle = isWaiting ? this.#pace.heldBackBy : this.#pace.throttledSince(startMs);
    return throttle ?? new AwsFault({ origin: 'deadline', code: 'DeadlineExceeded' });
  }
}
