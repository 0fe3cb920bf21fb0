/** Which change brings which ClusterExternalSecret or Namespace back to the queue: a key too many costs a look. */

import type { ClusterExternalSecret } from '../api/cluster-external-secret.ts';
import type { ExternalSecret } from '../api/external-secret.ts';
import { CLUSTER_EXTERNAL_SECRET, ESO_NAMESPACE_FINALIZER_PREFIX } from '../api/groups.ts';
import type { Narrowed } from '../api/narrow.ts';
import type { ObjectMeta } from '../api/object-meta.ts';
import { externalSecretNameOf, selectsNamespace, specProblem } from '../domain/cluster-external-secret.ts';
import { sameValue } from '../domain/same-value.ts';
import type { Controller } from '../loop/controller.ts';
import type { View, ViewChange } from '../ports/cluster.ts';
import type { NamespaceMetadata } from '../ports/external-secrets.ts';
import { ReverseIndex } from './reverse-index.ts';

export interface ClusterExternalSecretTriggerOptions {
  readonly view: View<Narrowed<ClusterExternalSecret>>;
  readonly namespaces: View<NamespaceMetadata>;
  readonly externalSecrets: View<Narrowed<ExternalSecret>>;
  /** Kept up to date: from the name of a ClusterExternalSecret to the ExternalSecrets that it controls. */
  readonly owned: ReverseIndex;
  readonly queue: Pick<Controller, 'add'>;
}

export type ClusterExternalSecretKey =
  | { readonly kind: 'ClusterExternalSecret'; readonly name: string }
  | { readonly kind: 'Namespace'; readonly name: string };

export function clusterKey(kind: ClusterExternalSecretKey['kind'], name: string): string {
  return `${kind}/${name}`;
}

export function parseClusterKey(key: string): ClusterExternalSecretKey {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  return key.slice(0, slash) === 'Namespace' ? { kind: 'Namespace', name } : { kind: 'ClusterExternalSecret', name };
}

type Meta = ObjectMeta | undefined;

function metaOf<T extends { readonly metadata: ObjectMeta }>(entry: Narrowed<T> | undefined): Meta {
  if (entry === undefined || entry.kind === 'unreadable') return undefined;
  return entry.kind === 'valid' ? entry.object.metadata : entry.meta;
}

/** Status writes are no news: most of them are our own. */
function isNews(before: Meta, after: Meta): boolean {
  if (before === undefined || after === undefined) return before !== after;
  const told = ({ uid, generation, labels, annotations, finalizers, deletionTimestamp, controller }: ObjectMeta) => [
    ...[uid, generation, labels, annotations],
    ...[finalizers, deletionTimestamp, controller],
  ];
  return !sameValue(told(before), told(after));
}

function ownerName(meta: Meta): string | undefined {
  return meta?.controller?.kind === CLUSTER_EXTERNAL_SECRET.kind ? meta.controller.name : undefined;
}

/** True when it makes a difference to the object whether it looks at the namespace as it was or as it is. */
function concerns(
  { spec }: ClusterExternalSecret,
  { before, after }: Pick<ViewChange<NamespaceMetadata>, 'before' | 'after'>,
): boolean {
  if (specProblem(spec) !== undefined) return false;
  const isSelected = (namespace: NamespaceMetadata | undefined) =>
    namespace !== undefined && !namespace.deleting && selectsNamespace(spec, namespace.name, namespace.labels);
  return isSelected(before) !== isSelected(after) || (isSelected(after) && before?.uid !== after?.uid);
}

function hasLeftover(namespace: NamespaceMetadata | undefined): boolean {
  const { deleting = false, finalizers = [] } = namespace ?? {};
  return deleting && finalizers.some((finalizer) => finalizer.startsWith(ESO_NAMESPACE_FINALIZER_PREFIX));
}

/** To be called once, before the views run. */
export function connectClusterExternalSecretTriggers(options: ClusterExternalSecretTriggerOptions): void {
  const { view, namespaces, externalSecrets, owned, queue } = options;
  /** From the name of an ExternalSecret to those who want it to be theirs. */
  const wanting = new ReverseIndex();
  const wake = (name: string, initial: boolean) =>
    queue.add(clusterKey('ClusterExternalSecret', name), { priority: initial ? 'low' : 'high' });

  view.onChange(({ key, before, after, initial }) => {
    wanting.set(key, after?.kind === 'valid' ? [externalSecretNameOf(after.object)] : []);
    if (isNews(metaOf(before), metaOf(after))) wake(key, initial);
  });
  externalSecrets.onChange(({ key, before, after, initial }) => {
    const metas = [metaOf(before), metaOf(after)] as const;
    const owners = metas.map(ownerName);
    const [, ownerNow] = owners;
    owned.set(key, ownerNow === undefined ? [] : [ownerNow]);
    if (!isNews(...metas)) return;
    const concerned = [...owners, ...wanting.usersOf(key.slice(key.indexOf('/') + 1))];
    for (const name of new Set(concerned)) if (name !== undefined) wake(name, initial);
  });
  namespaces.onChange((change) => {
    if (hasLeftover(change.after)) queue.add(clusterKey('Namespace', change.key));
    for (const entry of view.values()) {
      if (entry.kind === 'valid' && concerns(entry.object, change)) wake(entry.object.metadata.name, change.initial);
    }
  });
}
