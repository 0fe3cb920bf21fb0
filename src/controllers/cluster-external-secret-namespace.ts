/** Removes the finalizers that External Secrets Operator left on a Namespace that is being deleted. */

import { ESO_NAMESPACE_FINALIZER_PREFIX, NAMESPACE } from '../api/groups.ts';
import type { Statuses } from '../ports/cluster.ts';
import { ClusterNotFound } from '../ports/errors.ts';
import type { NamespaceMetadata } from '../ports/external-secrets.ts';

/** Finalizers of others stay. */
export async function releaseNamespace(
  statuses: Statuses,
  { name, uid, resourceVersion, deleting, finalizers }: NamespaceMetadata,
  signal: AbortSignal,
): Promise<void> {
  const kept = finalizers.filter((finalizer) => !finalizer.startsWith(ESO_NAMESPACE_FINALIZER_PREFIX));
  if (!deleting || kept.length === finalizers.length) return;
  try {
    await statuses.setFinalizers({ resource: NAMESPACE, namespace: '', name, uid }, resourceVersion, kept, signal);
  } catch (error) {
    if (!(error instanceof ClusterNotFound)) throw error;
  }
}
