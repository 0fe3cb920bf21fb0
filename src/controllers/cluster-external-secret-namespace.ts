/** Removes the finalizers that External Secrets Operator left on a Namespace that is being deleted. */

import { ESO_NAMESPACE_FINALIZER_PREFIX, NAMESPACE } from '../api/groups.ts';
import type { Statuses } from '../ports/cluster.ts';
import { ClusterForbidden, ClusterNotFound } from '../ports/errors.ts';
import type { NamespaceMetadata } from '../ports/external-secrets.ts';
import type { Log } from '../ports/log.ts';

export interface NamespaceReleaseOptions {
  readonly statuses: Statuses;
  readonly log: Log;
}

export class NamespaceRelease {
  readonly #options: NamespaceReleaseOptions;
  /** Names of those that hang because the right is missing: each is told once. */
  readonly #told = new Set<string>();

  constructor(options: NamespaceReleaseOptions) {
    this.#options = options;
  }

  /** Finalizers of others stay. @throws KeyturnError when they cannot be removed now */
  async release(namespace: NamespaceMetadata, signal: AbortSignal): Promise<void> {
    const { name, uid, resourceVersion, deleting, finalizers } = namespace;
    const kept = finalizers.filter((finalizer) => !finalizer.startsWith(ESO_NAMESPACE_FINALIZER_PREFIX));
    if (!deleting || kept.length === finalizers.length) return;
    const object = { resource: NAMESPACE, namespace: '', name, uid };
    try {
      await this.#options.statuses.setFinalizers(object, resourceVersion, kept, signal);
    } catch (error) {
      if (error instanceof ClusterForbidden) this.#tell(namespace, error);
      if (!(error instanceof ClusterNotFound)) throw error;
    }
  }

  forget(name: string): void {
    this.#told.delete(name);
  }

  /** The right may be left out on purpose (rbac.releaseNamespaces of the chart). */
  #tell({ name, finalizers }: NamespaceMetadata, { message }: ClusterForbidden): void {
    if (this.#told.has(name)) return;
    this.#told.add(name);
    this.#options.log.warn(
      { namespace: name, finalizers, error: message },
      'a namespace hangs in its deletion by finalizers of External Secrets Operator: give the right to remove them ' +
        '(rbac.releaseNamespaces of the chart), or remove them',
    );
  }
}
