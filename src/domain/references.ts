/** Which secrets an ExternalSecret asks for, in the order in which their values are merged. */

import type { Find, Rewrite } from '../api/data-from.ts';
import type { ExternalSecret } from '../api/external-secret.ts';
import type { RemoteRef } from '../api/remote-ref.ts';
import type { StoreRef } from '../api/source-ref.ts';
import type { FindQuery } from '../ports/find-query.ts';
import type { VersionSelector, WatchedRef } from '../ports/secret-source.ts';
import { parseVersion, refId } from './secret-ref.ts';
import { referredStore, type StoreKey } from './store-standing.ts';
import { storeOfEntry } from './used-stores.ts';

/** What is done with what was read; `find` has no property. */
export type Taking = Pick<RemoteRef, 'property' | 'conversionStrategy' | 'decodingStrategy' | 'nullBytePolicy'>;

/** A secret, or what a query finds, as it is known outside of the object that refers to it. */
export interface SourceName {
  readonly identityKey: string;
  readonly refId: string;
}

/** What a store gives to what is read from it. */
export interface StoreBinding {
  readonly identityKey: string;
  readonly keyPrefix: string;
  /** Of what is searched for there, where not all of it may be read. */
  readonly searchScope?: string | undefined;
}

export interface Reference extends SourceName {
  /** Equal within one object exactly for what is one secret of one store. */
  readonly id: string;
  readonly storeKey: StoreKey;
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

interface Wanted {
  readonly field: string;
  readonly ref: WatchedRef;
  readonly taking: Taking;
}

function toSecret(path: string, remoteRef: RemoteRef, prefix: string): Wanted {
  return {
    field: `${path} (key: ${shortened(remoteRef.key)})`,
    ref: { key: `${prefix}${remoteRef.key}`, version: selectorOf(remoteRef) },
    taking: remoteRef,
  };
}

/** A store's prefix is no part of what is looked for, as upstream has it (section 4.3). */
function toFound(path: string, find: Find, scope: string | undefined): Wanted {
  return { field: `${path}.find`, ref: { query: queryOf(find, scope) }, taking: find };
}

function queryOf({ path, name, tags }: Find, scope: string | undefined): FindQuery {
  return { path, nameRegexp: name?.regexp, tags, ...(scope !== undefined && { scope }) };
}

/** What a store is to the entries that read from it, by its key. */
export type BindStore = (storeKey: StoreKey) => StoreBinding;

/** The id of nearly all sources is that of their ref, which takes no memory of its own. */
function sourceIdOf(id: string, storeKey: StoreKey, defaultStore: StoreKey): string {
  return storeKey === defaultStore ? id : `${id} of ${storeKey}`;
}

/** `dataFrom` in order, then `data` in order: the later wins (upstream section 2.3). */
export function referencesOf({ metadata, spec }: ExternalSecret, bind: BindStore): readonly Reference[] {
  const keyOf = (ref: StoreRef = {}) => referredStore(ref, metadata.namespace);
  const defaultStore = keyOf(spec.secretStoreRef);
  const references: Reference[] = [];
  function add(
    path: string,
    sourceRef: { readonly storeRef?: StoreRef } | undefined,
    own: Pick<Reference, 'secretKey' | 'rewrite'>,
    wantedOf: (binding: StoreBinding) => Wanted | undefined,
  ): void {
    const storeKey = keyOf(storeOfEntry(spec, sourceRef, path).ref);
    const binding = bind(storeKey);
    const { identityKey } = binding;
    const wanted = wantedOf(binding);
    if (wanted === undefined) return;
    const id = refId(wanted.ref);
    references.push({
      ...wanted,
      ...own,
      identityKey,
      storeKey,
      refId: id,
      id: sourceIdOf(id, storeKey, defaultStore),
    });
  }
  for (const [index, { extract, find, rewrite = [], sourceRef }] of (spec.dataFrom ?? []).entries()) {
    const path = `spec.dataFrom[${index}]`;
    add(path, sourceRef, { secretKey: undefined, rewrite }, ({ keyPrefix, searchScope }) =>
      find === undefined ? extract && toSecret(path, extract, keyPrefix) : toFound(path, find, searchScope),
    );
  }
  for (const [index, { remoteRef, secretKey, sourceRef }] of (spec.data ?? []).entries()) {
    const path = `spec.data[${index}]`;
    add(path, sourceRef, { secretKey, rewrite: [] }, ({ keyPrefix }) => toSecret(path, remoteRef, keyPrefix));
  }
  return references;
}

/** Who reads, each once. */
export function identitiesOf(sources: Iterable<SourceName>): readonly string[] {
  return [...new Set(Array.from(sources, ({ identityKey }) => identityKey))];
}
