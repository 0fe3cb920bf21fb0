/** Runs calls to AWS for one identity: so many at a time, each with a deadline, none after the close. */

import PQueue from 'p-queue';
import type { Clock } from '../ports/clock.ts';
import { AwsFault, type FaultOrigin, faultOf } from './aws-fault.ts';
import { isRegionName } from './endpoints.ts';

export interface AwsCallerOptions {
  readonly clock: Clock;
  readonly region: string;
  /** For a call with all the SDK's attempts, fetching credentials included. */
  readonly deadlineMs: number;
  readonly concurrency: number;
}

export class AwsCaller {
  readonly #options: AwsCallerOptions;
  readonly #queue: PQueue;
  /** One for each call under way. */
  readonly #closers = new Set<() => void>();
  #closed = false;

  constructor(options: AwsCallerOptions) {
    this.#options = options;
    this.#queue = new PQueue({ concurrency: options.concurrency });
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
    const controller = new AbortController();
    const ended = Promise.withResolvers<never>();
    // The SDK does not look at the signal while it fetches credentials, so its promise is not waited for.
    const end = (origin: FaultOrigin, code: string) => {
      ended.reject(new AwsFault({ origin, code }));
      controller.abort();
    };
    const close = () => end('closed', 'Closed');
    const cancelDeadline = this.#options.clock.after(this.#options.deadlineMs, () =>
      end('deadline', 'DeadlineExceeded'),
    );
    abandon.addEventListener('abort', close);
    this.#closers.add(close);
    try {
      return await Promise.race([send(controller.signal), ended.promise]);
    } finally {
      cancelDeadline();
      abandon.removeEventListener('abort', close);
      this.#closers.delete(close);
    }
  }
}
