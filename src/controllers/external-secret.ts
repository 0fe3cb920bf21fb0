/** Reconciles an ExternalSecret: gather what is known, plan, act, tell. */

import type { ExternalSecret } from '../api/external-secret.ts';
import { ESO_EXTERNAL_SECRET_FINALIZER } from '../api/groups.ts';
import { type Plan, plan, type SyncRecord } from '../domain/plan.ts';
import { heartbeatDueMs, heartbeatWaitMs, nextRefreshTimeMs, type Refresh } from '../domain/schedule.ts';
import { timestampOf } from '../domain/status.ts';
import { referredStore } from '../domain/store-standing.ts';
import { creationPolicyOf, ownFields, targetKeyOf, targetNameOf } from '../domain/target.ts';
import { fieldManagerOf, syncedResourceVersion } from '../domain/upstream-hash.ts';
import { DONE, type Next, type Reconcile } from '../loop/reconcile.ts';
import type { Events, Statuses } from '../ports/cluster.ts';
import {
  ClusterConflict,
  ClusterForbidden,
  ClusterNotFound,
  ClusterUnavailable,
  InvalidSpec,
  type KeyturnError,
} from '../ports/errors.ts';
import type { Log } from '../ports/log.ts';
import type { SecretVersion } from '../ports/secret-source.ts';
import { sourceMayRecover } from '../ports/source-recovery.ts';
import { BackwardsGuard } from './backwards-guard.ts';
import { type ExternalSecretStatuses, objectIdentity } from './external-secret-status.ts';
import { RepairBrake } from './repair-brake.ts';
import { type SyncOptions, type SyncResult, sync, track } from './sync.ts';
import { releaseFinalizer } from './upstream-finalizer.ts';

export interface ExternalSecretOptions extends Omit<SyncOptions, 'guard'> {
  readonly status: ExternalSecretStatuses;
  readonly statuses: Statuses;
  readonly events: Events;
  /** Whether objects wait for a worker whose changes come from outside: their values go before anybody's status. */
  readonly isPressed: () => boolean;
  /** @default 1 h; 0 writes refreshTime on every refresh, as upstream does. */
  readonly statusIntervalMs: number;
  readonly log: Log;
}

/** Refusals of the API server that may be over at the next look; a Secret that is gone is made again then. */
const WRITES_MAY_PASS = [ClusterConflict, ClusterUnavailable, ClusterForbidden, ClusterNotFound];

/** Whether a failure may pass without anybody's doing. */
function mayPass(error: KeyturnError): boolean {
  return sourceMayRecover(error) || WRITES_MAY_PASS.some((kind) => error instanceof kind);
}

/** Two watches have no order between them; this is much longer than one lags behind the other. */
const STORE_GRACE_MS = 1_000;

/** Upstream's words for a source of which nothing is left to be written. */
const RETAINED = 'secret retained due to DeletionPolicy=Retain';

export class ExternalSecretReconciler {
  readonly #options: ExternalSecretOptions;
  readonly #records = new Map<string, SyncRecord>();
  /** Why the API server did not take the last write of an object, where the reason may pass by itself. */
  readonly #missedWrites = new Map<string, string>();
  /** Objects whose last look ended in a failure that only somebody's doing can end. */
  readonly #stuck = new Set<string>();
  readonly #brake = new RepairBrake();
  readonly #guard = new BackwardsGuard();
  /** Objects whose store was missing at the last look. */
  readonly #storeless = new Set<string>();
  readonly #startedAtMs: number;

  constructor(options: ExternalSecretOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.nowMs();
  }

  /** True when a Secret of that version is what we wrote ourselves, so that its event brings no news. */
  isOwnWrite(key: string, resourceVersion: string): boolean {
    return this.#records.get(key)?.targetResourceVersion === resourceVersion;
  }

  /** The version that the target of an object was last written from. */
  written(key: string, refId: string): SecretVersion | undefined {
    return this.#records.get(key)?.versions.get(refId);
  }

