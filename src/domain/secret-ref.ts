/** Spelling of a reference to a secret, or to what a query finds. */

import { findId } from '../ports/find-query.ts';
import type { VersionSelector, WatchedRef } from '../ports/secret-source.ts';

const CURRENT = { kind: 'stage', stage: 'AWSCURRENT' } as const satisfies VersionSelector;

/** `version` of a manifest: absent is AWSCURRENT, `uuid/X` the version of id X, anything else a stage label. */
export function parseVersion(version: string | undefined): VersionSelector {
  if (version === undefined || version === '' || version === CURRENT.stage) return CURRENT;
  if (version.startsWith('uuid/')) return { kind: 'id', versionId: version.slice('uuid/'.length) };
  return { kind: 'stage', stage: version };
}

function selectorParts(version: VersionSelector): readonly string[] {
  switch (version.kind) {
    case 'stage':
      return ['stage', version.stage];
    case 'id':
      return ['id', version.versionId];
    case 'tags':
      return ['tags'];
  }
}

/**
 * Equal exactly when the same version of the same spelling is meant, or the same is to be found, whatever characters
 * keys and stages hold. Nearly all refs mean the current version: the id of those is the key itself, which takes no
 * memory of its own.
 */
export function refId(ref: WatchedRef): string {
  if ('query' in ref) return findId(ref.query);
  const { key, version } = ref;
  const isPlain = version.kind === 'stage' && version.stage === CURRENT.stage && !key.startsWith('[');
  return isPlain ? key : JSON.stringify([key, ...selectorParts(version)]);
}
