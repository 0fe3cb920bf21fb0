/** What a write would make different on a Secret, in names and digests: no value is in it. Pure. */

import type { SecretMetadata, SecretPatch } from '../ports/cluster.ts';
import type { SecretData } from '../ports/secret-value.ts';
import type { PresentSecret, WouldBeWrite } from '../ports/would-be-write.ts';
import type { Digest } from './digest.ts';

export interface KeyDifference {
  readonly key: string;
  readonly change: 'added' | 'changed' | 'removed' | 'same';
  /** Digests; absent where the key is not there. */
  readonly before?: string;
  readonly after?: string;
}

/** Names of labels or annotations; their values may come from templates, and are not told. */
export interface NameDifference {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

export interface TargetDifference {
  readonly keys: readonly KeyDifference[];
  readonly labels: NameDifference;
  readonly annotations: NameDifference;
  /** Whether the ExternalSecret becomes its controller, or somebody ceases to be. */
  readonly owner: 'set' | 'removed' | 'same';
  /** Of a Secret that would be made. */
  readonly type?: string;
  readonly becomesImmutable: boolean;
  readonly addedFinalizers: readonly string[];
}

type Edits = Readonly<Record<string, string | null>>;

function namesOf(before: Readonly<Record<string, string>>, edits: Edits): NameDifference {
  const names = (accept: (before: string | undefined, after: string | null) => boolean) =>
    Object.entries(edits)
      .filter(([name, value]) => accept(before[name], value))
      .map(([name]) => name);
  return {
    added: names((old, next) => old === undefined && next !== null),
    changed: names((old, next) => old !== undefined && next !== null && old !== next),
    removed: names((old, next) => old !== undefined && next === null),
  };
}

function changeOf(before: string | undefined, after: string | undefined): KeyDifference['change'] {
  if (before === after) return 'same';
  if (before === undefined) return 'added';
  return after === undefined ? 'removed' : 'changed';
}

function keysOf(present: SecretData, wanted: SecretData, removed: readonly string[], digest: Digest): KeyDifference[] {
  const gone = removed.filter((key) => present.has(key) && !wanted.has(key));
  const digestIn = (data: SecretData, key: string) => {
    const value = data.get(key);
    return value && digest(value);
  };
  return [...new Set([...wanted.keys(), ...gone])].sort().map((key) => {
    const before = digestIn(present, key);
    const after = digestIn(wanted, key);
    const digests = { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
    return { key, change: changeOf(before, after), ...digests };
  });
}

function ownerOf({ controller }: SecretMetadata, { controller: wanted }: SecretPatch): TargetDifference['owner'] {
  if (wanted === undefined || controller?.uid === wanted?.uid) return 'same';
  return wanted === null ? 'removed' : 'set';
}

function ofPatch({ metadata, data, isImmutable }: PresentSecret, patch: SecretPatch, digest: Digest): TargetDifference {
  const { finalizers = [] } = metadata;
  return {
    keys: keysOf(data, patch.data, patch.removedDataKeys, digest),
    labels: namesOf(metadata.labels, patch.labels),
    annotations: namesOf(metadata.annotations, patch.annotations),
    owner: ownerOf(metadata, patch),
    becomesImmutable: patch.immutable === true && !isImmutable,
    addedFinalizers: (patch.finalizers ?? []).filter((name) => !finalizers.includes(name)),
  };
}

const NOTHING: SecretData = new Map();

/** Undefined for a deletion, of which there is nothing to tell but the name. */
export function differenceOf(write: WouldBeWrite, digest: Digest): TargetDifference | undefined {
  switch (write.kind) {
    case 'delete':
      return undefined;
    case 'patch':
      return ofPatch(write.present, write.patch, digest);
    case 'create': {
      const { data, labels, annotations, controller, type, immutable = false, finalizers = [] } = write.secret;
      return {
        keys: keysOf(NOTHING, data, [], digest),
        labels: namesOf({}, labels),
        annotations: namesOf({}, annotations),
        owner: controller === undefined ? 'same' : 'set',
        ...(type === undefined ? {} : { type }),
        becomesImmutable: immutable,
        addedFinalizers: finalizers,
      };
    }
  }
}

export function changesData({ keys }: TargetDifference): boolean {
  return keys.some(({ change }) => change !== 'same');
}

export function changesMetadata(difference: TargetDifference): boolean {
  const { labels, annotations, owner, becomesImmutable, addedFinalizers } = difference;
  const names = [labels, annotations].flatMap(({ added, changed, removed }) => [...added, ...changed, ...removed]);
  return names.length > 0 || owner !== 'same' || becomesImmutable || addedFinalizers.length > 0;
}
