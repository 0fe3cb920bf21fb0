/**
 * Taking over what External Secrets Operator wrote. Its Secrets are known by the same label and the same field manager as
 * ours, and by its data-hash; what they lack is our annotation with the hash of their sources. Where the data is just
 * what would be written, it gets that annotation and nothing else. Pure.
 */

import type { ExternalSecret } from '../api/external-secret.ts';
import { DATA_HASH_ANNOTATION, SOURCE_HASH_ANNOTATION } from '../api/groups.ts';
import type { SecretMetadata, SecretPatch } from '../ports/cluster.ts';
import type { SecretData } from '../ports/secret-value.ts';
import { adoptedMark, hashIn } from './source-hash.ts';
import {
  creationPolicyOf,
  hasIntactData,
  isIntact,
  isRewritten,
  knownKeys,
  mergesInto,
  ownFields,
  type TargetShape,
  targetPatch,
  targetShape,
  withOwnMarksOnly,
} from './target.ts';
import { dataHash, fieldManagerOf } from './upstream-hash.ts';
import { withAgeOfData } from './version-mark.ts';

const NO_DATA: SecretData = new Map();

/** Name and value of the annotation with the hash of the sources. */
function markIn(shape: TargetShape): readonly [name: string, mark: string] {
  const found = Object.entries(shape.annotations).find(([name]) => name.startsWith(SOURCE_HASH_ANNOTATION));
  if (found === undefined) throw new Error('a shape without the hash of its sources');
  return found;
}

function withMark(shape: TargetShape, mark: string): TargetShape {
  const [name] = markIn(shape);
  return { ...shape, annotations: { ...shape.annotations, [name]: mark } };
}

/** A target that was adopted stays so as long as its sources are the same: no write makes it ours. */
export function keepingAdoption(target: SecretMetadata, shape: TargetShape): TargetShape {
  const [name, hash] = markIn(shape);
  const present = target.annotations[name];
  return present !== undefined && hashIn(present) === hash ? withMark(shape, present) : shape;
}

/** The keys that an ExternalSecret has in its target, as far as the metadata tell. */
export function keysOf(externalSecret: ExternalSecret, target: SecretMetadata): readonly string[] {
  // Keys that were there before with the same values stay their first owner's: of a whole Secret all are ours.
  if (!mergesInto(creationPolicyOf(externalSecret))) return knownKeys(target);
  return ownFields(target, fieldManagerOf(externalSecret.metadata.name))?.dataKeys ?? [];
}

/**
 * Whether a target without our annotation is as an operator has written it: its field manager, which is the same for both,
 * was the last to touch the data. Labels and annotations that were copied to it are not looked at.
 */
export function isAsLeft(externalSecret: ExternalSecret, target: SecretMetadata): boolean {
  const shape = withOwnMarksOnly(targetShape(externalSecret, keysOf(externalSecret, target), ''));
  return isIntact(target, { ...shape, annotations: {} });
}

/** Whether either operator has written this Secret for the ExternalSecret, and ours has not said since from what. */
export function mayBeAdopted(target: SecretMetadata, shape: TargetShape): boolean {
  const [name] = markIn(shape);
  if (target.deleting) return false;
  if (target.annotations[name] !== undefined) return isRewritten(target, shape);
  return target.annotations[DATA_HASH_ANNOTATION] !== undefined || ownFields(target, shape.fieldManager) !== undefined;
}

/**
 * Whether the target holds this data, as far as its data-hash tells: nobody has touched the data since. Undefined where a
 * look has to tell: the hash of a Secret that is merged into is over others' keys too.
 */
export function isKnownToHold(target: SecretMetadata, shape: TargetShape, data: SecretData): boolean | undefined {
  const hash = target.annotations[DATA_HASH_ANNOTATION];
  if (hash === undefined || !shape.isWhole || !hasIntactData(target, { ...shape, keys: knownKeys(target) })) {
    return undefined;
  }
  return hash === dataHash(data);
}

/** What the data-hash of a target says of the data that was read of it. */
export function inspect(target: SecretMetadata, stored: SecretData): 'asHashed' | 'edited' {
  return target.annotations[DATA_HASH_ANNOTATION] === dataHash(stored) ? 'asHashed' : 'edited';
}

/** Whether what was read of the target is what would be written. */
export function holds(stored: SecretData, shape: TargetShape, data: SecretData): boolean {
  if (shape.isWhole && stored.size !== data.size) return false;
  return data.entries().every(([key, value]) => stored.get(key)?.equals(value) === true);
}

/**
 * The change for a target that was not compared with its sources: it adds, and takes nothing away. The data-hash stays, by
 * which the other operator would know the data again, instead of reading it anew.
 */
export function markingPatch(shape: TargetShape): SecretPatch {
  const { labels, annotations, controller, isImmutable } = shape;
  return { labels, annotations, controller, data: NO_DATA, removedDataKeys: [], immutable: isImmutable };
}

/** The change for a target whose data is known to be as it should be: no value is in it. */
export function adoptingPatch(target: SecretMetadata, shape: TargetShape): SecretPatch {
  const [, hash] = markIn(shape);
  return targetPatch(target, withAgeOfData(withMark(shape, adoptedMark(hash)), target), NO_DATA, []);
}
