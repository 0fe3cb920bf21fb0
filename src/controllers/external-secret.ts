/** Reconciles an ExternalSecret: gather what is known, plan, act, tell. */

import type { ExternalSecret } from '../api/external-secret.ts';
import { toleratesGone } from '../domain/deletion.ts';
import { MANIFEST } from '../domain/manifest-kind.ts';
import { mayPass } from '../domain/passing-failure.ts';
import { type Hindrance, judge, type Plan, plan } from '../domain/plan.ts';
import { identitiesOf, type SourceName } from '../domain/references.ts';
import type { Facts } from '../domain/situation.ts';
import { storesReadBy } from '../domain/used-stores.ts';
import { DONE, type Next, type Reconcile } from '../loop/reconcile.ts';
import { InvalidSpec, KeyturnError, TargetConflict, TargetImmutable } from '../ports/errors.ts';
import type { Log } from '../ports/log.ts';
import type { SecretVersion } from '../ports/secret-source.ts';
import { NO_ORIGIN, writesTo } from './audited-target.ts';
import { BackwardsGuard } from './backwards-guard.ts';
import { Contention, contestedNote } from './contention.ts';
import { DeletionBrake } from './deletion-brake.ts';
import { type GatherOptions, gather } from './gather.ts';
import { type IgnoredOptions, leave, releaseEsoFinalizer } from './ignored.ts';
import { Inspections } from './inspections.ts';
import { MissedWrites } from './missed-writes.ts';
import { type SyncOptions, type SyncPlan, type SyncSubject, sync, track } from './sync.ts';
import { noteSync } from './sync-notes.ts';
import { SyncRecords } from './sync-records.ts';
import { SyncedTeller } from './synced-teller.ts';
import type { Target, Targets } from './target.ts';

export interface ExternalSecretOptions extends Omit<SyncOptions, 'guard' | 'deletions'>, GatherOptions, IgnoredOptions {
  readonly targets: Targets;
  /** Whether objects wait for a worker whose changes come from outside: their values go before anybody's status. */
  readonly isPressed: () => boolean;
  /** @default 1 h; 0 writes refreshTime on every refresh, as upstream does. */
  readonly statusIntervalMs: number;
  /** When more than this share of an identity's secrets vanish at once, deletions wait; 0 switches that off. */
  readonly deletionBrakePercent: number;
  readonly log: Log;
}

/** A window that is just opening is not asked for again and again. */
const SOONEST_WINDOW_MS = 1_000;

/** Two watches have no order between them; this is much longer than one lags behind the other. */
const STORE_GRACE_MS = 1_000;

/** What is acted on: an object and its target. */
type Subject = Pick<SyncSubject, 'key' | 'externalSecret' | 'target'>;

/** Until somebody does something about the target: a watch tells of that, or else it has to be looked at. */
function unwatched({ lookAgainMs }: Target): Next {
  return lookAgainMs === undefined ? DONE : { kind: 'after', delayMs: lookAgainMs };
}

export class ExternalSecretReconciler {
  readonly #options: ExternalSecretOptions;
  readonly #records = new SyncRecords();
  readonly #missedWrites = new MissedWrites();
  /** Objects whose last look ended in a failure that only somebody's doing can end. */
  readonly #stuck = new Set<string>();
  /** Those of them that are looked at again when a window opens. */
  readonly #awaitingWindow = new Set<string>();
  readonly #contention = new Contention();
  readonly #guard = new BackwardsGuard();
  /** Objects whose store was missing at the last look. */
  readonly #storeless = new Set<string>();
  readonly #inspections = new Inspections();
  readonly #deletions: DeletionBrake;
  readonly #teller: SyncedTeller;

  constructor(options: ExternalSecretOptions) {
    this.#options = options;
    this.#teller = new SyncedTeller(options);
    const followed = (identityKey: string) => this.#records.followed(identityKey);
    this.#deletions = new DeletionBrake({ percent: options.deletionBrakePercent, clock: options.clock, followed });
  }

  /** How many objects wait with a deletion until it is confirmed. */
  get heldDeletions(): number {
    return this.#deletions.held;
  }

