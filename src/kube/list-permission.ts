/** Whether collections may be listed, for views that do not come: a watch that is refused tells nobody but the log. */

import { NAMESPACE } from '../api/groups.ts';
import type { KubeClient } from './client.ts';
import { type ClusterResource, everywhere, inNamespace, type NamespacedResource } from './resource-path.ts';

/**
 * @param namespaces of which the first is asked about; all of them where there is none
 * @throws ClusterForbidden with the rule that is missing, ClusterNotFound where the kind is not served; ClusterRejected,
 * ClusterUnavailable
 */
export async function askWhetherListed(
  client: KubeClient,
  resources: readonly (NamespacedResource | ClusterResource)[],
  [namespace]: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (const resource of resources) {
    const isWhole = resource.scope === 'cluster' || namespace === undefined;
    const path = isWhole ? everywhere(resource) : inNamespace(resource, namespace);
    await client.request({ verb: 'list', path, query: { limit: '1' }, signal });
  }
}

export function createNamespaceProbe(client: KubeClient): (signal: AbortSignal) => Promise<void> {
  return (signal) => askWhetherListed(client, [{ ...NAMESPACE, scope: 'cluster' }], [], signal);
}
