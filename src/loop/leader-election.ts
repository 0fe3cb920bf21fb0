/**
 * One leader at a time, by a lease. Times are taken on this machine only: a lease counts as expired when it has not
 * changed for its duration under our eyes, and a leader that could not renew stops well before others may take over.
 */

import type { Clock } from '../ports/clock.ts';
import { ClusterConflict, KeyturnError } from '../ports/errors.ts';
import type { LeaseRecord, LeaseStore, StoredLease } from '../ports/lease.ts';
import type { Log } from '../ports/log.ts';

export interface ElectionTiming {
  /** How long others wait for a leader that went silent. */
  readonly leaseDurationMs: number;
  /** How long the leader goes on without a renewal; shorter than the lease, so that two never write at once. */
  readonly renewDeadlineMs: number;
  readonly renewEveryMs: number;
  /** How often a candidate looks. A lease that was given back is taken at the next look. */
  readonly lookEveryMs: number;
}

export const ELECTION_TIMING: ElectionTiming = {
  leaseDurationMs: 15_000,
  renewDeadlineMs: 10_000,
  renewEveryMs: 4_000,
  lookEveryMs: 500,
};

const RELEASE_TIMEOUT_MS = 2_000;

export interface ElectionOptions {
  readonly leases: LeaseStore;
  /** Who we are; unlike that of any other process. */
  readonly identity: string;
  readonly timing: ElectionTiming;
  readonly clock: Clock;
  readonly log: Log;
}

/** Resolves when `lost` is aborted or when the work has ended by itself. */
export type Leading = (lost: AbortSignal) => Promise<void>;

class Election {
  readonly #options: ElectionOptions;
  #seen: StoredLease | undefined;
  #seenChangedAtMs = 0;

  constructor(options: ElectionOptions) {
    this.#options = options;
  }

  /** One look at the lease; true when it is ours now. */
  async tryAcquire(signal: AbortSignal): Promise<boolean> {
    const { leases, clock, identity } = this.#options;
    const lease = await leases.read(signal);
    if (lease?.resourceVersion !== this.#seen?.resourceVersion) this.#seenChangedAtMs = clock.nowMs();
    this.#seen = lease;
    if (lease !== undefined && !this.#isFree(lease)) return false;
    const transitions = (lease?.transitions ?? -1) + (lease?.holder === identity ? 0 : 1);
    return await this.#write(identity, transitions, signal);
  }

  /** When the lease was last asked for with success: others may count from that moment on. */
  get heldSinceMs(): number {
    return this.#seenChangedAtMs;
  }

  async renew(signal: AbortSignal): Promise<boolean> {
    return await this.#overwrite(this.#options.identity, signal);
  }

  /** Gives the lease back, so that the next leader need not wait. */
  async release(signal: AbortSignal): Promise<boolean> {
    return await this.#overwrite('', signal);
  }

  /** Writes over our own lease, also when a write of ours reached it whose answer did not reach us. */
  async #overwrite(holder: string, signal: AbortSignal): Promise<boolean> {
    const { leases, identity } = this.#options;
    if (await this.#write(holder, this.#seen?.transitions ?? 0, signal)) return true;
    const lease = await leases.read(signal);
    if (lease?.holder !== identity) return false;
    this.#seen = lease;
    return await this.#write(holder, lease.transitions, signal);
  }

  #isFree(lease: StoredLease): boolean {
    if (lease.holder === '' || lease.holder === this.#options.identity) return true;
    return this.#options.clock.nowMs() - this.#seenChangedAtMs > lease.durationMs;
  }

  async #write(holder: string, transitions: number, signal: AbortSignal): Promise<boolean> {
    const { leases, clock, timing } = this.#options;
    const renewedAtMs = clock.nowMs();
    const record: LeaseRecord = { holder, durationMs: timing.leaseDurationMs, renewedAtMs, transitions };
    try {
      this.#seen = await leases.write(record, this.#seen?.resourceVersion, signal);
      this.#seenChangedAtMs = renewedAtMs;
      return true;
    } catch (error) {
      if (error instanceof ClusterConflict) return false;
      throw error;
    }
  }
}

function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const cancel = clock.after(delayMs, end);
    function end(): void {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    }
    signal.addEventListener('abort', end, { once: true });
  });
}

async function attempt(
  what: string,
  act: (signal: AbortSignal) => Promise<boolean>,
  signal: AbortSignal,
  log: Log,
): Promise<boolean> {
  try {
    return await act(signal);
  } catch (error) {
    if (signal.aborted) return false;
    if (!(error instanceof KeyturnError)) throw error;
    log.warn({ error: error.message }, `could not ${what} the leader lease`);
    return false;
  }
}

/** How long we may still lead without another renewal; the answer to the last one may have been long on its way. */
function remainingMs(election: Election, { clock, timing }: ElectionOptions): number {
  return election.heldSinceMs + timing.renewDeadlineMs - clock.nowMs();
}

/** Renews until `ended`; aborts `lost` when no renewal has worked for the deadline, even while one hangs. */
async function keep(
  election: Election,
  options: ElectionOptions,
  lost: AbortController,
  ended: AbortSignal,
): Promise<void> {
  const { clock, timing, log } = options;
  const either = AbortSignal.any([lost.signal, ended]);
  const armDeadline = () => clock.after(remainingMs(election, options), () => lost.abort());
  let cancelDeadline = armDeadline();
  for (;;) {
    await pause(clock, timing.renewEveryMs, either);
    if (either.aborted) break;
    if (!(await attempt('renew', (signal) => election.renew(signal), either, log)) || lost.signal.aborted) continue;
    cancelDeadline();
    cancelDeadline = armDeadline();
  }
  cancelDeadline();
}

/**
 * Takes part in the election until `stop`: runs `work` whenever we lead, and gives the lease back at the end.
 * The lease is kept while `work` winds up after `stop`.
 */
export async function takePart(options: ElectionOptions, work: Leading, stop: AbortSignal): Promise<void> {
  const { clock, timing, log, identity } = options;
  while (!stop.aborted) {
    const election = new Election(options);
    while (!stop.aborted && !(await attempt('take', (signal) => election.tryAcquire(signal), stop, log))) {
      await pause(clock, timing.lookEveryMs, stop);
    }
    if (stop.aborted) return;
    if (remainingMs(election, options) <= 0) continue;
    log.info({ identity }, 'leading');
    const lost = new AbortController();
    const ended = new AbortController();
    const kept = keep(election, options, lost, ended.signal);
    await work(lost.signal);
    ended.abort();
    await kept;
    if (lost.signal.aborted) log.warn({ identity }, 'no longer leading');
    else await attempt('release', (signal) => election.release(signal), AbortSignal.timeout(RELEASE_TIMEOUT_MS), log);
  }
}
