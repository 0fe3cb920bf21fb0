/**
 * Which version each (identity, secret) had when it was last seen, who uses it, and when it is due to be asked again.
 * It holds no value. Being told twice, or in any order, ends in the same state.
 */

import { refId } from '../domain/secret-ref.ts';
import {
  type Announced,
  BEHIND_RETRY_MS,
  type Doubt,
  judgeVersion,
  ROLLBACK_CONFIRM_MS,
  type Verdict,
} from '../domain/version-order.ts';
import { type BackoffLimits, backoffMs } from '../ports/backoff.ts';
import type { KeyturnError } from '../ports/errors.ts';
import { possibleNames } from '../ports/secret-arn.ts';
import type { ProbeOutcome, SecretRef, SecretVersion } from '../ports/secret-source.ts';
import { sourceMayRecover } from '../ports/source-recovery.ts';

/** One user's interest in one secret. */
export interface Use {
  readonly identityKey: string;
  readonly ref: SecretRef;
  /** How old the answer may get; undefined for a user that does not want to be polled for. */
  readonly intervalMs: number | undefined;
}

export interface Observation {
  readonly version: SecretVersion | undefined;
  /** Why the last look gave no version; undefined once one does. */
  readonly failure: KeyturnError | undefined;
  /** When AWS last answered with a version. */
  readonly checkedAtMs: number | undefined;
  /** An event has told of a change that was not looked at yet. */
  readonly announced: Announced | undefined;
}

/** A secret as its users spell it, and those of them that want to follow its rotations. */
export interface TrackedSecret {
  readonly identityKey: string;
  readonly ref: SecretRef;
  /** As it was last seen. */
  readonly version: SecretVersion | undefined;
  readonly followers: readonly string[];
}

/** `told` are the users whose state may have changed by what was seen. */
export interface Observed {
  readonly verdict: Verdict['kind'] | 'failed';
  readonly told: readonly string[];
}

interface Entry {
  readonly identityKey: string;
  readonly ref: SecretRef;
  readonly users: Map<string, number | undefined>;
  version: SecretVersion | undefined;
  doubt: Doubt | undefined;
  announced: Announced | undefined;
  failure: KeyturnError | undefined;
  /** Looks in a row that failed for a reason that may pass by itself. */
  passingFailures: number;
  checkedAtMs: number | undefined;
  dueAtMs: number;
  asking: boolean;
}

/** A failure that may pass by itself is told only when the next look meets it again. */
const PASSING_FAILURES_TOLD = 2;
const PASSING_BACKOFF: BackoffLimits = { firstMs: 1_000, longestMs: 60_000 };
const NEVER = Number.POSITIVE_INFINITY;

export type DueBatch =
  | { readonly kind: 'ask'; readonly refs: readonly SecretRef[] }
  | { readonly kind: 'wait'; readonly untilMs: number };

function shortestIntervalMs(entry: Entry): number {
  let shortest = NEVER;
  for (const intervalMs of entry.users.values()) shortest = Math.min(shortest, intervalMs ?? NEVER);
  return shortest;
}

export class VersionIndex {
  readonly #byIdentity = new Map<string, Map<string, Entry>>();
  readonly #byUser = new Map<string, readonly Entry[]>();
  /** By each name that the key of an entry can mean. */
  readonly #byName = new Map<string, Set<Entry>>();
  readonly #random: () => number;
  #onDue: (dueAtMs: number) => void = () => {};

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Called with the time at which a secret is due, whenever that is set. */
  set onDue(listener: (dueAtMs: number) => void) {
    this.#onDue = listener;
  }

  identities(): Iterable<string> {
    return this.#byIdentity.keys();
  }

  /** Replaces what `user` is interested in. Secrets that nobody uses any more are forgotten. */
  track(user: string, uses: readonly Use[], nowMs: number): void {
    const kept = new Set<Entry>();
    for (const use of uses) {
      const entry = this.#entry(use);
      const before = kept.has(entry) ? entry.users.get(user) : undefined;
      entry.users.set(user, Math.min(use.intervalMs ?? NEVER, before ?? NEVER));
      kept.add(entry);
      this.#bringForward(entry, nowMs);
    }
    this.#release(user, kept);
    if (kept.size > 0) this.#byUser.set(user, [...kept]);
  }

