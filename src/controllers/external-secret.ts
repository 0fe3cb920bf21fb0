/** Reconciles an ExternalSecret: gather what is known, plan, act, tell. */

import type { ExternalSecret } from '../api/external-secret.ts';
import { ESO_EXTERNAL_SECRET_FINALIZER } from '../api/groups.ts';
import { toleratesGone } from '../domain/deletion.ts';
import { type Plan, plan } from '../domain/plan.ts';
import { identitiesOf, type SourceName } from '../domain/references.ts';
import type { SyncRecord } from '../domain/situation.ts';
import { targetKeyOf, targetNameOf } from '../domain/target.ts';
import { storesReadBy } from '../domain/used-stores.ts';
import { DONE, type Next, type Reconcile } from '../loop/reconcile.ts';
import type { Events, Statuses } from '../ports/cluster.ts';
import {
  ClusterConflict,
  ClusterForbidden,
  ClusterNotFound,
  ClusterUnavailable,
  InvalidSpec,
  KeyturnError,
} from '../ports/errors.ts';
import type { Log } from '../ports/log.ts';
import { RendererUnavailable } from '../ports/renderer.ts';
import type { SecretVersion } from '../ports/secret-source.ts';
import { sourceMayRecover } from '../ports/source-recovery.ts';
import { auditedTargets, NO_ORIGIN } from './audited-targets.ts';
import { BackwardsGuard } from './backwards-guard.ts';
import { contested } from './contested.ts';
import { DeletionBrake } from './deletion-brake.ts';
import { type ExternalSecretStatuses, objectIdentity } from './external-secret-status.ts';
import { gather } from './gather.ts';
import { Inspections } from './inspections.ts';
import { RepairBrake } from './repair-brake.ts';
import { type SyncOptions, type SyncPlan, type SyncResult, sync, track } from './sync.ts';
import { noteSync } from './sync-notes.ts';
import { SyncedTeller } from './synced-teller.ts';
import { releaseFinalizer } from './upstream-finalizer.ts';

export interface ExternalSecretOptions extends Omit<SyncOptions, 'guard' | 'deletions'> {
  readonly status: ExternalSecretStatuses;
  readonly statuses: Statuses;
  readonly events: Events;
  /** Whether objects wait for a worker whose changes come from outside: their values go before anybody's status. */
  readonly isPressed: () => boolean;
  /** @default 1 h; 0 writes refreshTime on every refresh, as upstream does. */
  readonly statusIntervalMs: number;
  /** When more than this share of an identity's secrets vanish at once, deletions wait; 0 switches that off. */
  readonly deletionBrakePercent: number;
  readonly log: Log;
}

/** Refusals that may be over at the next look; a Secret that is gone is made again then. */
const WRITES_MAY_PASS = [ClusterConflict, ClusterUnavailable, ClusterForbidden, ClusterNotFound, RendererUnavailable];

/** Whether a failure may pass without anybody's doing. */
function mayPass(error: KeyturnError): boolean {
  return sourceMayRecover(error) || WRITES_MAY_PASS.some((kind) => error instanceof kind);
}

/** A window that is just opening is not asked for again and again. */
const SOONEST_WINDOW_MS = 1_000;

/** Two watches have no order between them; this is much longer than one lags behind the other. */
const STORE_GRACE_MS = 1_000;

