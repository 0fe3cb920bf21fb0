/** Deletes the Secrets of earlier names, once the one of the present name is written. */

import type { ExternalSecret, ExternalSecretStatus } from '../api/external-secret.ts';
import { isOrphan, mayHaveOrphans } from '../domain/orphans.ts';
import type { TargetWriter } from './target-writer.ts';

/**
 * @returns the names of those that were deleted
 * @throws ClusterConflict, ClusterForbidden, ClusterRejected, ClusterUnavailable
 */
export async function deleteOrphans(
  externalSecret: ExternalSecret,
  status: ExternalSecretStatus | undefined,
  targets: TargetWriter,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (!mayHaveOrphans(externalSecret, status)) return [];
  const { uid, namespace } = externalSecret.metadata;
  const orphans = targets.controlledBy(uid, namespace).filter((secret) => isOrphan(externalSecret, secret));
  for (const orphan of orphans) await targets.delete(orphan, signal);
  return orphans.map(({ name }) => name);
}
