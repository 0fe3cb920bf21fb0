/**
 * Never backwards, where the version index cannot tell: after a restart, under a new leader and with other credentials
 * nothing is known of the versions that were seen before. What is known is when the target was written.
 */

import type { ExternalSecret } from '../api/external-secret.ts';
import { DATA_HASH_ANNOTATION } from '../api/groups.ts';
import type { SecretMetadata } from '../ports/cluster.ts';
import type { SecretVersion } from '../ports/secret-source.ts';
import { hashIn } from './source-hash.ts';
import { creationPolicyOf, markOf, mergesInto, ownFields } from './target.ts';
import { fieldManagerOf, syncedResourceVersion } from './upstream-hash.ts';

export interface Answer {
  readonly versions: readonly SecretVersion[];
  readonly sourceHash: string;
  /** What the data-hash would be of what the target gets; undefined where there is none to compare. */
  readonly dataHash: () => string | undefined;
}

/**
 * Whether the target was made from something else than this. Of what External Secrets Operator wrote its data-hash tells
 * that, but where it is over others' keys too.
 */
function isAnother(externalSecret: ExternalSecret, target: SecretMetadata, { sourceHash, dataHash }: Answer): boolean {
  const mark = markOf(externalSecret, target);
  const isTold = !mergesInto(creationPolicyOf(externalSecret));
  const left = isTold ? target.annotations[DATA_HASH_ANNOTATION] : undefined;
  if (left !== undefined && left === dataHash()) return false;
  return mark === undefined ? left !== undefined : hashIn(mark) !== sourceHash;
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
  const own = ownFields(target, fieldManagerOf(metadata.name));
  if (own === undefined || !isAnother(externalSecret, target, answer)) return false;
  return answer.versions.every(({ createdAtMs }) => createdAtMs !== undefined && createdAtMs < own.changedAtMs);
}
