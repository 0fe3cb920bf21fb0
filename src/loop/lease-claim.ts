/**
 * A claim to one lease: taken when it is free, kept by renewals, given back. Times are taken on this machine only: a
 * lease counts as expired when it has not changed for its duration under our eyes, and a holder that could not renew
 * stops well before others may take over.
 */

import { type Clock, sleep } from '../ports/clock.ts';
import { ClusterConflict, KeyturnError } from '../ports/errors.ts';
import type { LeaseRecord, LeaseStore, StoredLease } from '../ports/lease.ts';
import type { Log } from '../ports/log.ts';

export interface ElectionTiming {
  /** How long others wait for a holder that went silent. */
  readonly leaseDurationMs: number;
  /** How long a holder goes on without a renewal; shorter than the lease, so that two never write at once. */
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

export interface Claimant {
  /** Who claims; unlike any other, or the same for all who hold the lease together. */
  readonly identity: string;
  readonly timing: ElectionTiming;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ClaimOptions extends Claimant {
  readonly leases: LeaseStore;
  /** For the log: what the lease is of. */
  readonly what: string;
  /**
   * True when others have the same identity and hold the lease together with us.
   * @default false
   */
  readonly isShared?: boolean;
}

/** Resolves when `lost` is aborted or when the work has ended by itself. */
export type Leading = (lost: AbortSignal) => Promise<void>;

/** What was seen of a lease, and when it was first seen so. */
export interface Sighting {
  readonly lease: StoredLease | undefined;
  readonly sinceMs: number;
}

/** The same sighting as long as the lease does not change. */
export function sight(before: Sighting | undefined, lease: StoredLease | undefined, nowMs: number): Sighting {
  const isSame = before !== undefined && before.lease?.resourceVersion === lease?.resourceVersion;
  return isSame ? before : { lease, sinceMs: nowMs };
}

/** True for a lease whose holder has not been heard of for its duration. */
export function isExpired({ lease, sinceMs }: Sighting, nowMs: number): boolean {
  return lease !== undefined && lease.holder !== '' && nowMs - sinceMs > lease.durationMs;
}

export class LeaseClaim {
  readonly #options: ClaimOptions;
  /** While the lease is ours: its version, and since when others may count. */
  #seen: Sighting | undefined;
  /** When the last call that told us the version began: a newer version was written after that. */
  #lookedAtMs = 0;

  constructor(options: ClaimOptions) {
    this.#options = options;
  }

