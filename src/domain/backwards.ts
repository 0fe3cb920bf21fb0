/**
 * Never backwards, where the version index cannot tell: after a restart, under a new leader and with other credentials
 * nothing is known of the versions that were seen before. What is known is when the target was written.
 */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { SecretMetadata } from '../ports/cluster.ts';
import type { SecretVersion } from '../ports/secret-source.ts';
import { ownFields, sourceHashAnnotationOf } from './target.ts';
import { fieldManagerOf, syncedResourceVersion } from './upstream-hash.ts';

export interface Answer {
  readonly versions: readonly SecretVersion[];
  readonly sourceHash: string;
}

/**
 * Whether an answer may be older than what the target was made from: the ExternalSecret is as it was at its last sync,
 * so that another hash means other versions, and all of them existed already when the target was last written.
 * It may as well be a rollback: that is believed when it is still the answer a while later.
 */
export function mayBeBackwards(
  externalSecret: ExternalSecret,
  target: SecretMetadata | undefined,
  answer: Answer,
): boolean {
  const { metadata, status } = externalSecret;
  if (target === undefined || status?.syncedResourceVersion !== syncedResourceVersion(metadata)) return false;
  const written = target.annotations[sourceHashAnnotationOf(externalSecret)];
  const own = ownFields(target, fieldManagerOf(metadata.name));
  if (written === undefined || own === undefined || written === answer.sourceHash) return false;
  return answer.versions.every(({ createdAtMs }) => createdAtMs !== undefined && createdAtMs < own.changedAtMs);
}
