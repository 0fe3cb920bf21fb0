/** Reconciles a SecretStore or ClusterSecretStore: which identity it gives, checked with AWS, told in its condition. */

import type { Condition } from '../api/conditions.ts';
import { CLUSTER_SECRET_STORE, ESO_STORE_FINALIZER, SECRET_STORE } from '../api/groups.ts';
import type { Narrowed } from '../api/narrow.ts';
import { withRequestId } from '../domain/failure.ts';
import { type ReadyState, readyCondition, sameCondition } from '../domain/status.ts';
import { type ControllerIdentity, credentialObjects } from '../domain/store-credentials.ts';
import type { AnyStore, StorePlan } from '../domain/store-plan.ts';
import { planStore } from '../domain/store-plan.ts';
import { parseStoreKey, type StoreKey, type StoreKind, storeKeyOf } from '../domain/store-standing.ts';
import { DONE, type Next, type Reconcile } from '../loop/reconcile.ts';
import type { Clock } from '../ports/clock.ts';
import type { Events, ObjectIdentity, Statuses, View } from '../ports/cluster.ts';
import { ClusterUnavailable, InvalidSpec, KeyturnError } from '../ports/errors.ts';
import type { Log } from '../ports/log.ts';
import type { Identity, SecretSources } from '../ports/secret-source.ts';
import { sourceMayRecover } from '../ports/source-recovery.ts';
import type { ReverseIndex } from './reverse-index.ts';
import { type IdentityOptions, resolveIdentity } from './store-identity.ts';
import type { Registered, StoreRegistry } from './store-registry.ts';
import { releaseFinalizer } from './upstream-finalizer.ts';

export type StoreView = View<Narrowed<AnyStore>>;

/** What this process has to do with stores: its part of the work may be none, or all of it. */
export interface StoreDuty {
  /** False while it works on no namespace, and so needs no store. */
  readonly isNeeded: boolean;
  /** Writes to a store if that is ours to do, and not any longer than it is. */
  write(key: StoreKey, signal: AbortSignal, act: (signal: AbortSignal) => Promise<void>): Promise<void>;
}