  /** One look at the lease; true when it is ours now. */
  async tryAcquire(signal: AbortSignal): Promise<boolean> {
    const { leases, clock, identity } = this.#options;
    const seen = sight(this.#seen, await leases.read(signal), clock.nowMs());
    this.#seen = seen;
    const holder = seen.lease?.holder ?? '';
    if (holder !== '' && holder !== identity && !isExpired(seen, clock.nowMs())) return false;
    return await this.take(seen.lease, signal);
  }

  /** Takes a lease that was seen to be free; false when it has changed since. */
  async take(lease: StoredLease | undefined, signal: AbortSignal): Promise<boolean> {
    const { identity } = this.#options;
    const transitions = (lease?.transitions ?? -1) + (lease?.holder === identity ? 0 : 1);
    return await this.#write(lease, identity, transitions, signal);
  }

  /** How long we may still hold it without another renewal; the answer to the last one may have been long on its way. */
  get remainingMs(): number {
    const { timing, clock } = this.#options;
    return (this.#seen?.sinceMs ?? 0) + timing.renewDeadlineMs - clock.nowMs();
  }

  async renew(signal: AbortSignal): Promise<boolean> {
    if (this.#options.isShared === true) return await this.#renewTogether(signal);
    return await this.#overwrite(this.#options.identity, signal);
  }

  /** A renewal by another who holds the lease with us is as good as ours: many do not write over each other. */
  async #renewTogether(signal: AbortSignal): Promise<boolean> {
    const { identity, timing } = this.#options;
    const versionBefore = this.#seen?.lease?.resourceVersion;
    const lease = await this.#lookTogether(signal);
    if (lease === undefined) return false;
    const isRenewed = lease.resourceVersion !== versionBefore;
    if (isRenewed && this.remainingMs > 1.25 * timing.renewEveryMs) return true;
    if (await this.#write(lease, identity, lease.transitions, signal)) return true;
    // Another was faster, and so later than our look.
    return (await this.#lookTogether(signal)) !== undefined && this.remainingMs > 0;
  }

  /** What others wrote since our last look counts from that look on. */
  async #lookTogether(signal: AbortSignal): Promise<StoredLease | undefined> {
    const { leases, clock, identity } = this.#options;
    const lookedAtMs = clock.nowMs();
    const lease = await leases.read(signal);
    if (lease?.holder !== identity) return undefined;
    this.#seen = sight(this.#seen, lease, this.#lookedAtMs);
    this.#lookedAtMs = lookedAtMs;
    return lease;
  }

  /** Gives the lease back, so that the next holder need not wait. */
  async release(signal: AbortSignal): Promise<boolean> {
    return await this.#overwrite('', signal);
  }

  /** Writes over our own lease, also when a write of ours reached it whose answer did not reach us. */
  async #overwrite(holder: string, signal: AbortSignal): Promise<boolean> {
    const { leases, identity } = this.#options;
    const seen = this.#seen?.lease;
    if (await this.#write(seen, holder, seen?.transitions ?? 0, signal)) return true;
    const lease = await leases.read(signal);
    if (lease?.holder !== identity) return false;
    return await this.#write(lease, holder, lease.transitions, signal);
  }

  async #write(
    over: StoredLease | undefined,
    holder: string,
    transitions: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { leases, clock, timing } = this.#options;
    const renewedAtMs = clock.nowMs();
    const record: LeaseRecord = { holder, durationMs: timing.leaseDurationMs, renewedAtMs, transitions };
    try {
      // Others may count from the moment on in which we asked.
      this.#seen = { lease: await leases.write(record, over?.resourceVersion, signal), sinceMs: renewedAtMs };
      this.#lookedAtMs = renewedAtMs;
      return true;
    } catch (error) {
      if (error instanceof ClusterConflict) return false;
      throw error;
    }
  }
}

/** Tries something with leases; a failure of the API server is logged and counts as false. */
export async function attempt(
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
    log.warn({ error: error.message }, `could not ${what}`);
    return false;
  }
}

/** Renews until `ended`; aborts `lost` when no renewal has worked for the deadline, even while one hangs. */
async function keep(
  claim: LeaseClaim,
  { clock, timing, log, what }: ClaimOptions,
  lost: AbortController,
  ended: AbortSignal,
): Promise<void> {
  const either = AbortSignal.any([lost.signal, ended]);
  const armDeadline = () => clock.after(claim.remainingMs, () => lost.abort());
  let cancelDeadline = armDeadline();
  for (;;) {
    await sleep(clock, timing.renewEveryMs, either);
    if (either.aborted) break;
    const isRenewed = await attempt(`renew ${what}`, (signal) => claim.renew(signal), either, log);
    if (!isRenewed || lost.signal.aborted) continue;
    cancelDeadline();
    cancelDeadline = armDeadline();
  }
  cancelDeadline();
}

/**
 * Works while the claim can be kept.
 * @returns whether the claim was kept to the end
 */
export async function workUnder(claim: LeaseClaim, options: ClaimOptions, work: Leading): Promise<boolean> {
  const lost = new AbortController();
  const ended = new AbortController();
  const kept = keep(claim, options, lost, ended.signal);
  await work(lost.signal);
  ended.abort();
  await kept;
  return !lost.signal.aborted;
}

/** Gives the lease of a claim back; what does not succeed in time runs out. */
export async function giveBack(claim: LeaseClaim, { what, log }: ClaimOptions): Promise<void> {
  await attempt(`release ${what}`, (signal) => claim.release(signal), AbortSignal.timeout(RELEASE_TIMEOUT_MS), log);
}
