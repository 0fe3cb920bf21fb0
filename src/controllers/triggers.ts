/** Which change brings which key back to which queue. It decides nothing: a key too many costs a look, no more. */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { Narrowed } from '../api/narrow.ts';
import type { ObjectMeta } from '../api/object-meta.ts';
import type { AnyStore } from '../domain/store-plan.ts';
import type { StoreKind } from '../domain/store-standing.ts';
import { targetKeyOf } from '../domain/target.ts';
import { storesNamedBy } from '../domain/used-stores.ts';
import type { Controller } from '../loop/controller.ts';
import type { Priority } from '../loop/work-queue.ts';
import type { ObjectKey, SecretMetadata, View, ViewChange } from '../ports/cluster.ts';
import { ReverseIndex } from './reverse-index.ts';
import { storeKeyFor } from './store.ts';
import type { StoreRegistry } from './store-registry.ts';

type Queue = Pick<Controller, 'add'>;

export interface TriggerOptions {
  readonly externalSecrets: View<Narrowed<ExternalSecret>>;
  readonly stores: Readonly<Record<StoreKind, View<Narrowed<AnyStore>>>>;
  readonly secrets: View<SecretMetadata>;
  readonly registry: StoreRegistry;
  /** From a Secret to the stores whose credentials it holds. */
  readonly credentialUsers: ReverseIndex;
  readonly externalSecretQueue: Queue;
  readonly storeQueue: Queue;
  /** True for a change of a target that we made ourselves. */
  readonly isOwnWrite: (externalSecretKey: ObjectKey, resourceVersion: string) => boolean;
}

function metaOf<T extends { readonly metadata: ObjectMeta }>(entry: Narrowed<T> | undefined): ObjectMeta | undefined {
  if (entry === undefined || entry.kind === 'unreadable') return undefined;
  return entry.kind === 'valid' ? entry.object.metadata : entry.meta;
}

/** What of an object counts as a change. Status writes do not: most of them are our own. */
function fingerprint(meta: ObjectMeta | undefined): string | undefined {
  if (meta === undefined) return undefined;
  const { uid, generation, labels, annotations, finalizers, deletionTimestamp } = meta;
  return JSON.stringify([uid, generation, labels, annotations, finalizers, deletionTimestamp]);
}

function priorityOf(change: { readonly initial: boolean }): Priority {
  return change.initial ? 'low' : 'high';
}

function isNews<T extends { readonly metadata: ObjectMeta }>(change: ViewChange<Narrowed<T>>): boolean {
  return change.after === undefined || fingerprint(metaOf(change.before)) !== fingerprint(metaOf(change.after));
}

function watchExternalSecrets(options: TriggerOptions, storeUsers: ReverseIndex, targetUsers: ReverseIndex): void {
  options.externalSecrets.onChange((change) => {
    const { key, after } = change;
    const object = after?.kind === 'valid' ? after.object : undefined;
    storeUsers.set(key, object === undefined ? [] : storesNamedBy(object).map(({ storeKey }) => storeKey));
    targetUsers.set(key, object === undefined ? [] : [targetKeyOf(object)]);
    if (isNews(change)) options.externalSecretQueue.add(key, { priority: priorityOf(change) });
  });
}

function watchStores(options: TriggerOptions, storeUsers: ReverseIndex): void {
  for (const kind of ['SecretStore', 'ClusterSecretStore'] as const) {
    options.stores[kind].onChange((change) => {
      if (isNews(change)) options.storeQueue.add(storeKeyFor(kind, change.key));
    });
  }
  options.registry.onChange = (storeKey) => {
    for (const key of storeUsers.usersOf(storeKey)) options.externalSecretQueue.add(key, { priority: 'low' });
  };
}

function watchSecrets(options: TriggerOptions, targetUsers: ReverseIndex): void {
  options.secrets.onChange((change) => {
    for (const storeKey of options.credentialUsers.usersOf(change.key)) options.storeQueue.add(storeKey);
    const version = change.after?.resourceVersion;
    for (const key of targetUsers.usersOf(change.key)) {
      const isEcho = version !== undefined && options.isOwnWrite(key, version);
      if (!isEcho) options.externalSecretQueue.add(key, { priority: priorityOf(change) });
    }
  });
}

/** Connects the views to the queues. To be called once, before the views run. */
export function connectTriggers(options: TriggerOptions): void {
  const storeUsers = new ReverseIndex();
  const targetUsers = new ReverseIndex();
  watchExternalSecrets(options, storeUsers, targetUsers);
  watchStores(options, storeUsers);
  watchSecrets(options, targetUsers);
}
