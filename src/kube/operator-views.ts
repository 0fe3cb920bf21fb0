/** The kinds that the operator watches, each as a view. */

import type { ClusterExternalSecret } from '../api/cluster-external-secret.ts';
import type { ExternalSecret } from '../api/external-secret.ts';
import {
  CLUSTER_EXTERNAL_SECRET,
  CLUSTER_SECRET_STORE,
  EXTERNAL_SECRET,
  NAMESPACE,
  SECRET_ACCESS_POLICY,
  SECRET_STORE,
} from '../api/groups.ts';
import {
  type Narrowed,
  narrowClusterExternalSecret,
  narrowExternalSecret,
  narrowSecretAccessPolicy,
  narrowStore,
} from '../api/narrow.ts';
import type { SecretAccessPolicy } from '../api/secret-access-policy.ts';
import type { ClusterSecretStore, SecretStore } from '../api/secret-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { RoleBearer, SecretMetadata } from '../ports/cluster.ts';
import type { NamespaceMetadata } from '../ports/external-secrets.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { KubeClient } from './client.ts';
import { createDemandedView, type DemandedView } from './demanded-view.ts';
import { readNamespaceMetadata } from './namespace-metadata.ts';
import { asText, at } from './narrow.ts';
import { CONFIG_MAPS, type NamespacedResource, SECRETS, SERVICE_ACCOUNTS } from './resource-path.ts';
import { readSecretMetadata } from './secret-metadata.ts';
import { readRoleBearer } from './service-accounts.ts';
import { createWatchedView, type WatchedView, type WatchedViewOptions } from './watched-view.ts';

/** Helm keeps whole releases in Secrets; none of them is ever a target or holds credentials. */
const NOT_HELM_RELEASES = 'type!=helm.sh/release.v1';

export interface OperatorViewsOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Empty for all of them. ClusterSecretStores are not watched when some are named. */
  readonly namespaces: readonly string[];
  /** How a view is fed. @default by list and watch */
  readonly createView?: <T>(options: WatchedViewOptions<T>) => WatchedView<T>;
}

export interface OperatorViews {
  readonly externalSecrets: WatchedView<Narrowed<ExternalSecret>>;
  readonly secretStores: WatchedView<Narrowed<SecretStore | ClusterSecretStore>>;
  readonly clusterSecretStores: WatchedView<Narrowed<SecretStore | ClusterSecretStore>>;
  readonly secrets: WatchedView<SecretMetadata>;
  readonly secretAccessPolicies: WatchedView<Narrowed<SecretAccessPolicy>>;
}

export function createOperatorViews(options: OperatorViewsOptions): OperatorViews {
  const { namespaces: named, createView = createWatchedView, ...rest } = options;
  const namespaces = named.length === 0 ? undefined : named;
  const namespaced = { scope: 'namespaced' } as const;
  return {
    externalSecrets: createView({
      ...rest,
      source: { resource: { ...EXTERNAL_SECRET, ...namespaced }, namespaces },
      project: narrowExternalSecret,
    }),
    secretStores: createView<Narrowed<SecretStore | ClusterSecretStore>>({
      ...rest,
      source: { resource: { ...SECRET_STORE, ...namespaced }, namespaces },
      project: (raw) => narrowStore('SecretStore', raw),
    }),
    clusterSecretStores: createView<Narrowed<SecretStore | ClusterSecretStore>>({
      ...rest,
      source:
        namespaces === undefined
          ? { resource: { ...CLUSTER_SECRET_STORE, scope: 'cluster' } }
          : { resource: { ...CLUSTER_SECRET_STORE, ...namespaced }, namespaces: [] },
      project: (raw) => narrowStore('ClusterSecretStore', raw),
    }),
    secrets: createView({
      ...rest,
      source: { resource: SECRETS, namespaces, fieldSelector: NOT_HELM_RELEASES, metadataOnly: true },
      project: readSecretMetadata,
    }),
    // An operator that is kept to namespaces has no right to what is the cluster's.
    secretAccessPolicies: createView<Narrowed<SecretAccessPolicy>>({
      ...rest,
      source:
        namespaces === undefined
          ? { resource: { ...SECRET_ACCESS_POLICY, scope: 'cluster' }, absentIsEmpty: true }
          : { resource: { ...SECRET_ACCESS_POLICY, ...namespaced }, namespaces: [] },
      project: narrowSecretAccessPolicy,
    }),
  };
}

/** Of a ConfigMap nothing is kept but its version. */
export interface ConfigMapMetadata {
  readonly resourceVersion: string;
}

function readConfigMapMetadata(raw: unknown): ConfigMapMetadata | undefined {
  const resourceVersion = asText(at(raw, 'metadata', 'resourceVersion'));
  return resourceVersion === '' ? undefined : { resourceVersion };
}

/** Metadata of what is in namespaces and only some ExternalSecrets or stores need, from the moment on that one does. */
function createMetadataOnDemand<T>(
  { namespaces, createView = createWatchedView, ...rest }: OperatorViewsOptions,
  resource: NamespacedResource,
  project: (raw: unknown) => T | undefined,
): DemandedView<T> {
  const source = { resource, namespaces: namespaces.length === 0 ? undefined : namespaces, metadataOnly: true };
  return createDemandedView(createView({ ...rest, source, project }));
}

/** Apart from the others: only templates need ConfigMaps, and an operator without the right to list them reads them. */
export function createConfigMapView(options: OperatorViewsOptions): DemandedView<ConfigMapMetadata> {
  return createMetadataOnDemand(options, CONFIG_MAPS, readConfigMapMetadata);
}

/** Only stores that read by a ServiceAccount need them, and without the right to list them each is read by its name. */
export function createServiceAccountView(options: OperatorViewsOptions): DemandedView<RoleBearer> {
  return createMetadataOnDemand(options, SERVICE_ACCOUNTS, readRoleBearer);
}

export interface ClusterExternalSecretViews {
  readonly clusterExternalSecrets: WatchedView<Narrowed<ClusterExternalSecret>>;
  readonly namespaces: WatchedView<NamespaceMetadata>;
}

/**
 * Apart from the others, which are waited for before anything is synced: a cluster without this kind, or an operator
 * without the rights for it, syncs all the same. Neither is watched when namespaces are named.
 */
export function createClusterExternalSecretViews(options: OperatorViewsOptions): ClusterExternalSecretViews {
  const { namespaces, createView = createWatchedView, ...rest } = options;
  const sourceOf = (resource: { readonly apiVersion: string; readonly plural: string }) =>
    namespaces.length === 0
      ? ({ resource: { ...resource, scope: 'cluster' } } as const)
      : ({ resource: { ...resource, scope: 'namespaced' }, namespaces: [] } as const);
  return {
    clusterExternalSecrets: createView({
      ...rest,
      source: sourceOf(CLUSTER_EXTERNAL_SECRET),
      project: narrowClusterExternalSecret,
    }),
    namespaces: createView({
      ...rest,
      source: { ...sourceOf(NAMESPACE), metadataOnly: true },
      project: readNamespaceMetadata,
    }),
  };
}
