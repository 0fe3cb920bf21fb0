/** Finds the Secrets of earlier names, which are deleted once the one of the present name is written. */

import type { ExternalSecret, ExternalSecretStatus } from '../api/external-secret.ts';
import { isOrphan, mayHaveOrphans } from '../domain/orphans.ts';
import type { SecretMetadata } from '../ports/cluster.ts';
import type { TargetWriter } from './target-writer.ts';

export function orphansOf(
  externalSecret: ExternalSecret,
  status: ExternalSecretStatus | undefined,
  targets: Pick<TargetWriter, 'controlledBy'>,
): readonly SecretMetadata[] {
  if (!mayHaveOrphans(externalSecret, status)) return [];
  const { uid, namespace } = externalSecret.metadata;
  return targets.controlledBy(uid, namespace).filter((secret) => isOrphan(externalSecret, secret));
}
