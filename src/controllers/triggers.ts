/** Which change brings which key back to which queue. It decides nothing: a key too many costs a look, no more. */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { Narrowed } from '../api/narrow.ts';
import type { ObjectMeta } from '../api/object-meta.ts';
import type { SecretAccessPolicy } from '../api/secret-access-policy.ts';
import { objectIdOf } from '../domain/manifest-kind.ts';
import { sameValue } from '../domain/same-value.ts';
import type { AnyStore } from '../domain/store-plan.ts';
import { type StoreKey, type StoreKind, storeItself } from '../domain/store-standing.ts';
import { targetIdOf } from '../domain/target.ts';
import { templateSourcesOf } from '../domain/template-sources.ts';
import { storesNamedBy } from '../domain/used-stores.ts';
import type { Controller } from '../loop/controller.ts';
import type { Priority } from '../loop/work-queue.ts';
import type { ObjectKey, RoleBearer, SecretMetadata, View, ViewChange } from '../ports/cluster.ts';
import type { NamespaceMetadata } from '../ports/external-secrets.ts';
import type { WatchedKinds } from '../ports/generic-objects.ts';
import { ReverseIndex } from './reverse-index.ts';
import { storeKeyFor } from './store.ts';
import type { StoreRegistry } from './store-registry.ts';
import { type ConfigMapVersion, templateObjectKey } from './template-objects.ts';

type Queue = Pick<Controller, 'add'>;

