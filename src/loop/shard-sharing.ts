/**
 * Replicas share out shards among themselves, a lease for each. Who may work is decided by the leases alone; what is
 * decided here is only who takes a free one, who asks for more, and who gives away, by what everybody sees in them.
 * A replica that has less than its share takes free shards, and where there are none it calls: each call lets those who
 * have more than their share wind up and give back what is too much, once. So nothing moves when nobody calls.
 */

import { sleep } from '../ports/clock.ts';
import { ClusterConflict } from '../ports/errors.ts';
import type { ShardLeases, StoredLease } from '../ports/lease.ts';
import { fairShares } from './fair-share.ts';
import {
  attempt,
  type Claimant,
  type ClaimOptions,
  giveBack,
  isExpired,
  LeaseClaim,
  type Sighting,
  sight,
  workUnder,
} from './lease-claim.ts';

/** How long a call stands: a caller that is gone is not in the way of the next one for long. */
const CALL_MS = 5_000;
/** To the next call after one that brought nothing, doubled each time: who cannot take what is given stops asking. */
const CALL_AGAIN_MS = 2_000;
const CALL_AGAIN_AT_MOST_MS = 60_000;
/** A shard that is free for so long is taken by anybody: whose it would be is gone, or slow. */
const PATIENCE_MS = 1_600;
const HUSH_TIMEOUT_MS = 2_000;
const UNSEEN: Sighting = { lease: undefined, sinceMs: 0 };

export interface SharingOptions extends Claimant {
  readonly leases: ShardLeases;
}

/**
 * Works on a shard until `give` or `lost` is aborted: after the first it finishes what is in flight, after the second
 * it ends at once. Others may work on the shard as soon as it has resolved.
 */
export type Holding = (shard: number, give: AbortSignal, lost: AbortSignal) => Promise<void>;

interface Held {
  readonly giving: AbortController;
  readonly ended: Promise<void>;
}

/** What one look tells. */
interface Situation {
  /** How many shards each has who is there, we included. */
  readonly held: ReadonlyMap<string, number>;
  readonly shares: ReadonlyMap<string, number>;
  readonly free: readonly number[];
  /** The call of somebody else, when one stands. */
  readonly call: StoredLease | undefined;
}

export class ShardSharing {
  readonly #options: SharingOptions;
  readonly #work: Holding;
  readonly #held = new Map<number, Held>();
  readonly #sightings: Sighting[] = [];
  /** Since when a shard is seen to be free. */
  readonly #freeSinceMs = new Map<number, number>();
  #callSighting: Sighting | undefined;
  /** The version of the last call on which we gave. */
  #answered: string | undefined;
  #callAgainAtMs = 0;
  #callAgainMs = CALL_AGAIN_MS;

  constructor(options: SharingOptions, work: Holding) {
    this.#options = options;
    this.#work = work;
  }

