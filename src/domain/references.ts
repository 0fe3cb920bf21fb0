/** Which secrets an ExternalSecret asks for, in the order in which their values are merged. */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { RemoteRef } from '../api/remote-ref.ts';
import type { SecretRef, VersionSelector } from '../ports/secret-source.ts';
import { parseVersion } from './secret-ref.ts';

export interface Reference {
  /** Where the manifest says it, for messages. */
  readonly field: string;
  readonly ref: SecretRef;
  readonly remoteRef: RemoteRef;
  /** The key of the target Secret that gets the value; undefined for `extract`, which brings its own keys. */
  readonly secretKey: string | undefined;
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

function reference(path: string, remoteRef: RemoteRef, secretKey: string | undefined, prefix: string): Reference {
  return {
    field: `${path} (key: ${shortened(remoteRef.key)})`,
    ref: { key: `${prefix}${remoteRef.key}`, version: selectorOf(remoteRef) },
    remoteRef,
    secretKey,
  };
}

/** `dataFrom` in order, then `data` in order: the later wins (upstream section 2.3). */
export function referencesOf(spec: ExternalSecret['spec'], keyPrefix: string): readonly Reference[] {
  const references: Reference[] = [];
  for (const [index, entry] of (spec.dataFrom ?? []).entries()) {
    if (entry.extract) references.push(reference(`spec.dataFrom[${index}]`, entry.extract, undefined, keyPrefix));
  }
  for (const [index, entry] of (spec.data ?? []).entries()) {
    references.push(reference(`spec.data[${index}]`, entry.remoteRef, entry.secretKey, keyPrefix));
  }
  return references;
}