export interface TriggerOptions {
  readonly externalSecrets: View<Narrowed<ExternalSecret>>;
  readonly stores: Readonly<Record<StoreKind, View<Narrowed<AnyStore>>>>;
  readonly secrets: View<SecretMetadata>;
  /** Of the targets that are no Secrets. */
  readonly kinds: Pick<WatchedKinds, 'onChange'>;
  readonly configMaps: View<ConfigMapVersion>;
  /** Called whenever an ExternalSecret takes templates from a ConfigMap: from the first time on they are watched. */
  readonly needConfigMaps: () => void;
  readonly serviceAccounts: View<RoleBearer>;
  readonly namespaces: View<NamespaceMetadata>;
  readonly accessPolicies: View<Narrowed<SecretAccessPolicy>>;
  readonly registry: StoreRegistry;
  /** From a Secret or ServiceAccount, as `Kind/namespace/name`, to the stores whose credentials come from it. */
  readonly credentialUsers: ReverseIndex;
  /** Kept up to date: from a store, and from a use of one, to the ExternalSecrets that refer to it. */
  readonly storeUsers: ReverseIndex;
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

/** From what an ExternalSecret depends on to the ExternalSecrets. */
interface Users {
  readonly ofTargets: ReverseIndex;
  readonly ofTemplates: ReverseIndex;
  /** ExternalSecrets of a namespace that ask a ClusterSecretStore whether they may use it. */
  readonly ofNamespaces: ReverseIndex;
}

/** The uses, and the stores themselves. */
function storeKeys(externalSecret: ExternalSecret): readonly StoreKey[] {
  const uses = storesNamedBy(externalSecret).map(({ storeKey }) => storeKey);
  return [...new Set([...uses, ...uses.map(storeItself)])];
}

function templateKeys({ metadata, spec }: ExternalSecret): readonly string[] {
  return templateSourcesOf(spec.target?.template).map((ref) => templateObjectKey(ref, metadata.namespace));
}

/** What an ExternalSecret depends on; of one that is gone or cannot be read, nothing. */
function noteUses(options: TriggerOptions, users: Users, key: ObjectKey, object: ExternalSecret | undefined): void {
  const stores = object === undefined ? [] : storeKeys(object);
  const templates = object === undefined ? [] : templateKeys(object);
  const asksClusterStores = stores.some((store) => store.startsWith('ClusterSecretStore/'));
  options.storeUsers.set(key, stores);
  users.ofNamespaces.set(key, asksClusterStores && object !== undefined ? [object.metadata.namespace] : []);
  users.ofTargets.set(key, object === undefined ? [] : [targetIdOf(object)]);
  users.ofTemplates.set(key, templates);
  if (templates.some((template) => template.startsWith('ConfigMap/'))) options.needConfigMaps();
}

function watchExternalSecrets(options: TriggerOptions, users: Users): void {
  options.externalSecrets.onChange((change) => {
    const { key, after } = change;
    noteUses(options, users, key, after?.kind === 'valid' ? after.object : undefined);
    if (isNews(change)) options.externalSecretQueue.add(key, { priority: priorityOf(change) });
  });
}

function watchStores(options: TriggerOptions): void {
  for (const kind of ['SecretStore', 'ClusterSecretStore'] as const) {
    options.stores[kind].onChange((change) => {
      if (isNews(change)) options.storeQueue.add(storeKeyFor(kind, change.key));
    });
  }
  options.registry.onChange = (storeKey) => {
    for (const key of options.storeUsers.usersOf(storeKey)) options.externalSecretQueue.add(key, { priority: 'low' });
  };
  options.registry.onWanted = (storeKey) => options.storeQueue.add(storeKey);
}

function wakeCredentialUsers({ credentialUsers, storeQueue }: TriggerOptions, objectKey: string): void {
  for (const storeKey of credentialUsers.usersOf(objectKey)) storeQueue.add(storeKey);
}

function watchServiceAccounts(options: TriggerOptions): void {
  options.serviceAccounts.onChange(({ key, before, after }) => {
    if (!sameValue(before, after)) wakeCredentialUsers(options, `ServiceAccount/${key}`);
  });
}

/** Policies change seldom, and whom they select is found out by a look at each. */
function watchAccessPolicies({ accessPolicies, externalSecrets, externalSecretQueue }: TriggerOptions): void {
  accessPolicies.onChange((change) => {
    if (change.initial || !isNews(change)) return;
    for (const key of externalSecrets.keys()) externalSecretQueue.add(key, { priority: 'low' });
  });
}

/** By its labels a namespace may come to be allowed, or not allowed any more, to use a ClusterSecretStore. */
function watchNamespaces(options: TriggerOptions, { ofNamespaces }: Users): void {
  const { namespaces, externalSecretQueue } = options;
  const wakeBySelection = selectionWaker(options);
  namespaces.onChange(({ key, before, after }) => {
    if (sameValue(before?.labels, after?.labels)) return;
    for (const user of ofNamespaces.usersOf(key)) externalSecretQueue.add(user, { priority: 'low' });
    wakeBySelection(key);
  });
}

/** Where there are policies, labels decide which of them select a namespace: one pass over all objects serves many namespaces. */
function selectionWaker({ accessPolicies, externalSecrets, externalSecretQueue }: TriggerOptions) {
  const changed = new Set<string>();
  function wake(): void {
    for (const key of externalSecrets.keys()) {
      if (changed.has(key.slice(0, key.indexOf('/')))) externalSecretQueue.add(key, { priority: 'low' });
    }
    changed.clear();
  }
  return (namespace: string) => {
    const [any] = accessPolicies.keys();
    if (any === undefined) return;
    if (changed.size === 0) queueMicrotask(wake);
    changed.add(namespace);
  };
}

function wakeTemplateUsers({ externalSecretQueue }: TriggerOptions, { ofTemplates }: Users, templateKey: string): void {
  for (const key of ofTemplates.usersOf(templateKey)) externalSecretQueue.add(key, { priority: 'low' });
}

function watchConfigMaps(options: TriggerOptions, users: Users): void {
  options.configMaps.onChange(({ key }) => wakeTemplateUsers(options, users, `ConfigMap/${key}`));
}

function wakeTargetUsers(
  { isOwnWrite, externalSecretQueue }: TriggerOptions,
  { ofTargets }: Users,
  targetId: string,
  change: ViewChange<{ readonly resourceVersion: string }>,
): void {
  const version = change.after?.resourceVersion;
  for (const key of ofTargets.usersOf(targetId)) {
    const isEcho = version !== undefined && isOwnWrite(key, version);
    if (!isEcho) externalSecretQueue.add(key, { priority: priorityOf(change) });
  }
}

function watchSecrets(options: TriggerOptions, users: Users): void {
  options.secrets.onChange((change) => {
    wakeTemplateUsers(options, users, `Secret/${change.key}`);
    wakeCredentialUsers(options, `Secret/${change.key}`);
    wakeTargetUsers(options, users, change.key, change);
  });
}

function watchKinds(options: TriggerOptions, users: Users): void {
  options.kinds.onChange((kind, change) => wakeTargetUsers(options, users, objectIdOf(kind, change.key), change));
}

/** Connects the views to the queues. To be called once, before the views run. */
export function connectTriggers(options: TriggerOptions): void {
  const users = { ofTargets: new ReverseIndex(), ofTemplates: new ReverseIndex(), ofNamespaces: new ReverseIndex() };
  watchExternalSecrets(options, users);
  watchStores(options);
  watchServiceAccounts(options);
  watchNamespaces(options, users);
  watchAccessPolicies(options);
  watchSecrets(options, users);
  watchKinds(options, users);
  watchConfigMaps(options, users);
}
