/** What would become of ClusterExternalSecrets, and which objects that hang in deletion would be let go. */

import type { ClusterExternalSecret } from '../api/cluster-external-secret.ts';
import type { ExternalSecret } from '../api/external-secret.ts';
import {
  CLUSTER_EXTERNAL_SECRET,
  ESO_CLUSTER_EXTERNAL_SECRET_FINALIZER,
  ESO_NAMESPACE_FINALIZER_PREFIX,
  ESO_STORE_FINALIZER,
} from '../api/groups.ts';
import type { Narrowed } from '../api/narrow.ts';
import type { NamespacedObjectMeta, ObjectMeta } from '../api/object-meta.ts';
import { type PresentExternalSecret, planClusterExternalSecret, type Step } from '../domain/cluster-external-secret.ts';
import type { ClusterForecast, Release } from '../domain/forecast.ts';
import { type AnyStore, isOfOtherClass } from '../domain/store-plan.ts';
import type { View } from '../ports/cluster.ts';
import { InvalidSpec } from '../ports/errors.ts';
import type { NamespaceMetadata } from '../ports/external-secrets.ts';

export interface ClusterForecastOptions {
  readonly view: View<Narrowed<ClusterExternalSecret>>;
  readonly namespaces: View<NamespaceMetadata>;
  readonly externalSecrets: View<Narrowed<ExternalSecret>>;
}

type Readable<T extends { readonly metadata: ObjectMeta }> = Exclude<Narrowed<T>, { kind: 'unreadable' }>;

function readable<T extends { readonly metadata: ObjectMeta }>(view: View<Narrowed<T>>): readonly Readable<T>[] {
  return [...view.values()].filter((entry) => entry.kind !== 'unreadable');
}

function metaOf<T extends { readonly metadata: ObjectMeta }>(entry: Readable<T>): T['metadata'] {
  return entry.kind === 'valid' ? entry.object.metadata : entry.meta;
}

/** By the name of the ClusterExternalSecret that controls them. */
function ownedBy(view: View<Narrowed<ExternalSecret>>): ReadonlyMap<string, NamespacedObjectMeta[]> {
  const owned = new Map<string, NamespacedObjectMeta[]>();
  for (const meta of readable(view).map(metaOf)) {
    if (meta.controller?.kind !== CLUSTER_EXTERNAL_SECRET.kind) continue;
    owned.set(meta.controller.name, [...(owned.get(meta.controller.name) ?? []), meta]);
  }
  return owned;
}

function presentIn(view: View<Narrowed<ExternalSecret>>, key: string): PresentExternalSecret | undefined {
  const entry = view.get(key);
  if (entry === undefined || entry.kind === 'unreadable') return undefined;
  return { meta: metaOf(entry), spec: entry.kind === 'valid' ? entry.object.spec : undefined };
}

const NOTHING = { create: [], update: [], delete: [], taken: [] } as const;

function ofSteps(name: string, steps: readonly Step[]): ClusterForecast {
  const inKind = (kind: Step['kind']) => steps.filter((step) => step.kind === kind).map(namespaceOf);
  return { name, create: inKind('create'), update: inKind('update'), delete: inKind('delete'), taken: inKind('taken') };
}

function namespaceOf(step: Step): string {
  if (step.kind === 'create' || step.kind === 'update') return step.wanted.namespace;
  return step.kind === 'delete' ? step.present.namespace : step.namespace;
}

/** Those that are being deleted make nothing any more. */
export function forecastClusterExternalSecrets(options: ClusterForecastOptions): readonly ClusterForecast[] {
  const { namespaces, externalSecrets } = options;
  const owned = ownedBy(externalSecrets);
  const living = readable(options.view).filter((entry) => metaOf(entry).deletionTimestamp === undefined);
  return living.map((entry): ClusterForecast => {
    const { name } = metaOf(entry);
    if (entry.kind === 'invalid') return { name, ...NOTHING, refused: entry.problem };
    try {
      const { steps } = planClusterExternalSecret({
        object: entry.object,
        namespaces: namespaces.values(),
        find: (namespace, wanted) => presentIn(externalSecrets, `${namespace}/${wanted}`),
        owned: owned.get(name) ?? [],
      });
      return ofSteps(name, steps);
    } catch (error) {
      if (!(error instanceof InvalidSpec)) throw error;
      return { name, ...NOTHING, refused: error.message };
    }
  });
}

export interface HangingOptions extends Pick<ClusterForecastOptions, 'view' | 'namespaces'> {
  readonly stores: readonly View<Narrowed<AnyStore>>[];
  readonly controllerClass: string;
}

function hangs({ deletionTimestamp, finalizers = [] }: ObjectMeta, finalizer: string): boolean {
  return deletionTimestamp !== undefined && finalizers.includes(finalizer);
}

function isOurs(entry: Readable<AnyStore>, controllerClass: string): boolean {
  return entry.kind === 'invalid' || !isOfOtherClass(entry.object, controllerClass);
}

/** Objects besides ExternalSecrets that hang by a finalizer of External Secrets Operator. */
export function hangingObjects({ view, namespaces, stores, controllerClass }: HangingOptions): readonly Release[] {
  const hangingStores = stores
    .flatMap((each) => readable(each))
    .filter((entry) => hangs(metaOf(entry), ESO_STORE_FINALIZER) && isOurs(entry, controllerClass))
    .map(metaOf)
    .map(({ namespace, name }) =>
      namespace === undefined ? `ClusterSecretStore ${name}` : `SecretStore ${namespace}/${name}`,
    );
  const hangingClusterWide = readable(view)
    .map(metaOf)
    .filter((meta) => hangs(meta, ESO_CLUSTER_EXTERNAL_SECRET_FINALIZER))
    .map(({ name }) => `ClusterExternalSecret ${name}`);
  const hangingNamespaces = [...namespaces.values()]
    .filter(
      ({ deleting, finalizers }) =>
        deleting && finalizers.some((finalizer) => finalizer.startsWith(ESO_NAMESPACE_FINALIZER_PREFIX)),
    )
    .map(({ name }) => `Namespace ${name}`);
  return [...hangingStores, ...hangingClusterWide, ...hangingNamespaces];
}
