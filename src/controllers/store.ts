/** Reconciles a SecretStore or ClusterSecretStore: which identity it gives, checked with AWS, told in its condition. */

import type { Condition } from '../api/conditions.ts';
import { CLUSTER_SECRET_STORE, ESO_STORE_FINALIZER, SECRET_STORE } from '../api/groups.ts';
import type { Narrowed } from '../api/narrow.ts';
import { withRequestId } from '../domain/failure.ts';
import { type ReadyState, readyCondition, sameCondition } from '../domain/status.ts';
import type { AnyStore, StorePlan } from '../domain/store-plan.ts';
import { credentialLocations, planStore } from '../domain/store-plan.ts';
import { type StoreKey, type StoreKind, type StoreStanding, storeKeyOf } from '../domain/store-standing.ts';
import { DONE, type Next, type Reconcile } from '../loop/reconcile.ts';
import type { Clock } from '../ports/clock.ts';
import type { Events, ObjectIdentity, Secrets, Statuses, View } from '../ports/cluster.ts';
import { ClusterUnavailable, InvalidSpec, KeyturnError } from '../ports/errors.ts';
import type { Log } from '../ports/log.ts';
import type { Identity, SecretSource, SecretSources } from '../ports/secret-source.ts';
import { sourceMayRecover } from '../ports/source-recovery.ts';
import type { ReverseIndex } from './reverse-index.ts';
import { resolveIdentity } from './store-identity.ts';
import type { StoreRegistry } from './store-registry.ts';
import { releaseFinalizer } from './upstream-finalizer.ts';

export type StoreView = View<Narrowed<AnyStore>>;

/** What this process has to do with stores: its part of the work may be none, or all of it. */
export interface StoreDuty {
  /** False while it works on no namespace, and so needs no store. */
  readonly isNeeded: boolean;
  /** Writes to a store if that is ours to do, and not any longer than it is. */
  write(key: StoreKey, signal: AbortSignal, act: (signal: AbortSignal) => Promise<void>): Promise<void>;
}

export interface StoreControllerOptions {
  readonly views: Readonly<Record<StoreKind, StoreView>>;
  readonly registry: StoreRegistry;
  /** Kept up to date with the Secrets that each store's credentials come from. */
  readonly credentialUsers: ReverseIndex;
  readonly sources: SecretSources;
  readonly secrets: Secrets;
  readonly statuses: Statuses;
  readonly events: Events;
  readonly duty: StoreDuty;
  readonly controllerClass: string;
  readonly clock: Clock;
  readonly log: Log;
}

type Check = Extract<StorePlan, { kind: 'check' }>;

/** Finds the store of a key in the view of its kind. */
export function findStore(views: StoreControllerOptions['views'], key: StoreKey): Narrowed<AnyStore> | undefined {
  const slash = key.indexOf('/');
  const kind = key.slice(0, slash) === 'SecretStore' ? 'SecretStore' : 'ClusterSecretStore';
  return views[kind].get(key.slice(slash + 1));
}

/** The object that a reconcile is about, and what its status shows now. */
interface Subject {
  readonly key: StoreKey;
  readonly object: ObjectIdentity;
  readonly conditions: readonly Condition[] | undefined;
}

type Readable = Exclude<Narrowed<AnyStore>, { kind: 'unreadable' }>;

function metaOf(entry: Readable): AnyStore['metadata'] {
  return entry.kind === 'valid' ? entry.object.metadata : entry.meta;
}

function subjectOf(key: StoreKey, entry: Readable): Subject {
  const meta = metaOf(entry);
  const resource = key.startsWith('SecretStore/') ? SECRET_STORE : CLUSTER_SECRET_STORE;
  const object = { resource, namespace: meta.namespace ?? '', name: meta.name, uid: meta.uid };
  return { key, object, conditions: entry.kind === 'valid' ? entry.object.status?.conditions : undefined };
}

export class StoreReconciler {
  readonly #options: StoreControllerOptions;
  /** Identities that are being checked, once for each check: no store has them yet, and they must stay open. */
  readonly #checking: string[] = [];

  constructor(options: StoreControllerOptions) {
    this.#options = options;
  }

