/** Which change brings which key back to which queue. It decides nothing: a key too many costs a look, no more. */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { Narrowed } from '../api/narrow.ts';
import type { ObjectMeta } from '../api/object-meta.ts';
import type { AnyStore } from '../domain/store-plan.ts';
import type { StoreKind } from '../domain/store-standing.ts';
import { targetKeyOf } from '../domain/target.ts';
import { templateSourcesOf } from '../domain/template-sources.ts';
import { storesNamedBy } from '../domain/used-stores.ts';
import type { Controller } from '../loop/controller.ts';
import type { Priority } from '../loop/work-queue.ts';
import type { ObjectKey, SecretMetadata, View, ViewChange } from '../ports/cluster.ts';
import { ReverseIndex } from './reverse-index.ts';
import { storeKeyFor } from './store.ts';
import type { StoreRegistry } from './store-registry.ts';
import { type ConfigMapVersion, templateObjectKey } from './template-objects.ts';

type Queue = Pick<Controller, 'add'>;

export interface TriggerOptions {
  readonly externalSecrets: View<Narrowed<ExternalSecret>>;
  readonly stores: Readonly<Record<StoreKind, View<Narrowed<AnyStore>>>>;
  readonly secrets: View<SecretMetadata>;
  readonly configMaps: View<ConfigMapVersion>;
  /** Called whenever an ExternalSecret takes templates from a ConfigMap: from the first time on they are watched. */
  readonly needConfigMaps: () => void;
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

/** From what an ExternalSecret depends on to the ExternalSecrets. */
interface Users {
  readonly ofStores: ReverseIndex;
  readonly ofTargets: ReverseIndex;
  readonly ofTemplates: ReverseIndex;
}

function templateKeys({ metadata, spec }: ExternalSecret): readonly string[] {
  return templateSourcesOf(spec.target?.template).map((ref) => templateObjectKey(ref, metadata.namespace));
}

function watchExternalSecrets(options: TriggerOptions, users: Users): void {
  options.externalSecrets.onChange((change) => {
    const { key, after } = change;
    const object = after?.kind === 'valid' ? after.object : undefined;
    users.ofStores.set(key, object === undefined ? [] : storesNamedBy(object).map(({ storeKey }) => storeKey));
    users.ofTargets.set(key, object === undefined ? [] : [targetKeyOf(object)]);
    const templates = object === undefined ? [] : templateKeys(object);
    users.ofTemplates.set(key, templates);
    if (templates.some((template) => template.startsWith('ConfigMap/'))) options.needConfigMaps();
    if (isNews(change)) options.externalSecretQueue.add(key, { priority: priorityOf(change) });
  });
}

function watchStores(options: TriggerOptions, { ofStores }: Users): void {
  for (const kind of ['SecretStore', 'ClusterSecretStore'] as const) {
    options.stores[kind].onChange((change) => {
      if (isNews(change)) options.storeQueue.add(storeKeyFor(kind, change.key));
    });
  }
  options.registry.onChange = (storeKey) => {
    for (const key of ofStores.usersOf(storeKey)) options.externalSecretQueue.add(key, { priority: 'low' });
  };
}

function wakeTemplateUsers({ externalSecretQueue }: TriggerOptions, { ofTemplates }: Users, templateKey: string): void {
  for (const key of ofTemplates.usersOf(templateKey)) externalSecretQueue.add(key, { priority: 'low' });
}

function watchConfigMaps(options: TriggerOptions, users: Users): void {
  options.configMaps.onChange(({ key }) => wakeTemplateUsers(options, users, `ConfigMap/${key}`));
}

function watchSecrets(options: TriggerOptions, users: Users): void {
  options.secrets.onChange((change) => {
    wakeTemplateUsers(options, users, `Secret/${change.key}`);
    for (const storeKey of options.credentialUsers.usersOf(change.key)) options.storeQueue.add(storeKey);
    const version = change.after?.resourceVersion;
    for (const key of users.ofTargets.usersOf(change.key)) {
      const isEcho = version !== undefined && options.isOwnWrite(key, version);
      if (!isEcho) options.externalSecretQueue.add(key, { priority: priorityOf(change) });
    }
  });
}

/** Connects the views to the queues. To be called once, before the views run. */
export function connectTriggers(options: TriggerOptions): void {
  const users = { ofStores: new ReverseIndex(), ofTargets: new ReverseIndex(), ofTemplates: new ReverseIndex() };
  watchExternalSecrets(options, users);
  watchStores(options, users);
  watchSecrets(options, users);
  watchConfigMaps(options, users);
}