export class ExternalSecretReconciler {
  readonly #options: ExternalSecretOptions;
  readonly #records = new Map<string, SyncRecord>();
  /** Why the API server did not take the last write of an object, where the reason may pass by itself. */
  readonly #missedWrites = new Map<string, string>();
  /** Objects whose last look ended in a failure that only somebody's doing can end. */
  readonly #stuck = new Set<string>();
  /** For what others may change again and again, be it without end. */
  readonly #brakes: Readonly<Partial<Record<SyncPlan['because'], RepairBrake>>> = {
    drift: new RepairBrake(),
    template: new RepairBrake(),
  };
  readonly #guard = new BackwardsGuard();
  /** Objects whose store was missing at the last look. */
  readonly #storeless = new Set<string>();
  readonly #inspections: Inspections;
  readonly #deletions: DeletionBrake;
  readonly #teller: SyncedTeller;

  constructor(options: ExternalSecretOptions) {
    this.#options = options;
    this.#teller = new SyncedTeller(options);
    this.#inspections = new Inspections(options.targets);
    const followed = (identityKey: string) => this.#followed(identityKey);
    this.#deletions = new DeletionBrake({ percent: options.deletionBrakePercent, clock: options.clock, followed });
  }

  /** How many objects wait with a deletion until it is confirmed. */
  get heldDeletions(): number {
    return this.#deletions.held;
  }

  /** True when a Secret of that version is what we wrote ourselves, so that its event brings no news. */
  isOwnWrite(key: string, resourceVersion: string): boolean {
    return this.#records.get(key)?.targetResourceVersion === resourceVersion;
  }

  /** The version that the target of an object was last written from. */
  written(key: string, { identityKey, refId }: SourceName): SecretVersion | undefined {
    return this.#records
      .get(key)
      ?.versions.values()
      .find((version) => version.refId === refId && version.identityKey === identityKey);
  }

  /** True for an object that was told of a failure, or a loss, that does not pass by itself. */
  isStuck(key: string): boolean {
    return this.#stuck.has(key);
  }

  readonly reconcile: Reconcile = async (key, signal) => {
    const entry = this.#options.view.get(key);
    if (entry === undefined || entry.kind === 'unreadable') return this.forget(key);
    if (entry.kind === 'valid') return await this.#decide(key, entry.object, signal);
    this.#stopWatching(key);
    const subject = { metadata: entry.meta };
    if (entry.meta.deletionTimestamp !== undefined) await this.#releaseFinalizer(subject, signal);
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
    return DONE;
  }

  /** Without a record the next sync reads anew, and finds by the hash that nothing has to be written. */
  #stopWatching(key: string): void {
    this.#options.index.untrack(key);
    this.#records.delete(key);
    this.#missedWrites.delete(key);
    this.#stuck.delete(key);
    this.#inspections.forget(key);
    for (const brake of Object.values(this.#brakes)) brake.forget(key);
  }

  /** The refs that targets are made from, by what this process has synced with an identity. */
  #followed(identityKey: string): ReadonlySet<string> {
    const ids = new Set<string>();
    for (const { versions, gone } of this.#records.values()) {
      for (const source of versions.values()) if (source.identityKey === identityKey) ids.add(source.refId);
      for (const source of gone.values()) if (source.identityKey === identityKey) ids.add(source.refId);
    }
    return ids;
  }

  async #decide(key: string, externalSecret: ExternalSecret, signal: AbortSignal): Promise<Next> {
    if (!toleratesGone(externalSecret)) this.#deletions.forget(key);
    const decided = this.#plan(key, externalSecret);
    this.#stuck.delete(key);
    switch (decided.kind) {
      case 'ignore':
        return await this.#ignore(key, externalSecret, decided.why, signal);
      case 'fail':
        this.#stopWatching(key);
        if (this.#mayAppear(key, externalSecret)) return { kind: 'after', delayMs: STORE_GRACE_MS };
        this.#stuck.add(key);
        await this.#options.status.failed(key, externalSecret, decided, signal);
        return DONE;
      case 'sourceFailed':
        if (!mayPass(decided.error)) this.#stuck.add(key);
        await this.#options.status.failed(key, externalSecret, decided, signal);
        return DONE;
      case 'held':
        return await this.#holdDeletion(key, externalSecret, decided, signal);
      case 'frozen':
        this.#stuck.add(key);
        await this.#options.status.failed(key, externalSecret, decided, signal);
        return DONE;
      case 'awaitTarget':
        this.#stopWatching(key);
        this.#deletions.forget(key);
        await this.#teller.tellMissingTarget(key, externalSecret, signal);
        return DONE;
      case 'look':
        track(key, decided, this.#options);
        this.#options.index.hurry(key, this.#options.clock.nowMs());
        return DONE;
      case 'inspect':
      case 'adopt':
        return await this.#takeOver(key, externalSecret, decided, signal);
      case 'takeUp':
        this.#records.set(key, decided.record);
        return await this.#tellSynced(key, externalSecret, decided, signal);
      case 'closed':
        // What has moved is written when a window opens: an event of it has nothing to wait for until then.
        this.#stuck.add(key);
        return {
          kind: 'after',
          delayMs: Math.max(SOONEST_WINDOW_MS, decided.askAgainMs - this.#options.clock.nowMs()),
        };
      case 'settled':
        return await this.#settle(key, externalSecret, decided, signal);
      case 'sync':
        return await this.#sync(key, externalSecret, decided, signal);
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

  #plan(key: string, externalSecret: ExternalSecret): Plan {
    const target = this.#options.targets.current(targetKeyOf(externalSecret));
    const remembered = {
      target,
      inspected: this.#inspections.of(key, target),
      record: this.#records.get(key),
      hold: this.#deletions.holdOf(key, this.#options.status.current(key, externalSecret)),
    };
    return plan(gather(externalSecret, remembered, this.#options));
  }

  async #ignore(key: string, externalSecret: ExternalSecret, why: string, signal: AbortSignal): Promise<Next> {
    this.#stopWatching(key);
    this.#deletions.forget(key);
    if (why === 'otherClass') {
      this.#options.events.record({
        object: objectIdentity(externalSecret),
        type: 'Normal',
        reason: 'OtherControllerClass',
        message: 'left to another operator: the store names another controller class in spec.controller',
      });
    }
    if (why === 'deleting') await this.#releaseFinalizer(externalSecret, signal);
    return DONE;
  }

  async #releaseFinalizer(subject: Pick<ExternalSecret, 'metadata'>, signal: AbortSignal): Promise<void> {
    const object = objectIdentity(subject);
    await releaseFinalizer(this.#options.statuses, object, subject.metadata, ESO_EXTERNAL_SECRET_FINALIZER, signal);
  }

  /** Nothing changed: at most the condition recovers, or `refreshTime` gets its slow heartbeat. */
  async #settle(
    key: string,
    externalSecret: ExternalSecret,
    settled: Extract<Plan, { kind: 'settled' }>,
    signal: AbortSignal,
  ): Promise<Next> {
    const target = this.#options.targets.current(targetKeyOf(externalSecret));
    const record = this.#records.get(key);
    if (record !== undefined && target !== undefined && record.targetResourceVersion !== undefined) {
      this.#records.set(key, { ...record, targetResourceVersion: target.resourceVersion });
    }
    return await this.#tellSynced(key, externalSecret, settled, signal);
  }

  async #holdDeletion(
    key: string,
    externalSecret: ExternalSecret,
    { hold, references, refresh }: Extract<Plan, { kind: 'held' }>,
    signal: AbortSignal,
  ): Promise<Next> {
    const status = this.#options.status.current(key, externalSecret);
    const intervalMs = refresh.kind === 'periodic' ? refresh.intervalMs : undefined;
    const identityKeys = identitiesOf(references);
    const held = this.#deletions.stillHeld(key, { externalSecret, status, identityKeys, intervalMs }, hold);
    this.#stuck.add(key);
    await this.#options.status.held(key, externalSecret, held, signal);
    return DONE;
  }

  async #sync(key: string, externalSecret: ExternalSecret, planned: SyncPlan, signal: AbortSignal): Promise<Next> {
    const startedAtMs = this.#options.clock.nowMs();
    const waitMs = this.#brakes[planned.because]?.waitMs(key, startedAtMs) ?? 0;
    if (waitMs > 0) return this.#holdBack(externalSecret, planned, waitMs);
    const subject = {
      key,
      externalSecret,
      record: this.#records.get(key),
      status: this.#options.status.current(key, externalSecret),
    };
    const options = { ...this.#options, guard: this.#guard, deletions: this.#deletions };
    const result = await sync(subject, planned, options, signal);
    switch (result.kind) {
      case 'failed':
        return await this.#fail(key, externalSecret, result, signal);
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
        this.#noteSynced(key, planned, result, startedAtMs);
        // Its next look finds it settled and writes the status.
        if (planned.because === 'version' && this.#options.isPressed()) return { kind: 'after', delayMs: 0 };
        return await this.#tellSynced(key, externalSecret, { ...planned, checkedAtMs: startedAtMs }, signal);
    }
  }

  async #fail(
    key: string,
    externalSecret: ExternalSecret,
    failure: { readonly error: KeyturnError; readonly field?: string },
    signal: AbortSignal,
  ): Promise<never> {
    if (this.#isWorthTelling(key, failure.error)) {
      await this.#options.status.failed(key, externalSecret, failure, signal);
    }
    if (!mayPass(failure.error)) this.#stuck.add(key);
    throw failure.error;
  }

  /** Of an object that another operator has synced, and that is not to be read again. */
  async #takeOver(
    key: string,
    externalSecret: ExternalSecret,
    decided: Extract<Plan, { kind: 'adopt' | 'inspect' }>,
    signal: AbortSignal,
  ): Promise<Next> {
    try {
      if (decided.kind === 'inspect') {
        const isKnown = await this.#inspections.look(key, decided.target, signal);
        return isKnown ? { kind: 'after', delayMs: 0 } : DONE;
      }
      const { audit, targets } = this.#options;
      const audited = audit === undefined ? targets : auditedTargets(audit, targets, externalSecret, NO_ORIGIN);
      const { what } = await audited.mark(decided.shape, signal);
      this.#options.log.info({ key, wrote: what }, 'taken over unread');
      this.#records.delete(key);
    } catch (error) {
      if (!(error instanceof KeyturnError) || signal.aborted) throw error;
      return await this.#fail(key, externalSecret, { error }, signal);
    }
    return await this.#tellSynced(key, externalSecret, decided, signal);
  }

  #noteSynced(
    key: string,
    { because }: SyncPlan,
    { wrote, record }: Extract<SyncResult, { kind: 'synced' }>,
    startedAtMs: number,
  ): void {
    if (wrote !== 'unchanged') this.#brakes[because]?.repaired(key, startedAtMs);
    this.#records.set(key, record);
    this.#missedWrites.delete(key);
  }

  #holdBack(externalSecret: ExternalSecret, { because }: SyncPlan, waitMs: number): Next {
    const note = contested(targetNameOf(externalSecret), because);
    this.#options.events.record({ object: objectIdentity(externalSecret), type: 'Warning', ...note });
    return { kind: 'after', delayMs: waitMs };
  }

  /**
   * A Secret that moved under us is no failure: its event is on the way, and the next look decides anew. Nor is an
   * API server that was away once, or one that just starts and knows no RBAC rule yet: told is what is met twice.
   */
  #isWorthTelling(key: string, error: KeyturnError): boolean {
    if (!WRITES_MAY_PASS.some((kind) => error instanceof kind)) return true;
    const isSecond = this.#missedWrites.get(key) === error.message;
    this.#missedWrites.set(key, error.message);
    return isSecond;
  }

  async #tellSynced(
    key: string,
    externalSecret: ExternalSecret,
    { refresh, checkedAtMs }: Pick<Extract<Plan, { kind: 'settled' }>, 'refresh' | 'checkedAtMs'>,
    signal: AbortSignal,
  ): Promise<Next> {
    const record = this.#records.get(key);
    // Only somebody's doing brings back what is gone: an event of it has nothing to wait for.
    if (record !== undefined && record.gone.size > 0) this.#stuck.add(key);
    else this.#deletions.forget(key);
    const synced = { refresh, end: record?.end ?? 'written', freshAtMs: checkedAtMs } as const;
    return await this.#teller.tell(key, externalSecret, synced, signal);
  }
}
