/**
 * Which version each (identity, secret) had when it was last seen, who uses it, and when it is due to be asked again.
 * It holds no value. Being told twice, or in any order, ends in the same state.
 */

import { refId } from '../domain/secret-ref.ts';
import {
  type Announced,
  BEHIND_RETRY_MS,
  type Doubt,
  judgeLabel,
  judgeVersion,
  ROLLBACK_CONFIRM_MS,
  type Verdict,
} from '../domain/version-order.ts';
import { type BackoffLimits, backoffMs } from '../ports/backoff.ts';
import type { KeyturnError } from '../ports/errors.ts';
import type { ProbeOutcome, ProbeSharing, SecretRef, SecretVersion, WatchedRef } from '../ports/secret-source.ts';
import { sourceMayRecover } from '../ports/source-recovery.ts';
import { type Due, DueHeap } from './due-heap.ts';
import { EntryNames } from './entry-names.ts';
import { UserIntervals } from './user-intervals.ts';

/** One user's interest in one secret, or in what a query finds, which is one thing here as well. */
export interface Use {
  readonly identityKey: string;
  readonly ref: WatchedRef;
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
  readonly ref: WatchedRef;
  /** As it was last seen. */
  readonly version: SecretVersion | undefined;
  readonly followers: readonly string[];
}

/** `told` are the users whose state may have changed by what was seen. */
export interface Observed {
  /**
   * `first`: no version was known before, so that nothing can have moved. `unproven`: a read has to tell whether it has.
   * `unused`: nobody uses it any more.
   */
  readonly verdict: Verdict['kind'] | 'failed' | 'first' | 'unproven' | 'unused';
  readonly told: readonly string[];
}

interface Entry extends Due {
  readonly identityKey: string;
  readonly ref: WatchedRef;
  readonly users: UserIntervals;
  version: SecretVersion | undefined;
  doubt: Doubt | undefined;
  announced: Announced | undefined;
  failure: KeyturnError | undefined;
  /** Looks in a row that failed for a reason that may pass by itself. */
  passingFailures: number;
  checkedAtMs: number | undefined;
  /** Until then an answer may leave out what an event has told of. */
  settledAtMs: number;
  /** An entry that is being asked for is not in the heap. */
  asking: boolean;
}

/** The secrets that are read with one identity. */
interface Holding {
  readonly entries: Map<string, Entry>;
  /** Those that are polled and not being asked for. */
  readonly due: DueHeap<Entry>;
}

/** A failure that may pass by itself is told only when the next look meets it again. */
const PASSING_FAILURES_TOLD = 2;
const PASSING_BACKOFF: BackoffLimits = { firstMs: 1_000, longestMs: 60_000 };
const NEVER = Number.POSITIVE_INFINITY;
/** A first look waits so long for others of its identity to share the call with. */
const COMPANY_MS = 50;
/**
 * What has changed so lately, a listing may not show yet
 * (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html).
 */
const LISTING_LAG_MS = 5 * 60_000;

export type DueBatch =
  | { readonly kind: 'ask'; readonly refs: readonly WatchedRef[] }
  | { readonly kind: 'wait'; readonly untilMs: number };

function newEntry({ identityKey, ref }: Use): Entry {
  return {
    identityKey,
    ref,
    users: new UserIntervals(),
    version: undefined,
    doubt: undefined,
    announced: undefined,
    failure: undefined,
    passingFailures: 0,
    checkedAtMs: undefined,
    settledAtMs: 0,
    dueAtMs: NEVER,
    heapAt: -1,
    asking: false,
  };
}

export class VersionIndex {
  readonly #byIdentity = new Map<string, Holding>();
  readonly #byUser = new Map<string, readonly Entry[]>();
  readonly #names = new EntryNames<Entry>();
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

  /**
   * Replaces what `user` is interested in. Secrets that nobody uses any more are forgotten.
   * @throws InvalidSpec for a query whose expression is none, which has to be found out before
   */
  track(user: string, uses: readonly Use[], nowMs: number): void {
    const kept = new Set<Entry>();
    for (const use of uses) {
      const entry = this.#entry(use);
      const before = kept.has(entry) ? entry.users.get(user) : NEVER;
      entry.users.set(user, Math.min(use.intervalMs ?? NEVER, before));
      kept.add(entry);
      this.#bringForward(entry, nowMs);
    }
    this.#release(user, kept);
    if (kept.size > 0) this.#byUser.set(user, [...kept]);
  }