export interface StoreControllerOptions extends IdentityOptions {
  readonly views: Readonly<Record<StoreKind, StoreView>>;
  readonly registry: StoreRegistry;
  /** Kept up to date with the objects that each store's credentials come from, as `Kind/namespace/name`. */
  readonly credentialUsers: ReverseIndex;
  readonly sources: SecretSources;
  readonly statuses: Statuses;
  readonly events: Events;
  readonly duty: StoreDuty;
  readonly controllerClass: string;
  readonly controllerIdentity: ControllerIdentity;
  /** Called whenever a store reads by a ServiceAccount: from the first time on they are watched. */
  readonly needServiceAccounts: () => void;
  /** Whether ExternalSecrets refer to a store, or to a use of one. */
  readonly isUsed: (key: StoreKey) => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

type Check = Extract<StorePlan, { kind: 'check' }>;
type ByNamespace = Extract<StorePlan, { kind: 'byNamespace' }>;

/** Finds the store of a key in the view of its kind. */
export function findStore(views: StoreControllerOptions['views'], key: StoreKey): Narrowed<AnyStore> | undefined {
  const { kind, viewKey } = parseStoreKey(key);
  return views[kind].get(viewKey);
}

/** The object that a reconcile is about, and what its status shows now. */
interface Subject {
  readonly key: StoreKey;
  /** A use of a ClusterSecretStore: what becomes of it is told to its users alone. */
  readonly isUse: boolean;
  /** Another one whenever the store is to be judged anew. */
  readonly revision: string;
  readonly object: ObjectIdentity;
  readonly conditions: readonly Condition[] | undefined;
}

type Readable = Exclude<Narrowed<AnyStore>, { kind: 'unreadable' }>;

function metaOf(entry: Readable): AnyStore['metadata'] {
  return entry.kind === 'valid' ? entry.object.metadata : entry.meta;
}

function subjectOf(key: StoreKey, entry: Readable): Subject {
  const meta = metaOf(entry);
  const { kind, namespace } = parseStoreKey(key);
  const resource = kind === 'SecretStore' ? SECRET_STORE : CLUSTER_SECRET_STORE;
  return {
    key,
    isUse: kind === 'ClusterSecretStore' && namespace !== undefined,
    revision: `${meta.uid}/${meta.generation ?? meta.resourceVersion}`,
    object: { resource, namespace: meta.namespace ?? '', name: meta.name, uid: meta.uid },
    conditions: entry.kind === 'valid' ? entry.object.status?.conditions : undefined,
  };
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
    const subject = subjectOf(key, entry);
    if (subject.isUse && !this.#options.isUsed(key)) return this.#forget(key);
    const plan = this.#plan(key, entry);
    if (!subject.isUse && plan.kind !== 'otherClass' && (await this.#releaseFinalizer(key, entry, signal))) return DONE;
    this.#follow(key, plan);
    switch (plan.kind) {
      case 'otherClass':
        this.#register(subject, { standing: { kind: 'otherClass', controllerClass: plan.controllerClass } });
        return DONE;
      case 'invalid':
        return await this.#refuse(subject, plan.error, signal);
      case 'byNamespace':
        return await this.#leaveToNamespaces(subject, plan, signal);
      case 'check':
        return await this.#check(subject, plan, signal);
    }
  };

  /** Whatever the credentials come from brings the store back when it changes. */
  #follow(key: StoreKey, plan: StorePlan): void {
    const { credentialUsers, needServiceAccounts } = this.#options;
    credentialUsers.set(key, plan.kind === 'check' ? credentialObjects(plan.credentials) : []);
    if (plan.kind === 'check' && plan.credentials.kind === 'serviceAccount') needServiceAccounts();
  }

  #plan(key: StoreKey, entry: Readable): StorePlan {
    if (entry.kind === 'invalid') return { kind: 'invalid', error: new InvalidSpec(entry.problem) };
    const { controllerClass: ownClass, controllerIdentity } = this.#options;
    return planStore(entry.object, { ownClass, controllerIdentity, namespace: parseStoreKey(key).namespace });
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
    const { registry, credentialUsers } = this.#options;
    for (const each of [key, ...registry.usesOf(key)]) {
      credentialUsers.set(each, []);
      registry.remove(each);
    }
    this.#closeUnused();
    return DONE;
  }

  #closeUnused(): void {
    const { sources, registry } = this.#options;
    sources.retain(new Set([...registry.identities.keys(), ...this.#checking]));
  }

  #register({ key, revision }: Subject, registered: Omit<Registered, 'revision'>): void {
    this.#options.registry.set(key, { ...registered, revision });
    this.#closeUnused();
  }

  async #check(subject: Subject, plan: Check, signal: AbortSignal): Promise<Next> {
    const arn = await this.#identify(subject, plan, signal);
    await this.#tell(subject, { status: 'True', reason: 'Valid', message: `store validated: ${arn}` }, signal);
    return { kind: 'after', delayMs: plan.revalidateMs };
  }

  async #leaveToNamespaces(subject: Subject, { rule, revalidateMs }: ByNamespace, signal: AbortSignal): Promise<Next> {
    this.#register(subject, { standing: { kind: 'pending' }, rule, isByNamespace: true });
    const message = 'store validated: its credentials are looked for in each namespace that uses it';
    await this.#tell(subject, { status: 'True', reason: 'Valid', message }, signal);
    return { kind: 'after', delayMs: revalidateMs };
  }

  async #identify(subject: Subject, plan: Check, signal: AbortSignal): Promise<string> {
    let identity: Identity | undefined;
    try {
      identity = await resolveIdentity(plan, this.#options, signal);
      return await this.#adopt(subject, identity, plan, signal);
    } catch (error) {
      if (!(error instanceof KeyturnError) || signal.aborted) throw error;
      const fields = { store: subject.key, error: error.message, awsRequestId: error.requestId };
      this.#options.log.warn(fields, 'store check failed');
      if (this.#keepsItsStanding(subject, identity, error)) throw error;
      return await this.#refuse(subject, error, signal);
    }
  }

  /** Asks AWS who the identity is, and then gives the store to its users. The result is its ARN. */
  async #adopt(subject: Subject, identity: Identity, plan: Check, signal: AbortSignal): Promise<string> {
    this.#checking.push(identity.key);
    try {
      const source = this.#options.sources.open(identity);
      const { arn } = await source.whoAmI(signal);
      const standing = { kind: 'ready', identityKey: identity.key, keyPrefix: plan.keyPrefix } as const;
      this.#register(subject, { standing, source, rule: plan.rule });
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
    if (standing.kind === 'undecided') return true;
    if (standing.kind === 'pending') {
      if (subject.isUse) return true;
      return subject.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
    }
    return standing.kind === 'ready' && standing.identityKey === identity?.key;
  }

  async #refuse(subject: Subject, error: KeyturnError, signal: AbortSignal): Promise<never> {
    this.#register(subject, { standing: { kind: 'notReady', message: error.message } });
    const general = error instanceof InvalidSpec ? 'unable to create client' : 'unable to validate store';
    const message = withRequestId(`${general}: ${error.message}`, error);
    await this.#tell(subject, { status: 'False', reason: 'InvalidProviderConfig', message }, signal);
    throw error;
  }

  async #tell(subject: Subject, state: ReadyState, signal: AbortSignal): Promise<void> {
    if (subject.isUse) return;
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
