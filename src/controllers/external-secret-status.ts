/** Tells an ExternalSecret how it is: the status, written when it would change, and the Events that go with it. */

import type { ExternalSecret, ExternalSecretSpec, ExternalSecretStatus } from '../api/external-secret.ts';
import { EXTERNAL_SECRET } from '../api/groups.ts';
import type { Narrowed } from '../api/narrow.ts';
import { DELETION_HELD, shownHold } from '../domain/deletion-brake.ts';
import { withExtraConditions } from '../domain/extra-conditions.ts';
import { failureMessage } from '../domain/failure.ts';
import { failedStatus, type SyncedState, sameStatus, syncedStatus } from '../domain/status.ts';
import { targetWordsOf } from '../domain/target-words.ts';
import type { Clock } from '../ports/clock.ts';
import type { Events, ObjectIdentity, Statuses, View } from '../ports/cluster.ts';
import { ClusterNotFound, ClusterRejected, type KeyturnError } from '../ports/errors.ts';
import type { Log } from '../ports/log.ts';
import type { ConditionGauge } from '../ports/metrics.ts';
import type { Hold } from './deletion-brake.ts';
import type { ExtraConditions } from './extra-conditions.ts';

export interface StatusOptions {
  readonly view: View<Narrowed<ExternalSecret>>;
  readonly statuses: Statuses;
  readonly events: Events;
  readonly conditions: ConditionGauge;
  /** What stands beside Ready. */
  readonly extras: ExtraConditions;
  readonly clock: Clock;
  readonly log: Log;
}

/** An object that was readable, whether its spec was good or not: then there is none here. */
export type Subject = Pick<ExternalSecret, 'metadata'> & {
  readonly spec?: ExternalSecretSpec;
  readonly status?: ExternalSecretStatus;
};

/** A status that we wrote and the view has not brought yet. */
interface Shown {
  readonly uid: string;
  /** The view's version of the object when the status was written: once it moves, the view is believed. */
  readonly seenResourceVersion: string;
  readonly status: ExternalSecretStatus;
}

export function objectIdentity({ metadata }: Subject): ObjectIdentity {
  const { namespace, name, uid } = metadata;
  return { resource: EXTERNAL_SECRET, namespace, name, uid };
}

function versionOf(entry: Narrowed<ExternalSecret> | undefined): string | undefined {
  if (entry === undefined || entry.kind === 'unreadable') return undefined;
  return (entry.kind === 'valid' ? entry.object.metadata : entry.meta).resourceVersion;
}

export class ExternalSecretStatuses {
  readonly #options: StatusOptions;
  readonly #shown = new Map<string, Shown>();
  /** The CRD in the cluster is another one, which knows no condition but Ready. */
  #refusesExtras = false;

  constructor(options: StatusOptions) {
    this.#options = options;
    options.view.onChange(({ key }) => this.#shown.delete(key));
  }

  /** The status as it stands, our last write included. */
  current(key: string, subject: Subject): ExternalSecretStatus | undefined {
    const shown = this.#shown.get(key);
    if (shown?.uid === subject.metadata.uid && shown.seenResourceVersion === subject.metadata.resourceVersion) {
      return shown.status;
    }
    return subject.status;
  }

  async failed(
    key: string,
    subject: Subject,
    failure: { error: KeyturnError; field?: string },
    signal: AbortSignal,
  ): Promise<void> {
    const before = this.current(key, subject);
    const { reason, failures } = targetWordsOf(subject);
    const message = failureMessage(failure.error, failure.field, failures);
    const next = failedStatus(before, `${reason}SyncedError`, message, this.#options.clock.nowMs());
    const told = next.conditions?.[0]?.message ?? message;
    this.#options.events.record({
      object: objectIdentity(subject),
      type: 'Warning',
      reason: 'UpdateFailed',
      message: told,
    });
    await this.#write(key, subject, before, next, signal);
  }

  /** Deletion waits: the words stay those that it was first told with, although others may vanish meanwhile. */
  async held(key: string, subject: Subject, { hold, message }: Hold, signal: AbortSignal): Promise<void> {
    const before = this.current(key, subject);
    const shown = before?.conditions?.find(({ type }) => type === 'Ready')?.message;
    const told = shownHold(before) === hold && shown !== undefined ? shown : message;
    const next = failedStatus(before, DELETION_HELD, told, this.#options.clock.nowMs());
    const object = objectIdentity(subject);
    this.#options.events.record({ object, type: 'Warning', reason: DELETION_HELD, message: told });
    await this.#write(key, subject, before, next, signal);
  }

  async synced(key: string, subject: Subject, state: SyncedState, signal: AbortSignal): Promise<void> {
    const before = this.current(key, subject);
    await this.#write(key, subject, before, syncedStatus(before, state, this.#options.clock.nowMs()), signal);
  }

  /** Writes what stands beside Ready, where nothing else is to be said. */
  async retell(key: string, subject: Subject, signal: AbortSignal): Promise<void> {
    const before = this.current(key, subject);
    if (before?.conditions?.[0] !== undefined) await this.#write(key, subject, before, before, signal);
  }

  forget(key: string): void {
    this.#shown.delete(key);
    this.#options.conditions.drop(key);
  }

  #withExtras(
    key: string,
    subject: Subject,
    before: ExternalSecretStatus | undefined,
    next: ExternalSecretStatus,
  ): ExternalSecretStatus {
    if (this.#refusesExtras) return next;
    return withExtraConditions(subject, before, next, this.#options.extras.of(key), this.#options.clock.nowMs());
  }

  async #write(
    key: string,
    subject: Subject,
    before: ExternalSecretStatus | undefined,
    plain: ExternalSecretStatus,
    signal: AbortSignal,
  ): Promise<void> {
    const { uid, resourceVersion } = subject.metadata;
    const next = this.#withExtras(key, subject, before, plain);
    this.#options.conditions.ready(key, next.conditions?.[0]?.status === 'True');
    if (sameStatus(before, next)) return;
    try {
      // What is merged removes nothing by itself.
      const binding = before?.binding !== undefined && next.binding === undefined ? { binding: null } : {};
      const fields = { ...next, ...binding };
      await this.#options.statuses.merge(objectIdentity(subject), fields, before !== undefined, signal);
    } catch (error) {
      if (error instanceof ClusterNotFound) return;
      if (!(error instanceof ClusterRejected) || next === plain) throw error;
      this.#refuseExtras(error);
      return await this.#write(key, subject, before, plain, signal);
    }
    if (versionOf(this.#options.view.get(key)) !== resourceVersion) return;
    this.#shown.set(key, { uid, seenResourceVersion: resourceVersion, status: next });
  }

  /** Whether a Secret is up to date has to be told under any CRD. */
  #refuseExtras({ message: error }: ClusterRejected): void {
    this.#refusesExtras = true;
    const what =
      "the CRD of ExternalSecrets knows no condition but Ready: Events alone tell of rollouts; install Keyturn's CRDs";
    this.#options.log.warn({ error }, what);
  }
}