  /**
   * Takes a fair share of the shards and works on them until `stop`, then gives them back; after `lost` no shard may be
   * worked on any more. One run at a time.
   */
  async run(stop: AbortSignal, lost: AbortSignal): Promise<void> {
    const { clock, timing, log } = this.#options;
    const halt = AbortSignal.any([stop, lost]);
    while (!halt.aborted) {
      await attempt('look at the leases of the shards', (signal) => this.#look(signal, stop, lost), halt, log);
      await sleep(clock, timing.lookEveryMs, halt);
    }
    await Promise.all(this.#held.values().map(({ ended }) => ended));
    await attempt('end a call for shards', (signal) => this.#hush(signal), AbortSignal.timeout(HUSH_TIMEOUT_MS), log);
  }

  async #look(signal: AbortSignal, stop: AbortSignal, lost: AbortSignal): Promise<boolean> {
    const { leases, clock } = this.#options;
    const seen = await leases.list(signal);
    const nowMs = clock.nowMs();
    for (const [shard] of leases.shards.entries()) {
      this.#sightings[shard] = sight(this.#sightings[shard], seen.shards[shard], nowMs);
    }
    this.#callSighting = sight(this.#callSighting, seen.call, nowMs);
    const situation = this.#situation(nowMs);
    this.#give(situation);
    await this.#take(situation, signal, stop, lost);
    await this.#callOrHush(this.#situation(clock.nowMs()), signal);
    return true;
  }

  #situation(nowMs: number): Situation {
    const { identity, leases } = this.#options;
    const free = [...leases.shards.keys()].filter((shard) => this.#isFree(shard, nowMs));
    this.#noteFree(free, nowMs);
    const held = new Map([[identity, this.#mine()]]);
    for (const holder of this.#othersAlive(nowMs)) held.set(holder, (held.get(holder) ?? 0) + 1);
    const call = this.#standingCall(nowMs);
    if (call !== undefined && !held.has(call.holder)) held.set(call.holder, 0);
    return { held, shares: fairShares(held, leases.shards.length), free, call };
  }

  /** For us; a lease of ours on whose shard we do not work any more was lost. */
  #isFree(shard: number, nowMs: number): boolean {
    const sighting = this.#sightings[shard];
    const holder = sighting?.lease?.holder ?? '';
    if (sighting === undefined || this.#held.has(shard)) return false;
    return holder === '' || holder === this.#options.identity || isExpired(sighting, nowMs);
  }

  #noteFree(free: readonly number[], nowMs: number): void {
    const before = new Map(this.#freeSinceMs);
    this.#freeSinceMs.clear();
    for (const shard of free) this.#freeSinceMs.set(shard, before.get(shard) ?? nowMs);
  }

  /** The holders of the shards, once for each shard. Who let one lease run out is gone, and the others will run out. */
  #othersAlive(nowMs: number): readonly string[] {
    const holders = this.#sightings.map((sighting) => sighting.lease?.holder ?? '');
    const gone = new Set(holders.filter((_, shard) => isExpired(this.#sightings[shard] ?? UNSEEN, nowMs)));
    return holders.filter((holder) => holder !== '' && holder !== this.#options.identity && !gone.has(holder));
  }

  /** Those that we hold and do not give away. */
  #mine(): number {
    return this.#keeping().length;
  }

  #keeping(): readonly Held[] {
    return [...this.#held.values()].filter(({ giving }) => !giving.signal.aborted);
  }

  #standingCall(nowMs: number): StoredLease | undefined {
    const sighting = this.#callSighting;
    const { holder = '' } = sighting?.lease ?? {};
    const stands = sighting !== undefined && !isExpired(sighting, nowMs);
    return stands && holder !== '' && holder !== this.#options.identity ? sighting.lease : undefined;
  }

  #shareOf({ shares }: Situation): number {
    return shares.get(this.#options.identity) ?? 0;
  }

  /** Answers a call once. What was taken last goes first. */
  #give(situation: Situation): void {
    const { call } = situation;
    if (call === undefined || call.resourceVersion === this.#answered) return;
    this.#answered = call.resourceVersion;
    const surplus = this.#mine() - this.#shareOf(situation);
    if (surplus > 0) for (const { giving } of this.#keeping().slice(-surplus)) giving.abort();
  }

  async #take(situation: Situation, signal: AbortSignal, stop: AbortSignal, lost: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const wanting = this.#shareOf(situation) - this.#mine();
    // Others may start at the same time and are not seen yet: the first shard makes each of us seen.
    const atMost = situation.held.size === 1 ? Math.max(1, this.#mine()) : wanting;
    const isLeftOver = (shard: number) =>
      clock.nowMs() - (this.#freeSinceMs.get(shard) ?? Number.POSITIVE_INFINITY) >= PATIENCE_MS;
    const ours = this.#inOurOrder(situation.free).slice(0, Math.max(0, Math.min(wanting, atMost)));
    const chosen = new Set([...ours, ...situation.free.filter(isLeftOver)]);
    await Promise.all([...chosen].map((shard) => this.#takeOne(shard, signal, stop, lost)));
  }

  /** Each replica begins at another shard, so that not all try the same one. */
  #inOurOrder(shards: readonly number[]): readonly number[] {
    let sum = 0;
    for (const char of this.#options.identity) sum += char.charCodeAt(0);
    const start = shards.length === 0 ? 0 : sum % shards.length;
    return [...shards.slice(start), ...shards.slice(0, start)];
  }

  async #takeOne(shard: number, signal: AbortSignal, stop: AbortSignal, lost: AbortSignal): Promise<void> {
    const leases = this.#options.leases.shards[shard];
    if (leases === undefined) return;
    const options: ClaimOptions = { ...this.#options, leases, what: `the lease of shard ${shard}` };
    const claim = new LeaseClaim(options);
    const seen = this.#sightings[shard]?.lease;
    const isOurs = await attempt(`take ${options.what}`, (each) => claim.take(seen, each), signal, options.log);
    // It may have been taken all the same, by a request that the stop has cut off from its answer.
    if (!isOurs && stop.aborted && !lost.aborted) await giveBack(claim, options);
    if (!isOurs || claim.remainingMs <= 0) return;
    this.#callAgainMs = CALL_AGAIN_MS;
    const giving = new AbortController();
    const ended = this.#hold(shard, claim, options, AbortSignal.any([stop, giving.signal]), lost);
    this.#held.set(shard, { giving, ended });
  }

  async #hold(
    shard: number,
    claim: LeaseClaim,
    options: ClaimOptions,
    give: AbortSignal,
    allLost: AbortSignal,
  ): Promise<void> {
    const { log, leases } = this.#options;
    const fields = { shard, of: leases.shards.length };
    log.info(fields, 'took a shard');
    const isKept = await workUnder(claim, options, (lost) => this.#work(shard, give, AbortSignal.any([lost, allLost])));
    if (isKept && !allLost.aborted) {
      await giveBack(claim, options);
      log.info(fields, 'gave a shard back');
    } else log.warn(fields, 'lost a shard');
    this.#held.delete(shard);
  }

  async #callOrHush(situation: Situation, signal: AbortSignal): Promise<void> {
    const { identity, clock } = this.#options;
    const { held, shares, call } = situation;
    if (this.#mine() >= this.#shareOf(situation)) {
      await this.#hush(signal);
      return;
    }
    const hasSurplus = ([member, count]: [string, number]) => member !== identity && count > (shares.get(member) ?? 0);
    if (call !== undefined || clock.nowMs() < this.#callAgainAtMs || !held.entries().some(hasSurplus)) return;
    await this.#writeCall(identity, signal);
    this.#callAgainAtMs = clock.nowMs() + this.#callAgainMs;
    this.#callAgainMs = Math.min(2 * this.#callAgainMs, CALL_AGAIN_AT_MOST_MS);
  }

  /** Ends our own call. */
  async #hush(signal: AbortSignal): Promise<boolean> {
    if (this.#callSighting?.lease?.holder === this.#options.identity) await this.#writeCall('', signal);
    return true;
  }

  /** Who loses the race for the call sees the other's at the next look. */
  async #writeCall(holder: string, signal: AbortSignal): Promise<void> {
    const { leases, clock } = this.#options;
    const before = this.#callSighting?.lease;
    const transitions = (before?.transitions ?? -1) + (before?.holder === holder ? 0 : 1);
    const record = { holder, durationMs: CALL_MS, renewedAtMs: clock.nowMs(), transitions };
    try {
      const lease = await leases.call.write(record, before?.resourceVersion, signal);
      this.#callSighting = { lease, sinceMs: clock.nowMs() };
    } catch (error) {
      if (!(error instanceof ClusterConflict)) throw error;
    }
  }
}