  /** True when a target of that version is what we wrote ourselves, so that its event brings no news. */
  isOwnWrite(key: string, resourceVersion: string): boolean {
    return this.#records.hasWritten(key, resourceVersion);
  }

  /** The version that the target of an object was last written from. */
  written(key: string, source: SourceName): SecretVersion | undefined {
    return this.#records.written(key, source);
  }

  /** All versions that the target of an object was last written from; undefined while that is not known. */
  writtenVersions(key: string): readonly SecretVersion[] | undefined {
    const record = this.#records.get(key);
    return record && [...record.versions.values()];
  }

  /** True for an object that was told of a failure, or a loss, that does not pass by itself. */
  isStuck(key: string): boolean {
    return this.#stuck.has(key);
  }

  /** True for an object whose sources may have moved, and are not asked before a window opens. */
  awaitsWindow(key: string): boolean {
    return this.#awaitingWindow.has(key);
  }

  readonly reconcile: Reconcile = async (key, signal) => {
    const entry = this.#options.view.get(key);
    if (entry === undefined || entry.kind === 'unreadable') return this.forget(key);
    if (entry.kind === 'valid') return await this.#decide(key, entry.object, signal);
    this.#stopWatching(key);
    const subject = { metadata: entry.meta };
    if (entry.meta.deletionTimestamp !== undefined) await releaseEsoFinalizer(subject, this.#options, signal);
    else await this.#options.status.failed(key, subject, { error: new InvalidSpec(entry.problem) }, signal);
    return DONE;
  };

  /** Drops all that is known of an object: it is gone, or others work on it from now on. */
  forget(key: string): Next {
    this.#stopWatching(key);
    this.#guard.forget(key);
    this.#deletions.forget(key);
    this.#storeless.delete(key);
    this.#options.status.forget(key);
    this.#options.targets.release(key);
    return DONE;
  }

  /** Without a record the next sync reads anew, and finds by the hash that nothing has to be written. */
  #stopWatching(key: string): void {
    this.#options.index.untrack(key);
    this.#records.delete(key);
    this.#missedWrites.forget(key);
    this.#unstick(key);
    this.#inspections.forget(key);
    this.#contention.forget(key);
  }