  /** Makes due, in a moment, those secrets of a user that were never looked at. */
  hurry(user: string, nowMs: number): void {
    for (const entry of this.#byUser.get(user) ?? []) {
      if (entry.checkedAtMs !== undefined || entry.passingFailures > 0) continue;
      this.#setDue(entry, Math.min(entry.dueAtMs, nowMs + COMPANY_MS));
    }
  }

  untrack(user: string): void {
    this.#release(user, new Set());
  }

  observation(identityKey: string, ref: WatchedRef): Observation | undefined {
    return this.#find(identityKey, ref);
  }

  /** Takes in what AWS said of a secret just now, whoever asked. */
  observe(identityKey: string, ref: WatchedRef, outcome: ProbeOutcome, nowMs: number): Observed {
    const entry = this.#find(identityKey, ref);
    if (entry === undefined) return { verdict: 'unused', told: [] };
    entry.asking = false;
    switch (outcome.kind) {
      case 'version':
        return this.#sawVersion(entry, outcome.version, nowMs);
      case 'label':
        return this.#sawLabel(entry, outcome.version, nowMs);
      case 'failed':
        return this.#sawFailure(entry, outcome.error, nowMs);
    }
  }

  /** The secrets that may have one of these names, and the queries that may find one of them, whoever reads them. */
  named(names: readonly string[]): readonly TrackedSecret[] {
    return [...this.#names.named(names)].map(({ identityKey, ref, version, users }) => {
      return { identityKey, ref, version, followers: users.followers };
    });
  }

  /** Takes in that an event told of a change: until AWS was asked, what was seen before does not count. */
  announce({ identityKey, ref }: Pick<TrackedSecret, 'identityKey' | 'ref'>, announced: Announced): void {
    const entry = this.#find(identityKey, ref);
    if (entry === undefined) return;
    const members = [...(entry.announced?.members ?? []), ...(announced.members ?? [])];
    entry.announced = members.length === 0 ? announced : { ...announced, members: new Map(members) };
    if ('query' in ref) entry.settledAtMs = announced.sinceMs + LISTING_LAG_MS;
  }

  /** Undoes {@link VersionIndex.nextBatch} for refs that got no answer because the asking was called off. */
  giveBack(identityKey: string, refs: readonly WatchedRef[]): void {
    for (const ref of refs) {
      const entry = this.#find(identityKey, ref);
      if (entry === undefined) continue;
      entry.asking = false;
      this.#setDue(entry, entry.dueAtMs);
    }
  }

  /**
   * What to ask next for an identity: the secrets that are due, filled up with those due soonest that can share the
   * call, since they ride along for nothing.
   */
  nextBatch(identityKey: string, sharing: ProbeSharing, nowMs: number): DueBatch {
    const holding = this.#byIdentity.get(identityKey);
    const first = holding?.due.first;
    if (holding === undefined || first === undefined || first.dueAtMs > nowMs) {
      return { kind: 'wait', untilMs: first?.dueAtMs ?? NEVER };
    }
    const batch = this.#companyOf(first, holding, sharing);
    for (const entry of batch) {
      entry.asking = true;
      holding.due.remove(entry);
    }
    return { kind: 'ask', refs: batch.map((entry) => entry.ref) };
  }

  #companyOf(first: Entry, holding: Holding, sharing: ProbeSharing): readonly Entry[] {
    const { ref } = first;
    const isFind = 'query' in ref;
    if (!isFind && sharing.canBatch(ref)) {
      return soonest(holding.due, sharing.probeBatchSize, (other) => sharing.canBatch(other));
    }
    if (!isFind && !sharing.canDescribe(ref)) return [first];
    return this.#names
      .companions(first)
      .filter((other) => other.heapAt !== -1 && ('query' in other.ref || sharing.canDescribe(other.ref)));
  }

  #find(identityKey: string, ref: WatchedRef): Entry | undefined {
    return this.#byIdentity.get(identityKey)?.entries.get(refId(ref));
  }

  #entry(use: Use): Entry {
    const holding = this.#byIdentity.get(use.identityKey) ?? { entries: new Map(), due: new DueHeap() };
    this.#byIdentity.set(use.identityKey, holding);
    const id = refId(use.ref);
    const present = holding.entries.get(id);
    if (present !== undefined) return present;
    const entry = newEntry(use);
    this.#names.add(entry);
    holding.entries.set(id, entry);
    return entry;
  }

  /** A new user with a shorter interval makes the next look earlier, never later. */
  #bringForward(entry: Entry, nowMs: number): void {
    this.#setDue(entry, Math.min(entry.dueAtMs, (entry.checkedAtMs ?? nowMs) + entry.users.shortestMs));
  }

  #release(user: string, kept: ReadonlySet<Entry>): void {
    for (const entry of this.#byUser.get(user) ?? []) {
      if (kept.has(entry)) continue;
      entry.users.delete(user);
      if (entry.users.size === 0) this.#forget(entry);
      else this.#setDue(entry, entry.dueAtMs);
    }
    this.#byUser.delete(user);
  }

  #forget(entry: Entry): void {
    const holding = this.#byIdentity.get(entry.identityKey);
    holding?.due.remove(entry);
    holding?.entries.delete(refId(entry.ref));
    if (holding?.entries.size === 0) this.#byIdentity.delete(entry.identityKey);
    this.#names.remove(entry);
  }

  #sawVersion(entry: Entry, seen: SecretVersion, nowMs: number): Observed {
    const verdict = judgeVersion(entry, seen, nowMs);
    const isFirst = entry.checkedAtMs === undefined;
    const isUnknown = entry.version === undefined;
    if (verdict.kind === 'behind') {
      // A listing is behind for longer than that: those who read ask again by themselves.
      if (seen.members === undefined) this.#setDue(entry, nowMs + BEHIND_RETRY_MS);
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
    // A label was seen before; how old its version is, only a later answer tells.
    if (verdict.kind === 'moved' || entry.version?.createdAtMs === undefined) entry.version = seen;
    this.#scheduleNext(entry, nowMs, isFirst);
    const told = recovered || verdict.kind === 'moved' ? entry.users.users : [];
    return { verdict: isUnknown ? 'first' : verdict.kind, told };
  }

  /** What a label alone does not prove is taken as an event that says that something has changed: the users read. */
  #sawLabel(entry: Entry, seen: SecretVersion, nowMs: number): Observed {
    if (judgeLabel(entry, seen, nowMs).kind !== 'unproven') return this.#sawVersion(entry, seen, nowMs);
    const named = entry.announced?.versionId ?? seen.versionId;
    if (entry.announced === undefined || named !== seen.versionId) {
      entry.announced = { versionId: undefined, sinceMs: nowMs };
    }
    entry.passingFailures = 0;
    this.#scheduleNext(entry, nowMs, false);
    return { verdict: 'unproven', told: entry.users.users };
  }

  #sawFailure(entry: Entry, error: KeyturnError, nowMs: number): Observed {
    const mayPass = sourceMayRecover(error);
    entry.passingFailures = mayPass ? entry.passingFailures + 1 : 0;
    // What AWS refuses to give was looked at; what it could not give was not.
    if (!mayPass) entry.announced = undefined;
    const retryMs = mayPass ? backoffMs(entry.passingFailures, PASSING_BACKOFF, this.#random()) : NEVER;
    this.#setDue(entry, nowMs + Math.min(entry.users.shortestMs, retryMs));
    const isNews = error.message !== entry.failure?.message;
    if (!isNews || (mayPass && entry.passingFailures < PASSING_FAILURES_TOLD)) return { verdict: 'failed', told: [] };
    entry.failure = error;
    return { verdict: 'failed', told: entry.users.users };
  }

  /**
   * The first look of a secret is followed by one at a random point of the later half of the interval: so looks spread,
   * and many first looks, as after a restart, are not followed by many others at once.
   */
  #scheduleNext(entry: Entry, nowMs: number, isFirst: boolean): void {
    const intervalMs = entry.users.shortestMs * (isFirst ? 0.5 + this.#random() / 2 : 1);
    const settledAtMs = entry.settledAtMs > nowMs ? entry.settledAtMs : NEVER;
    this.#setDue(entry, Math.min(nowMs + intervalMs, settledAtMs));
  }

  #setDue(entry: Entry, dueAtMs: number): void {
    const isPolled = entry.users.shortestMs < NEVER;
    entry.dueAtMs = isPolled ? dueAtMs : NEVER;
    const due = this.#byIdentity.get(entry.identityKey)?.due;
    if (isPolled && !entry.asking) due?.put(entry);
    else due?.remove(entry);
    if (isPolled) this.#onDue(dueAtMs);
  }
}

/** The `count` secrets that are due soonest of those that are accepted; all stay in the heap. */
function soonest(due: DueHeap<Entry>, count: number, accept: (ref: SecretRef) => boolean): readonly Entry[] {
  const best: Entry[] = [];
  const passed: Entry[] = [];
  for (let entry = due.first; entry !== undefined && best.length < count; entry = due.first) {
    due.remove(entry);
    ('query' in entry.ref || !accept(entry.ref) ? passed : best).push(entry);
  }
  for (const entry of [...best, ...passed]) due.put(entry);
  return best;
}
