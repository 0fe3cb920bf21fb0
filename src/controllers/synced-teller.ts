/** Tells that an object is synced: which words, and when `refreshTime` moves. */

import type { ExternalSecret, ExternalSecretStatus } from '../api/external-secret.ts';
import { wordsFor } from '../domain/deletion.ts';
import { heartbeatDueMs, heartbeatWaitMs, nextRefreshTimeMs, type Refresh } from '../domain/schedule.ts';
import type { SyncEnd } from '../domain/situation.ts';
import { isAdopted } from '../domain/source-hash.ts';
import { timestampOf } from '../domain/status.ts';
import { creationPolicyOf, markOf, ownFields, targetNameOf } from '../domain/target.ts';
import { targetWordsOf } from '../domain/target-words.ts';
import { fieldManagerOf, syncedResourceVersion } from '../domain/upstream-hash.ts';
import { DONE, type Next } from '../loop/reconcile.ts';
import type { Clock } from '../ports/clock.ts';
import type { SecretMetadata } from '../ports/cluster.ts';
import type { ExternalSecretStatuses } from './external-secret-status.ts';

export interface SyncedTellerOptions {
  readonly status: ExternalSecretStatuses;
  readonly clock: Clock;
  /** 0 writes refreshTime on every refresh, as upstream does. */
  readonly statusIntervalMs: number;
}

export interface Synced {
  readonly refresh: Refresh;
  readonly end: SyncEnd;
  /** When the values were last known to be up to date; undefined when they are taken to be so now. */
  readonly freshAtMs: number | undefined;
  readonly target: SecretMetadata | undefined;
}

/** The Secret that the values are in: by this name those of earlier names are found out. Nothing else is named there. */
function boundName(
  externalSecret: ExternalSecret,
  before: ExternalSecretStatus | undefined,
  end: SyncEnd,
): string | undefined {
  if (creationPolicyOf(externalSecret) === 'None' || !targetWordsOf(externalSecret).isBound) return undefined;
  if (end === 'retained') return before?.binding?.name ?? targetNameOf(externalSecret);
  return end === 'written' ? targetNameOf(externalSecret) : undefined;
}

/**
 * When we last changed the target, which survives a restart that lost the status write. Of one whose data is another
 * operator's we have changed nothing, though the field manager is the same.
 */
function writtenAtMs(externalSecret: ExternalSecret, target: SecretMetadata | undefined): number {
  const mark = markOf(externalSecret, target);
  if (target === undefined || mark === undefined || isAdopted(mark)) return 0;
  return ownFields(target, fieldManagerOf(externalSecret.metadata.name))?.changedAtMs ?? 0;
}

export class SyncedTeller {
  readonly #options: SyncedTellerOptions;
  readonly #startedAtMs: number;

  constructor(options: SyncedTellerOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.nowMs();
  }

  /** @returns when the next heartbeat is to be looked at */
  async tell(key: string, externalSecret: ExternalSecret, synced: Synced, signal: AbortSignal): Promise<Next> {
    const { refresh, end, freshAtMs, target } = synced;
    const before = this.#options.status.current(key, externalSecret);
    const version = syncedResourceVersion(externalSecret.metadata);
    const nowMs = this.#options.clock.nowMs();
    const dueMs = this.#heartbeatDueMs(key, before?.refreshTime, refresh) ?? Number.POSITIVE_INFINITY;
    const refreshedAtMs = nextRefreshTimeMs({
      shown: before,
      syncedResourceVersion: refresh.kind === 'createdOnce' ? before?.syncedResourceVersion : version,
      writtenAtMs: writtenAtMs(externalSecret, target),
      freshAtMs: freshAtMs ?? nowMs,
      isDue: dueMs <= nowMs,
    });
    const state = {
      ...wordsFor(end, externalSecret),
      syncedResourceVersion: refresh.kind === 'createdOnce' ? before?.syncedResourceVersion || version : version,
      refreshedAtMs,
      bindingName: boundName(externalSecret, before, end),
    };
    await this.#options.status.synced(key, externalSecret, state, signal);
    const nextDueMs = this.#heartbeatDueMs(key, timestampOf(refreshedAtMs), refresh);
    if (nextDueMs === undefined || refresh.kind !== 'periodic') return DONE;
    return { kind: 'after', delayMs: heartbeatWaitMs(nextDueMs, refresh.intervalMs, nowMs) };
  }

  async tellMissingTarget(key: string, externalSecret: ExternalSecret, signal: AbortSignal): Promise<void> {
    const before = this.#options.status.current(key, externalSecret);
    const words = targetWordsOf(externalSecret);
    const reason = `${words.reason}Missing`;
    const told = before?.conditions?.[0]?.reason === reason && before.refreshTime;
    const state = {
      reason,
      message: `${words.noun} will not be created due to CreationPolicy=Merge`,
      syncedResourceVersion: syncedResourceVersion(externalSecret.metadata),
      refreshedAtMs: told ? Date.parse(told) : this.#options.clock.nowMs(),
      bindingName: undefined,
    };
    await this.#options.status.synced(key, externalSecret, state, signal);
  }

  #heartbeatDueMs(key: string, refreshTime: string | null | undefined, refresh: Refresh): number | undefined {
    if (refresh.kind !== 'periodic') return undefined;
    const { statusIntervalMs } = this.#options;
    const { intervalMs } = refresh;
    return heartbeatDueMs({ key, refreshTime, statusIntervalMs, intervalMs, startedAtMs: this.#startedAtMs });
  }
}
