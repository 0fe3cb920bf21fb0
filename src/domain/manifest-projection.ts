/**
 * A target that is no Secret in the terms of one, so that what is decided about Secrets (drift, restart, ownership,
 * deletion) is decided about it in the same way: the paths of its fields stand for the keys of a Secret. Pure.
 */

import type { FieldOwner, SecretMetadata } from '../ports/cluster.ts';
import type { ContentOwner, FieldPath, GenericMetadata } from '../ports/generic-objects.ts';

/** How a path stands among keys. */
export function pathKey(path: FieldPath): string {
  return JSON.stringify(path);
}

/** Items of lists have no paths of their own: by their number it is told that one is gone. */
function keysOf({ fields, size }: ContentOwner): readonly string[] {
  const keys = fields.map(pathKey);
  return size === fields.length ? keys : [...keys, `#${size}`];
}

/** @param names top-level fields that the field manager has a part in: what others have elsewhere is theirs */
function asFieldOwner(owner: ContentOwner, isOwn: boolean, names: ReadonlySet<string>): FieldOwner {
  const { manager, changedAtMs, labels, annotations, fields } = owner;
  const beside = fields.filter(([name = '']) => names.has(name)).map(pathKey);
  return { manager, changedAtMs, dataKeys: isOwn ? keysOf(owner) : beside, labels, annotations };
}

export function asTarget(metadata: GenericMetadata, fieldManager: string): SecretMetadata {
  const own = metadata.fieldOwners.find(({ manager }) => manager === fieldManager);
  const names = new Set(own?.fields.map(([name = '']) => name));
  const fieldOwners = metadata.fieldOwners.map((owner) => asFieldOwner(owner, owner === own, names));
  return { ...metadata, fieldOwners };
}