  #unstick(key: string): void {
    this.#stuck.delete(key);
    this.#awaitingWindow.delete(key);
  }

  async #decide(key: string, externalSecret: ExternalSecret, signal: AbortSignal): Promise<Next> {
    if (!toleratesGone(externalSecret)) this.#deletions.forget(key);
    const target = await this.#open(key, externalSecret, signal);
    const facts = this.#factsOf(key, externalSecret);
    const judged = judge(facts);
    if (judged.kind !== 'servable') return await this.#hindered(key, externalSecret, judged, signal);
    // It has just become one that is served: what made it so has queued it.
    if (target === undefined) return DONE;
    const seen = target.current();
    const decided = plan({ ...facts, target: seen, inspected: this.#inspections.of(key, seen) }, judged);
    return await this.#act({ key, externalSecret, target }, decided, signal);
  }

  async #hindered(
    key: string,
    externalSecret: ExternalSecret,
    hindrance: Hindrance,
    signal: AbortSignal,
  ): Promise<Next> {
    this.#unstick(key);
    this.#stopWatching(key);
    if (hindrance.kind === 'ignore') {
      this.#deletions.forget(key);
      return await leave(key, externalSecret, hindrance, this.#options, signal);
    }
    if (this.#mayAppear(key, externalSecret)) return { kind: 'after', delayMs: STORE_GRACE_MS };
    this.#stuck.add(key);
    await this.#options.status.failed(key, externalSecret, hindrance, signal);
    return DONE;
  }

  /** Undefined for an object that is not served. */
  async #open(key: string, externalSecret: ExternalSecret, signal: AbortSignal): Promise<Target | undefined> {
    const isServed = () => judge(this.#factsOf(key, externalSecret)).kind === 'servable';
    try {
      return await this.#options.targets.open(key, externalSecret, isServed, signal);
    } catch (error) {
      if (!(error instanceof KeyturnError) || signal.aborted) throw error;
      // A kind that is never written says so itself.
      if (error instanceof InvalidSpec) this.#stopWatching(key);
      const place = error instanceof InvalidSpec ? {} : { field: MANIFEST };
      await this.#tellFailure(key, externalSecret, { error, ...place }, signal);
      throw error;
    }
  }

  async #act(subject: Subject, decided: Exclude<Plan, { kind: 'ignore' }>, signal: AbortSignal): Promise<Next> {
    const { key, externalSecret, target } = subject;
    this.#unstick(key);
    switch (decided.kind) {
      case 'fail':
        this.#stopWatching(key);
        this.#stuck.add(key);
        await this.#options.status.failed(key, externalSecret, decided, signal);
        return decided.error instanceof TargetConflict ? unwatched(target) : DONE;
      case 'sourceFailed':
        if (!mayPass(decided.error)) this.#stuck.add(key);
        await this.#options.status.failed(key, externalSecret, decided, signal);
        return DONE;
      case 'held':
        return await this.#holdDeletion(subject, decided, signal);
      case 'frozen':
        this.#stuck.add(key);
        await this.#options.status.failed(key, externalSecret, decided, signal);
        return DONE;
      case 'awaitTarget':
        this.#stopWatching(key);
        this.#deletions.forget(key);
        await this.#teller.tellMissingTarget(key, externalSecret, signal);
        return unwatched(target);
      case 'look':
        track(key, decided, this.#options);
        this.#options.index.hurry(key, this.#options.clock.nowMs());
        return DONE;
      case 'inspect':
      case 'adopt':
        return await this.#takeOver(subject, decided, signal);
      case 'takeUp':
        this.#records.set(key, decided.record);
        return await this.#tellSynced(subject, decided, signal);
      case 'closed':
        // What has moved is written when a window opens: an event of it has nothing to wait for until then.
        this.#stuck.add(key);
        this.#awaitingWindow.add(key);
        await this.#options.status.retell(key, externalSecret, signal);
        return {
          kind: 'after',
          delayMs: Math.max(SOONEST_WINDOW_MS, decided.askAgainMs - this.#options.clock.nowMs()),
        };
      case 'settled':
        // At most the condition recovers, or `refreshTime` gets its slow heartbeat.
        this.#records.targetMoved(key, target.current()?.resourceVersion);
        return await this.#tellSynced(subject, decided, signal);
      case 'sync':
        return await this.#sync(subject, decided, signal);
    }
  }

  /** A store that is applied together with its users may reach us after them: it is missed at the second look. */
  #mayAppear(key: string, externalSecret: ExternalSecret): boolean {
    const isMissing = storesReadBy(externalSecret).some(
      ({ storeKey }) => this.#options.registry.standing(storeKey).kind === 'missing',
    );
    if (!isMissing) this.#storeless.delete(key);
    if (!isMissing || this.#storeless.has(key)) return false;
    this.#storeless.add(key);
    return true;
  }

  #factsOf(key: string, externalSecret: ExternalSecret): Facts {
    const hold = this.#deletions.holdOf(key, this.#options.status.current(key, externalSecret));
    return gather(externalSecret, { record: this.#records.get(key), hold }, this.#options);
  }

  async #holdDeletion(
    { key, externalSecret }: Subject,
    { hold, gone, references, refresh }: Extract<Plan, { kind: 'held' }>,
    signal: AbortSignal,
  ): Promise<Next> {
    const status = this.#options.status.current(key, externalSecret);
    const intervalMs = refresh.kind === 'periodic' ? refresh.intervalMs : undefined;
    const identityKeys = identitiesOf(references);
    const known = this.#records.get(key)?.gone;
    // After a restart what waits counts as it did before, or others would be let go.
    this.#deletions.note(
      key,
      gone,
      gone.filter(({ id }) => known?.has(id) !== true),
    );
    const held = this.#deletions.stillHeld(key, { externalSecret, status, identityKeys, intervalMs }, hold);
    this.#stuck.add(key);
    await this.#options.status.held(key, externalSecret, held, signal);
    return DONE;
  }

  async #sync(subject: Subject, planned: SyncPlan, signal: AbortSignal): Promise<Next> {
    const { key, externalSecret } = subject;
    const startedAtMs = this.#options.clock.nowMs();
    const waitMs = this.#contention.waitMs(key, planned.because, startedAtMs);
    if (waitMs > 0) {
      this.#options.events.record(contestedNote(externalSecret, planned.because));
      return { kind: 'after', delayMs: waitMs };
    }
    const known = { record: this.#records.get(key), status: this.#options.status.current(key, externalSecret) };
    const options = { ...this.#options, guard: this.#guard, deletions: this.#deletions };
    const result = await sync({ ...subject, ...known }, planned, options, signal);
    switch (result.kind) {
      case 'failed':
        return await this.#syncFailed(subject, result, signal);
      case 'held':
        this.#stuck.add(key);
        await this.#options.status.held(key, externalSecret, result.hold, signal);
        return DONE;
      case 'again':
        return { kind: 'after', delayMs: result.delayMs };
      case 'overtaken':
        return DONE;
      case 'synced':
        noteSync(externalSecret, result, startedAtMs, this.#options);
        if (result.wrote !== 'unchanged') this.#contention.repaired(key, planned.because, startedAtMs);
        this.#records.set(key, result.record);
        // Its next look finds it settled and writes the status.
        if (planned.because === 'version' && this.#options.isPressed()) return { kind: 'after', delayMs: 0 };
        return await this.#tellSynced(subject, { ...planned, checkedAtMs: startedAtMs }, signal);
    }
  }

  /** @throws the failure, for the loop to decide when to try again */
  async #syncFailed(
    { key, externalSecret, target }: Subject,
    failure: { readonly error: KeyturnError; readonly field?: string },
    signal: AbortSignal,
  ): Promise<Next> {
    await this.#tellFailure(key, externalSecret, failure, signal);
    if (failure.error instanceof TargetImmutable) return unwatched(target);
    throw failure.error;
  }

  /** Of an object that another operator has synced, and that is not to be read again. */
  async #takeOver(
    subject: Subject,
    decided: Extract<Plan, { kind: 'adopt' | 'inspect' }>,
    signal: AbortSignal,
  ): Promise<Next> {
    const { key, target } = subject;
    try {
      if (decided.kind === 'inspect') {
        const isKnown = await this.#inspections.look(key, target, decided.target, signal);
        return isKnown ? { kind: 'after', delayMs: 0 } : DONE;
      }
      const { what } = await writesTo(this.#options.audit, subject, NO_ORIGIN).mark(decided.shape, signal);
      this.#options.log.info({ key, wrote: what }, 'taken over unread');
      this.#records.delete(key);
    } catch (error) {
      if (!(error instanceof KeyturnError) || signal.aborted) throw error;
      return await this.#syncFailed(subject, { error }, signal);
    }
    return await this.#tellSynced(subject, decided, signal);
  }

  async #tellFailure(
    key: string,
    externalSecret: ExternalSecret,
    failure: { readonly error: KeyturnError; readonly field?: string },
    signal: AbortSignal,
  ): Promise<void> {
    if (this.#missedWrites.isWorthTelling(key, failure.error)) {
      await this.#options.status.failed(key, externalSecret, failure, signal);
    }
    if (mayPass(failure.error)) this.#stuck.delete(key);
    else this.#stuck.add(key);
  }

  async #tellSynced(
    { key, externalSecret, target }: Subject,
    { refresh, checkedAtMs }: Pick<Extract<Plan, { kind: 'settled' }>, 'refresh' | 'checkedAtMs'>,
    signal: AbortSignal,
  ): Promise<Next> {
    this.#missedWrites.forget(key);
    const record = this.#records.get(key);
    // Only somebody's doing brings back what is gone: an event of it has nothing to wait for.
    if (record !== undefined && record.gone.size > 0) this.#stuck.add(key);
    else this.#deletions.forget(key);
    const end = record?.end ?? 'written';
    const synced = { refresh, end, freshAtMs: checkedAtMs, target: target.current() } as const;
    return await this.#teller.tell(key, externalSecret, synced, signal);
  }
}
