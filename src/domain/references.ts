/** Which secrets an ExternalSecret asks for, in the order in which their values are merged. */

import type { Find, Rewrite } from '../api/data-from.ts';
import type { ExternalSecret } from '../api/external-secret.ts';
import type { RemoteRef } from '../api/remote-ref.ts';
import type { FindQuery } from '../ports/find-query.ts';
import type { VersionSelector, WatchedRef } from '../ports/secret-source.ts';
import { parseVersion } from './secret-ref.ts';

/** What is done with what was read; `find` has no property. */
export type Taking = Pick<RemoteRef, 'property' | 'conversionStrategy' | 'decodingStrategy' | 'nullBytePolicy'>;

export interface Reference {
  /** Where the manifest says it, for messages. */
  readonly field: string;
  readonly ref: WatchedRef;
  readonly taking: Taking;
  /** The key of the target Secret that gets the value; undefined for `extract` and `find`, which bring their own keys. */
  readonly secretKey: string | undefined;
  readonly rewrite: readonly Rewrite[];
}

const LONGEST_QUOTE = 200;
const TAGS: VersionSelector = { kind: 'tags' };

function shortened(text: string): string {
  return text.length <= LONGEST_QUOTE ? text : `${text.slice(0, LONGEST_QUOTE)}...`;
}

/** Tags belong to the secret and not to one of its versions: `version` says nothing then, as upstream. */
function selectorOf({ metadataPolicy, version }: RemoteRef): VersionSelector {
  return metadataPolicy === 'Fetch' ? TAGS : parseVersion(version);
}

function toSecret(path: string, remoteRef: RemoteRef, prefix: string): Omit<Reference, 'secretKey' | 'rewrite'> {
  return {
    field: `${path} (key: ${shortened(remoteRef.key)})`,
    ref: { key: `${prefix}${remoteRef.key}`, version: selectorOf(remoteRef) },
    taking: remoteRef,
  };
}

/** A store's prefix is no part of what is looked for, as upstream has it (section 4.3). */
function toFound(path: string, find: Find): Omit<Reference, 'secretKey' | 'rewrite'> {
  return { field: `${path}.find`, ref: { query: queryOf(find) }, taking: find };
}

function queryOf({ path, name, tags }: Find): FindQuery {
  return { path, nameRegexp: name?.regexp, tags };
}

/** `dataFrom` in order, then `data` in order: the later wins (upstream section 2.3). */
export function referencesOf(spec: ExternalSecret['spec'], keyPrefix: string): readonly Reference[] {
  const references: Reference[] = [];
  for (const [index, { extract, find, rewrite = [] }] of (spec.dataFrom ?? []).entries()) {
    const path = `spec.dataFrom[${index}]`;
    const own = { secretKey: undefined, rewrite };
    if (find !== undefined) references.push({ ...toFound(path, find), ...own });
    else if (extract !== undefined) references.push({ ...toSecret(path, extract, keyPrefix), ...own });
  }
  for (const [index, { remoteRef, secretKey }] of (spec.data ?? []).entries()) {
    references.push({ ...toSecret(`spec.data[${index}]`, remoteRef, keyPrefix), secretKey, rewrite: [] });
  }
  return references;
}