  untrack(user: string): void {
    this.#release(user, new Set());
  }

  observation(identityKey: string, ref: SecretRef): Observation | undefined {
    return this.#byIdentity.get(identityKey)?.get(refId(ref));
  }

  /** Takes in what AWS said of a secret just now, whoever asked. */
  observe(identityKey: string, ref: SecretRef, outcome: ProbeOutcome, nowMs: number): Observed {
    const entry = this.#byIdentity.get(identityKey)?.get(refId(ref));
    if (entry === undefined) return { verdict: 'moved', told: [] };
    entry.asking = false;
    return outcome.kind === 'version'
      ? this.#sawVersion(entry, outcome.version, nowMs)
      : this.#sawFailure(entry, outcome.error, nowMs);
  }

  /** The secrets that may have one of these names, whoever reads them. */
  named(names: readonly string[]): readonly TrackedSecret[] {
    const entries = new Set(names.flatMap((name) => [...(this.#byName.get(name) ?? [])]));
    return [...entries].map(({ identityKey, ref, version, users }) => {
      const followers = [...users].flatMap(([user, intervalMs]) => ((intervalMs ?? NEVER) < NEVER ? [user] : []));
      return { identityKey, ref, version, followers };
    });
  }

  /** Takes in that an event told of a change: until AWS was asked, what was seen before does not count. */
  announce({ identityKey, ref }: Pick<TrackedSecret, 'identityKey' | 'ref'>, announced: Announced): void {
    const entry = this.#byIdentity.get(identityKey)?.get(refId(ref));
    if (entry !== undefined) entry.announced = announced;
  }

  /** Undoes {@link VersionIndex.nextBatch} for refs that got no answer because the asking was called off. */
  giveBack(identityKey: string, refs: readonly SecretRef[]): void {
    for (const ref of refs) {
      const entry = this.#byIdentity.get(identityKey)?.get(refId(ref));
      if (entry !== undefined) entry.asking = false;
    }
  }

  /**
   * What to ask next for an identity: the secrets that are due, filled up to `size` with those due soonest, since
   * they ride along for nothing. A ref for which `canBatch` is false goes alone.
   */
  nextBatch(identityKey: string, size: number, canBatch: (ref: SecretRef) => boolean, nowMs: number): DueBatch {
    const first = this.#soonest(identityKey, 1, () => true)[0];
    if (first === undefined || first.dueAtMs > nowMs) return { kind: 'wait', untilMs: first?.dueAtMs ?? NEVER };
    const batch = canBatch(first.ref) ? this.#soonest(identityKey, size, canBatch) : [first];
    for (const entry of batch) entry.asking = true;
    return { kind: 'ask', refs: batch.map((entry) => entry.ref) };
  }

  #entry(use: Use): Entry {
    let entries = this.#byIdentity.get(use.identityKey);
    if (entries === undefined) {
      entries = new Map();
      this.#byIdentity.set(use.identityKey, entries);
    }
    const id = refId(use.ref);
    let entry = entries.get(id);
    if (entry === undefined) {
      entry = {
        identityKey: use.identityKey,
        ref: use.ref,
        users: new Map(),
        version: undefined,
        doubt: undefined,
        announced: undefined,
        failure: undefined,
        passingFailures: 0,
        checkedAtMs: undefined,
        dueAtMs: NEVER,
        asking: false,
      };
      entries.set(id, entry);
      this.#name(entry);
    }
    return entry;
  }

  #name(entry: Entry): void {
    for (const name of possibleNames(entry.ref.key)) {
      const entries = this.#byName.get(name) ?? new Set();
      this.#byName.set(name, entries.add(entry));
    }
  }

  /** A new user with a shorter interval makes the next look earlier, never later. */
  #bringForward(entry: Entry, nowMs: number): void {
    const intervalMs = shortestIntervalMs(entry);
    this.#setDue(entry, Math.min(entry.dueAtMs, (entry.checkedAtMs ?? nowMs) + intervalMs));
  }

  #release(user: string, kept: ReadonlySet<Entry>): void {
    for (const entry of this.#byUser.get(user) ?? []) {
      if (kept.has(entry)) continue;
      entry.users.delete(user);
      if (entry.users.size === 0) this.#forget(entry);
      else if (shortestIntervalMs(entry) === NEVER) entry.dueAtMs = NEVER;
    }
    this.#byUser.delete(user);
  }