  readonly reconcile: Reconcile = async (key, signal) => {
    const entry = findStore(this.#options.views, key);
    if (entry === undefined || entry.kind === 'unreadable' || !this.#options.duty.isNeeded) return this.#forget(key);
    const plan = this.#plan(entry);
    if (plan.kind !== 'otherClass' && (await this.#releaseFinalizer(key, entry, signal))) return DONE;
    const credentialSecrets = credentialLocations(plan).map(({ namespace, name }) => `${namespace}/${name}`);
    this.#options.credentialUsers.set(key, credentialSecrets);
    switch (plan.kind) {
      case 'otherClass':
        this.#register(key, { kind: 'otherClass', controllerClass: plan.controllerClass });
        return DONE;
      case 'invalid':
        return await this.#refuse(subjectOf(key, entry), plan.error, signal);
      case 'check':
        return await this.#check(subjectOf(key, entry), plan, signal);
    }
  };

  #plan(entry: Readable): StorePlan {
    if (entry.kind === 'invalid') return { kind: 'invalid', error: new InvalidSpec(entry.problem) };
    return planStore(entry.object, this.#options.controllerClass);
  }

  /** External Secrets Operator left a finalizer; true when it was removed, which brings the store back by itself. */
  async #releaseFinalizer(key: StoreKey, entry: Readable, signal: AbortSignal): Promise<boolean> {
    const meta = metaOf(entry);
    if (meta.deletionTimestamp === undefined) return false;
    const { statuses, duty } = this.#options;
    const { object } = subjectOf(key, entry);
    let wasRemoved = false;
    await duty.write(key, signal, async (each) => {
      wasRemoved = await releaseFinalizer(statuses, object, meta, ESO_STORE_FINALIZER, each);
    });
    return wasRemoved;
  }

  #forget(key: StoreKey): Next {
    this.#options.credentialUsers.set(key, []);
    this.#options.registry.remove(key);
    this.#closeUnused();
    return DONE;
  }

  #closeUnused(): void {
    const { sources, registry } = this.#options;
    sources.retain(new Set([...registry.identities.keys(), ...this.#checking]));
  }

  #register(key: StoreKey, standing: StoreStanding, source?: SecretSource): void {
    this.#options.registry.set(key, standing, source);
    this.#closeUnused();
  }

  async #check(subject: Subject, plan: Check, signal: AbortSignal): Promise<Next> {
    const arn = await this.#identify(subject, plan, signal);
    await this.#tell(subject, { status: 'True', reason: 'Valid', message: `store validated: ${arn}` }, signal);
    return { kind: 'after', delayMs: plan.revalidateMs };
  }

  async #identify(subject: Subject, plan: Check, signal: AbortSignal): Promise<string> {
    let identity: Identity | undefined;
    try {
      identity = await resolveIdentity(plan, this.#options.secrets, signal);
      return await this.#adopt(subject.key, identity, plan, signal);
    } catch (error) {
      if (!(error instanceof KeyturnError) || signal.aborted) throw error;
      const fields = { store: subject.key, error: error.message, awsRequestId: error.requestId };
      this.#options.log.warn(fields, 'store check failed');
      if (this.#keepsItsStanding(subject, identity, error)) throw error;
      return await this.#refuse(subject, error, signal);
    }
  }

  /** Asks AWS who the identity is, and then gives the store to its users. The result is its ARN. */
  async #adopt(key: StoreKey, identity: Identity, plan: Check, signal: AbortSignal): Promise<string> {
    this.#checking.push(identity.key);
    try {
      const source = this.#options.sources.open(identity);
      const { arn } = await source.whoAmI(signal);
      this.#register(key, { kind: 'ready', identityKey: identity.key, keyPrefix: plan.keyPrefix }, source);
      return arn;
    } finally {
      this.#checking.splice(this.#checking.indexOf(identity.key), 1);
    }
  }

  /**
   * A store that works is not taken away from its users because AWS or the API server could not be asked once. One
   * whose credentials or region have changed is: its users must not go on with those it had before.
   */
  #keepsItsStanding(subject: Subject, identity: Identity | undefined, error: KeyturnError): boolean {
    if (error instanceof ClusterUnavailable) return true;
    if (!sourceMayRecover(error)) return false;
    const standing = this.#options.registry.standing(subject.key);
    // After a restart the store's own condition says whether it worked: its users wait, and nothing is rewritten.
    if (standing.kind === 'pending') {
      return subject.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
    }
    return standing.kind === 'ready' && standing.identityKey === identity?.key;
  }

  async #refuse(subject: Subject, error: KeyturnError, signal: AbortSignal): Promise<never> {
    this.#register(subject.key, { kind: 'notReady', message: error.message });
    const general = error instanceof InvalidSpec ? 'unable to create client' : 'unable to validate store';
    const message = withRequestId(`${general}: ${error.message}`, error);
    await this.#tell(subject, { status: 'False', reason: 'InvalidProviderConfig', message }, signal);
    throw error;
  }

  async #tell(subject: Subject, state: ReadyState, signal: AbortSignal): Promise<void> {
    const next = readyCondition(subject.conditions, state, this.#options.clock.nowMs());
    const { object, conditions } = subject;
    if (
      sameCondition(
        subject.conditions?.find(({ type }) => type === 'Ready'),
        next,
      )
    )
      return;
    const { events, statuses, duty } = this.#options;
    const type = state.status === 'True' ? 'Normal' : 'Warning';
    await duty.write(subject.key, signal, async (each) => {
      events.record({ object, type, reason: state.reason, message: next.message ?? state.message });
      const status = { conditions: [next], capabilities: 'ReadOnly' };
      await statuses.merge(object, status, conditions !== undefined, each);
    });
  }
}

/** The key under which a store's kind and name are queued. */
export function storeKeyFor(kind: StoreKind, viewKey: string): StoreKey {
  const [namespace = '', name = ''] = kind === 'SecretStore' ? viewKey.split('/') : ['', viewKey];
  return storeKeyOf(kind, namespace, name);
}
