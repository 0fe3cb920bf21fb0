/** Asks AWS for the versions that are due, in as few calls as possible, and tells who uses those that moved. */

import { type BackoffLimits, backoffMs } from '../ports/backoff.ts';
import type { Clock } from '../ports/clock.ts';
import { SourceUnavailable } from '../ports/errors.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { ProbeOutcome, SecretSource, WatchedRef } from '../ports/secret-source.ts';
import type { DueBatch, VersionIndex } from './version-index.ts';

export interface SweeperOptions {
  readonly index: VersionIndex;
  /** The source of an identity; undefined once its store is gone. */
  readonly sourceOf: (identityKey: string) => SecretSource | undefined;
  readonly onMoved: (users: readonly string[]) => void;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** Calls of one identity that may be under way at the same time. */
const CALLS_IN_FLIGHT = 8;
/** How an identity that gets no usable answer is asked less and less. */
const BACKOFF: BackoffLimits = { firstMs: 1_000, longestMs: 60_000 };
/** An identity without a source is looked at again after this; a store that becomes ready comes sooner by itself. */
const NO_SOURCE_WAIT_MS = 30_000;

interface Lane {
  inFlight: number;
  failures: number;
  notBeforeMs: number;
}

/**
 * The failure of a whole call says nothing of the single secrets: it is the identity that has to slow down. Where AWS asks
 * for that, the source does it by itself, and holds up our calls.
 */
function wholeCallFailed(outcomes: readonly ProbeOutcome[]): boolean {
  return outcomes.every((outcome) => outcome.kind === 'failed' && outcome.error instanceof SourceUnavailable);
}

export class Sweeper {
  readonly #options: SweeperOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #calls = new Set<Promise<void>>();
  #cancelTimer: () => void = () => {};
  #armedAtMs = Number.POSITIVE_INFINITY;
  #signal: AbortSignal | undefined;

  constructor(options: SweeperOptions) {
    this.#options = options;
  }

  /** Sweeps until `signal` is aborted; resolves when no call is under way any more. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    this.#options.index.onDue = (dueAtMs) => {
      if (dueAtMs < this.#armedAtMs) this.#armAt(dueAtMs);
    };
    this.#armAt(0);
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    this.#options.index.onDue = () => {};
    this.#cancelTimer();
    this.#signal = undefined;
    await Promise.all(this.#calls);
  }

  #armAt(atMs: number): void {
    this.#cancelTimer();
    this.#armedAtMs = atMs;
    if (!Number.isFinite(atMs) || this.#signal === undefined) return;
    this.#cancelTimer = this.#options.clock.after(atMs - this.#options.clock.nowMs(), () => this.#pass());
  }

  #pass(): void {
    this.#armedAtMs = Number.POSITIVE_INFINITY;
    let wakeAtMs = Number.POSITIVE_INFINITY;
    for (const identityKey of this.#options.index.identities()) {
      wakeAtMs = Math.min(wakeAtMs, this.#passIdentity(identityKey));
    }
    this.#dropIdleLanes();
    this.#armAt(wakeAtMs);
  }

  /** Starts what is due for one identity; the result is when to look again. */
  #passIdentity(identityKey: string): number {
    const { clock, sourceOf } = this.#options;
    const signal = this.#signal;
    const source = sourceOf(identityKey);
    if (signal === undefined || source === undefined) return clock.nowMs() + NO_SOURCE_WAIT_MS;
    const lane = this.#lane(identityKey);
    while (lane.inFlight < CALLS_IN_FLIGHT) {
      if (lane.notBeforeMs > clock.nowMs()) return lane.notBeforeMs;
      const batch = this.#nextBatch(identityKey, source);
      if (batch.kind === 'wait') return batch.untilMs;
      const call = this.#ask(identityKey, lane, source, batch.refs, signal).finally(() => {
        this.#calls.delete(call);
        this.#armAt(0);
      });
      this.#calls.add(call);
    }
    return Number.POSITIVE_INFINITY;
  }

  #nextBatch(identityKey: string, source: SecretSource): DueBatch {
    const { index, clock } = this.#options;
    return index.nextBatch(identityKey, source, clock.nowMs());
  }

  async #ask(
    identityKey: string,
    lane: Lane,
    source: SecretSource,
    refs: readonly WatchedRef[],
    signal: AbortSignal,
  ): Promise<void> {
    lane.inFlight += 1;
    const failuresBefore = lane.failures;
    const outcomes = await source.probe(refs, signal);
    lane.inFlight -= 1;
    if (signal.aborted) {
      this.#options.index.giveBack(identityKey, refs);
      return;
    }
    const nowMs = this.#options.clock.nowMs();
    const failed = wholeCallFailed(outcomes);
    // Calls that were under way together fail together: that is one failure.
    lane.failures = failed ? Math.max(lane.failures, failuresBefore + 1) : 0;
    lane.notBeforeMs = failed ? nowMs + backoffMs(lane.failures, BACKOFF, Math.random()) : 0;
    this.#takeIn(identityKey, source, refs, outcomes);
  }

  #takeIn(
    identityKey: string,
    source: SecretSource,
    refs: readonly WatchedRef[],
    outcomes: readonly ProbeOutcome[],
  ): void {
    const { index, log, metrics, onMoved, clock } = this.#options;
    let moved = 0;
    const told = new Set<string>();
    for (const [at, ref] of refs.entries()) {
      const outcome = outcomes[at];
      if (outcome === undefined) continue;
      const observed = index.observe(identityKey, ref, outcome, clock.nowMs());
      if (observed.verdict === 'moved') moved += 1;
      if (observed.verdict === 'moved' || observed.verdict === 'unproven') {
        source.expectReads(ref, observed.told.length);
      }
      for (const user of observed.told) told.add(user);
    }
    if (moved > 0) metrics.rotationsSeen(moved);
    log.debug({ identity: identityKey, asked: refs.length, moved, told: told.size }, 'swept');
    if (told.size > 0) onMoved([...told]);
  }

  #lane(identityKey: string): Lane {
    const lane = this.#lanes.get(identityKey) ?? { inFlight: 0, failures: 0, notBeforeMs: 0 };
    this.#lanes.set(identityKey, lane);
    return lane;
  }

  #dropIdleLanes(): void {
    const known = new Set(this.#options.index.identities());
    for (const [identityKey, lane] of this.#lanes) {
      if (lane.inFlight === 0 && !known.has(identityKey)) this.#lanes.delete(identityKey);
    }
  }
}
