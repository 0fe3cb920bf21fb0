/** What the status and the target tell of a sync that an earlier process made. Pure. */

import type { SecretMetadata } from '../ports/cluster.ts';
import { keysOf } from './adoption.ts';
import type { Look } from './look.ts';
import type { Reference } from './references.ts';
import type { Refresh } from './schedule.ts';
import { searchedBy } from './secret-access.ts';
import { goneSources, type Situation, type SyncRecord, wantedShape, writtenVersion } from './situation.ts';
import { hashIn, sourceHash } from './source-hash.ts';
import { creationPolicyOf, isIntact, markOf } from './target.ts';
import { syncedResourceVersion } from './upstream-hash.ts';
import { recordedMark, versionMarkOf } from './version-mark.ts';

/** A target that is still as it was written: the names of the keys, and what it says of their source. */
export interface Leftover {
  readonly target: SecretMetadata;
  readonly keys: readonly string[];
  readonly sourceHash: string;
}

export function leftover(situation: Situation, refresh: Refresh): Leftover | undefined {
  const { externalSecret, target } = situation;
  const hash = markOf(externalSecret, target);
  if (target === undefined || hash === undefined || creationPolicyOf(externalSecret) === 'None') return undefined;
  const shape = wantedShape(situation, refresh, [], hash);
  const keys = keysOf(externalSecret, target);
  return isIntact(target, { ...shape, keys }) ? { target, keys, sourceHash: hash } : undefined;
}

/** Of an object that has not changed since; undefined where a read has to tell. */
export function leftoverOfNow(situation: Situation, refresh: Refresh): Leftover | undefined {
  const { status, metadata } = situation.externalSecret;
  if (status?.syncedResourceVersion !== syncedResourceVersion(metadata)) return undefined;
  const left = leftover(situation, refresh);
  return left === undefined || left.keys.length === 0 ? undefined : left;
}

/** What is known of that sync if it was made from just what AWS has now; undefined when it was not. */
export function recordOf(
  { externalSecret, access: gate }: Situation,
  left: Leftover,
  references: readonly Reference[],
  looks: readonly Look[],
  templates: readonly string[],
): SyncRecord | undefined {
  const { uid } = externalSecret.metadata;
  const version = syncedResourceVersion(externalSecret.metadata);
  const seen = looks.flatMap(({ state }, at) => {
    const reference = references[at];
    return state.kind === 'version' && reference !== undefined ? [{ reference, version: state.version }] : [];
  });
  const versions = seen.map(({ version: one }) => one);
  const access = searchedBy(gate, references);
  const hash = sourceHash({ uid, syncedResourceVersion: version, versions, keys: left.keys, templates, access });
  if (hash !== hashIn(left.sourceHash)) return undefined;
  const gone = references.filter((_, at) => looks[at]?.state.kind === 'gone');
  return {
    uid,
    syncedResourceVersion: version,
    versions: new Map(seen.map(({ reference, version: one }) => [reference.id, writtenVersion(reference, one)])),
    gone: goneSources(gone),
    keys: left.keys,
    templates,
    access,
    sourceHash: left.sourceHash,
    ...recordedMark(versionMarkOf(externalSecret, left.target)),
    end: 'written',
    targetResourceVersion: left.target.resourceVersion,
    syncedAtMs: Math.min(
      ...looks.flatMap(({ checkedAtMs, state }) => (state.kind === 'gone' ? [] : (checkedAtMs ?? 0))),
    ),
  };
}