  #forget(entry: Entry): void {
    const entries = this.#byIdentity.get(entry.identityKey);
    entries?.delete(refId(entry.ref));
    if (entries?.size === 0) this.#byIdentity.delete(entry.identityKey);
    for (const name of possibleNames(entry.ref.key)) {
      const named = this.#byName.get(name);
      named?.delete(entry);
      if (named?.size === 0) this.#byName.delete(name);
    }
  }

  #sawVersion(entry: Entry, seen: SecretVersion, nowMs: number): Observed {
    const verdict = judgeVersion(entry, seen, nowMs);
    const isFirst = entry.checkedAtMs === undefined;
    if (verdict.kind === 'behind') {
      this.#setDue(entry, nowMs + BEHIND_RETRY_MS);
      return { verdict: 'behind', told: [] };
    }
    entry.announced = undefined;
    entry.checkedAtMs = nowMs;
    entry.passingFailures = 0;
    if (verdict.kind === 'doubtful') {
      entry.doubt = verdict.doubt;
      this.#setDue(entry, nowMs + ROLLBACK_CONFIRM_MS);
      return { verdict: 'doubtful', told: [] };
    }
    const recovered = entry.failure !== undefined;
    entry.doubt = undefined;
    entry.failure = undefined;
    if (verdict.kind === 'moved') entry.version = seen;
    this.#scheduleNext(entry, nowMs, isFirst);
    return { verdict: verdict.kind, told: recovered || verdict.kind === 'moved' ? [...entry.users.keys()] : [] };
  }

  #sawFailure(entry: Entry, error: KeyturnError, nowMs: number): Observed {
    const mayPass = sourceMayRecover(error);
    entry.passingFailures = mayPass ? entry.passingFailures + 1 : 0;
    // What AWS refuses to give was looked at; what it could not give was not.
    if (!mayPass) entry.announced = undefined;
    const retryMs = mayPass ? backoffMs(entry.passingFailures, PASSING_BACKOFF, this.#random()) : NEVER;
    this.#setDue(entry, nowMs + Math.min(shortestIntervalMs(entry), retryMs));
    const isNews = error.message !== entry.failure?.message;
    if (!isNews || (mayPass && entry.passingFailures < PASSING_FAILURES_TOLD)) return { verdict: 'failed', told: [] };
    entry.failure = error;
    return { verdict: 'failed', told: [...entry.users.keys()] };
  }

  /** The first look of a secret is followed by one at a random point of the interval, so that looks spread. */
  #scheduleNext(entry: Entry, nowMs: number, isFirst: boolean): void {
    this.#setDue(entry, nowMs + shortestIntervalMs(entry) * (isFirst ? this.#random() : 1));
  }

  #setDue(entry: Entry, dueAtMs: number): void {
    const isPolled = shortestIntervalMs(entry) < NEVER;
    entry.dueAtMs = isPolled ? dueAtMs : NEVER;
    if (isPolled) this.#onDue(dueAtMs);
  }

  #soonest(identityKey: string, count: number, accept: (ref: SecretRef) => boolean): readonly Entry[] {
    const best: Entry[] = [];
    for (const entry of this.#byIdentity.get(identityKey)?.values() ?? []) {
      const worst = best.length < count ? NEVER : (best.at(-1)?.dueAtMs ?? NEVER);
      if (entry.asking || entry.dueAtMs >= worst || !accept(entry.ref)) continue;
      const at = best.findIndex((other) => other.dueAtMs > entry.dueAtMs);
      best.splice(at === -1 ? best.length : at, 0, entry);
      if (best.length > count) best.pop();
    }
    return best;
  }
}
