/**
 * Objects that are not polled, after a restart: CreatedOnce, OnChange, and those with an interval of zero. They are taken at
 * the word of their status and of their target, since to read one again might overwrite what was to stay. Pure.
 *
 * Of a target that External Secrets Operator has written, its field manager tells: where that was the last to touch the data,
 * the data is what was synced. Where it was not, the data-hash does, after one look at the data. A target that somebody
 * has edited since is put right from what AWS has now, as that operator would have done.
 */

import type { ExternalSecret } from '../api/external-secret.ts';
import { DATA_HASH_ANNOTATION } from '../api/groups.ts';
import type { SecretMetadata } from '../ports/cluster.ts';
import { isAsLeft, keysOf } from './adoption.ts';
import { leftover } from './leftover.ts';
import type { Refresh } from './schedule.ts';
import type { Situation } from './situation.ts';
import { adoptedMark, sourceHash } from './source-hash.ts';
import { creationPolicyOf, markOf, type TargetShape, targetShape } from './target.ts';
import { syncedResourceVersion } from './upstream-hash.ts';

export type UnpolledStanding =
  /** It was never synced, or it has changed since, or its target has. */
  | { readonly kind: 'unsynced' }
  | { readonly kind: 'settled' }
  /** Its target lacks our annotation only. */
  | { readonly kind: 'adopt'; readonly shape: TargetShape }
  /** Whether its target was edited, a look at the data has to tell. */
  | { readonly kind: 'inspect'; readonly target: SecretMetadata };

const UNSYNCED: UnpolledStanding = { kind: 'unsynced' };
const SETTLED: UnpolledStanding = { kind: 'settled' };

/** What an object says of a target that was adopted without a look at its sources, while it is in this state. */
function adoptedUnread({ metadata }: ExternalSecret, keys: readonly string[]): string {
  const version = syncedResourceVersion(metadata);
  return adoptedMark(
    sourceHash({ uid: metadata.uid, syncedResourceVersion: version, versions: [], keys, templates: [], access: '' }),
  );
}

function isOfNow({ metadata, status }: ExternalSecret, refresh: Refresh): boolean {
  return refresh.kind === 'createdOnce' || status?.syncedResourceVersion === syncedResourceVersion(metadata);
}

/**
 * With an interval of zero External Secrets Operator ignores all changes after the first sync: what it ignored is no reason
 * to read anew when it is taken over. What changes after that is.
 */
function isLeftAsOfNow(externalSecret: ExternalSecret, refresh: Refresh): boolean {
  return externalSecret.spec.refreshPolicy !== 'OnChange' || isOfNow(externalSecret, refresh);
}

/** The labels and annotations that a template gives are not known here, and stay as they are. */
function adoptedShape(externalSecret: ExternalSecret, keys: readonly string[]): TargetShape {
  return targetShape(externalSecret, keys, adoptedUnread(externalSecret, keys));
}

/** Whoever has written the target, somebody else may have touched its data since. */
function ofSuspect(
  { externalSecret, inspected }: Situation,
  target: SecretMetadata,
  keys: readonly string[],
): UnpolledStanding {
  if (target.annotations[DATA_HASH_ANNOTATION] === undefined) return UNSYNCED;
  if (inspected === undefined) return { kind: 'inspect', target };
  return inspected === 'asHashed' ? { kind: 'adopt', shape: adoptedShape(externalSecret, keys) } : UNSYNCED;
}

/** Of a target that we have marked as known, be it as adopted. */
function ofMarked(situation: Situation, refresh: Refresh, target: SecretMetadata, mark: string): UnpolledStanding {
  const { externalSecret } = situation;
  const keys = keysOf(externalSecret, target);
  if (!isOfNow(externalSecret, refresh) && mark !== adoptedUnread(externalSecret, keys)) return UNSYNCED;
  return leftover(situation, refresh) === undefined ? ofSuspect(situation, target, keys) : SETTLED;
}

/** Of a target that has none of our marks. */
function ofUnmarked(situation: Situation, refresh: Refresh, target: SecretMetadata): UnpolledStanding {
  const { externalSecret } = situation;
  if (!isLeftAsOfNow(externalSecret, refresh)) return UNSYNCED;
  const keys = keysOf(externalSecret, target);
  if (!isAsLeft(externalSecret, target)) return ofSuspect(situation, target, keys);
  return { kind: 'adopt', shape: adoptedShape(externalSecret, keys) };
}

export function unpolledStanding(situation: Situation, refresh: Refresh): UnpolledStanding {
  const { externalSecret, target } = situation;
  const { status } = externalSecret;
  if (!status?.syncedResourceVersion || !status.refreshTime) return UNSYNCED;
  if (creationPolicyOf(externalSecret) === 'None') return isOfNow(externalSecret, refresh) ? SETTLED : UNSYNCED;
  if (target === undefined || target.deleting) return UNSYNCED;
  const mark = markOf(externalSecret, target);
  return mark === undefined ? ofUnmarked(situation, refresh, target) : ofMarked(situation, refresh, target, mark);
}