  /** True for an object that was told of a failure that does not pass by itself. */
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
    this.#brake.forget(key);
  }

  async #decide(key: string, externalSecret: ExternalSecret, signal: AbortSignal): Promise<Next> {
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
      case 'awaitTarget':
        this.#stopWatching(key);
        await this.#tellMissingTarget(key, externalSecret, signal);
        return DONE;
      case 'look':
        track(key, decided, this.#options);
        this.#options.index.hurry(key, this.#options.clock.nowMs());
        return DONE;
      case 'takeUp':
        this.#records.set(key, decided.record);
        return await this.#tellSynced(key, externalSecret, decided.refresh, decided.checkedAtMs, signal);
      case 'settled':
        return await this.#settle(key, externalSecret, decided, signal);
      case 'sync':
        return await this.#sync(key, externalSecret, decided, signal);
    }
  }

  /** A store that is applied together with its users may reach us after them: it is missed at the second look. */
  #mayAppear(key: string, { metadata, spec }: ExternalSecret): boolean {
    const ref = spec.secretStoreRef;
    const isMissing =
      ref !== undefined && this.#options.registry.standing(referredStore(ref, metadata.namespace)).kind === 'missing';
    if (!isMissing) this.#storeless.delete(key);
    if (!isMissing || this.#storeless.has(key)) return false;
    this.#storeless.add(key);
    return true;
  }

  #plan(key: string, externalSecret: ExternalSecret): Plan {
    const { registry, targets, index } = this.#options;
    const { namespace } = externalSecret.metadata;
    const ref = externalSecret.spec.secretStoreRef;
    return plan({
      externalSecret,
      store: ref === undefined ? { kind: 'missing' } : registry.standing(referredStore(ref, namespace)),
      target: targets.current(targetKeyOf(externalSecret)),
      record: this.#records.get(key),
      seen: (identityKey, secretRef) => index.observation(identityKey, secretRef),
    });
  }

  async #ignore(key: string, externalSecret: ExternalSecret, why: string, signal: AbortSignal): Promise<Next> {
    this.#stopWatching(key);
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

  async #tellMissingTarget(key: string, externalSecret: ExternalSecret, signal: AbortSignal): Promise<void> {
    const before = this.#options.status.current(key, externalSecret);
    const told = before?.conditions?.[0]?.reason === 'SecretMissing' && before.refreshTime;
    const state = {
      reason: 'SecretMissing',
      message: 'secret will not be created due to CreationPolicy=Merge',
      syncedResourceVersion: syncedResourceVersion(externalSecret.metadata),
      refreshedAtMs: told ? Date.parse(told) : this.#options.clock.nowMs(),
      bindingName: undefined,
    };
    await this.#options.status.synced(key, externalSecret, state, signal);
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
    return await this.#tellSynced(key, externalSecret, settled.refresh, settled.checkedAtMs, signal);
  }

  async #sync(
    key: string,
    externalSecret: ExternalSecret,
    planned: Extract<Plan, { kind: 'sync' }>,
    signal: AbortSignal,
  ): Promise<Next> {
    const startedAtMs = this.#options.clock.nowMs();
    const waitMs = planned.because === 'drift' ? this.#brake.waitMs(key, startedAtMs) : 0;
    if (waitMs > 0) return this.#holdRepair(externalSecret, waitMs);
    const result = await sync(key, externalSecret, planned, { ...this.#options, guard: this.#guard }, signal);
    switch (result.kind) {
      case 'failed':
        if (this.#isWorthTelling(key, result.error)) {
          await this.#options.status.failed(key, externalSecret, result, signal);
        }
        if (!mayPass(result.error)) this.#stuck.add(key);
        throw result.error;
      case 'again':
        return { kind: 'after', delayMs: result.delayMs };
      case 'overtaken':
        return DONE;
      case 'synced':
        this.#logSync(externalSecret, result, startedAtMs);
        this.#noteSynced(key, planned, result, startedAtMs);
        // Its next look finds it settled and writes the status.
        if (planned.because === 'version' && this.#options.isPressed()) return { kind: 'after', delayMs: 0 };
        return await this.#tellSynced(key, externalSecret, planned.refresh, startedAtMs, signal);
    }
  }

  #noteSynced(
    key: string,
    { because }: Extract<Plan, { kind: 'sync' }>,
    { wrote, record }: Extract<SyncResult, { kind: 'synced' }>,
    startedAtMs: number,
  ): void {
    if (because === 'drift' && wrote !== 'unchanged') this.#brake.repaired(key, startedAtMs);
    this.#records.set(key, record);
    this.#missedWrites.delete(key);
  }

  #holdRepair(externalSecret: ExternalSecret, waitMs: number): Next {
    const name = targetNameOf(externalSecret);
    this.#options.events.record({
      object: objectIdentity(externalSecret),
      type: 'Warning',
      reason: 'TargetContested',
      message:
        `Secret "${name}" is changed again and again by somebody else, and is therefore put right only every few ` +
        'seconds; see its managedFields for who it is, and let one of the two write another Secret',
    });
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

  #logSync(externalSecret: ExternalSecret, result: Extract<SyncResult, { kind: 'synced' }>, startedAtMs: number): void {
    const { events, clock, log } = this.#options;
    const object = objectIdentity(externalSecret);
    const { wrote } = result;
    if (wrote === 'created') events.record({ object, type: 'Normal', reason: 'Created', message: 'secret created' });
    if (wrote === 'updated') events.record({ object, type: 'Normal', reason: 'Updated', message: 'secret updated' });
    log.info({ ...result.logFields, wrote, durationMs: clock.nowMs() - startedAtMs }, 'synced');
  }

  /** @param freshAtMs when the values were last known to be up to date */
  async #tellSynced(
    key: string,
    externalSecret: ExternalSecret,
    refresh: Refresh,
    freshAtMs: number | undefined,
    signal: AbortSignal,
  ): Promise<Next> {
    const before = this.#options.status.current(key, externalSecret);
    const version = syncedResourceVersion(externalSecret.metadata);
    const nowMs = this.#options.clock.nowMs();
    const dueMs = this.#heartbeatDueMs(key, before?.refreshTime, refresh) ?? Number.POSITIVE_INFINITY;
    const refreshedAtMs = nextRefreshTimeMs({
      shown: before,
      syncedResourceVersion: refresh.kind === 'createdOnce' ? before?.syncedResourceVersion : version,
      writtenAtMs: this.#writtenAtMs(externalSecret),
      freshAtMs: freshAtMs ?? nowMs,
      isDue: dueMs <= nowMs,
    });
    const state = {
      reason: 'SecretSynced',
      message: this.#records.get(key)?.keys.length === 0 ? RETAINED : 'secret synced',
      syncedResourceVersion: refresh.kind === 'createdOnce' ? before?.syncedResourceVersion || version : version,
      refreshedAtMs,
      bindingName: creationPolicyOf(externalSecret) === 'None' ? undefined : targetNameOf(externalSecret),
    };
    await this.#options.status.synced(key, externalSecret, state, signal);
    const nextDueMs = this.#heartbeatDueMs(key, timestampOf(refreshedAtMs), refresh);
    if (nextDueMs === undefined || refresh.kind !== 'periodic') return DONE;
    return { kind: 'after', delayMs: heartbeatWaitMs(nextDueMs, refresh.intervalMs, nowMs) };
  }

  /** When our field manager last changed the target, which survives a restart that lost the status write. */
  #writtenAtMs(externalSecret: ExternalSecret): number {
    const target = this.#options.targets.current(targetKeyOf(externalSecret));
    return (target && ownFields(target, fieldManagerOf(externalSecret.metadata.name)))?.changedAtMs ?? 0;
  }

  #heartbeatDueMs(key: string, refreshTime: string | null | undefined, refresh: Refresh): number | undefined {
    if (refresh.kind !== 'periodic') return undefined;
    const { statusIntervalMs } = this.#options;
    const { intervalMs } = refresh;
    return heartbeatDueMs({ key, refreshTime, statusIntervalMs, intervalMs, startedAtMs: this.#startedAtMs });
  }
}
