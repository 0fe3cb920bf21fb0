/**
 * A target that is no Secret in the terms of one, so that what is decided about Secrets (drift, restart, ownership,
 * deletion) is decided about it in the same way: the paths of its fields stand for the keys of a Secret. Pure.
 */

import type { FieldOwner, SecretMetadata } from '../ports/cluster.ts';
import type { ContentOwner, FieldPath, GenericMetadata } from '../ports/generic-objects.ts';
import { emptyContent } from './manifest-content.ts';
import { rootsWritten } from './manifest-jobs.ts';
import type { GenericTarget } from './manifest-kind.ts';
import { pathText } from './manifest-path.ts';
import type { RenderedManifest } from './manifest-rendering.ts';
import { knownKeys, ownFields, type TargetShape } from './target.ts';

/** How a path stands among keys. */
export function pathKey(path: FieldPath): string {
  return JSON.stringify(path);
}

/** What may be told of the fields: where their names may hold values, no more than the fields of the root. */
export function toldPaths(paths: readonly FieldPath[], { hidesNames }: Pick<RenderedManifest, 'hidesNames'>) {
  return [...new Set(paths.map((path) => pathText(hidesNames ? path.slice(0, 1) : path)))];
}

/** Items of lists have no paths of their own: by their number it is told that one is gone. */
function keysOf({ fields, size }: ContentOwner): readonly string[] {
  const keys = fields.map(pathKey);
  return size === fields.length ? keys : [...keys, `#${size}`];
}

/** Fields at the root that hold what is ours, whoever wrote them. */
export function ownRoots({ manifest, template = {} }: GenericTarget): ReadonlySet<string> {
  return new Set([...emptyContent(manifest.kind).keys(), ...rootsWritten(template)]);
}

/** @param roots what others have elsewhere is theirs */
function asFieldOwner(owner: ContentOwner, isOwn: boolean, roots: ReadonlySet<string>): FieldOwner {
  const { manager, changedAtMs, labels, annotations, fields } = owner;
  const beside = fields.filter(([root = '']) => roots.has(root)).map(pathKey);
  return { manager, changedAtMs, dataKeys: isOwn ? keysOf(owner) : beside, labels, annotations };
}

/** @param roots those of {@link ownRoots}: those that the field manager has a part in are added */
export function asTarget(metadata: GenericMetadata, fieldManager: string, roots: ReadonlySet<string>): SecretMetadata {
  const own = metadata.fieldOwners.find(({ manager }) => manager === fieldManager);
  const all = new Set([...roots, ...(own?.fields ?? []).map(([root = '']) => root)]);
  const fieldOwners = metadata.fieldOwners.map((owner) => asFieldOwner(owner, owner === own, all));
  return { ...metadata, fieldOwners };
}

/**
 * The keys that a target has after it was written, which need not be those that were written: the API server fills in
 * defaults, leaves out what the kind does not know, and names items of some lists.
 */
export function keysSeen(target: SecretMetadata, { isWhole, keys, fieldManager }: TargetShape): readonly string[] {
  const present = knownKeys(target);
  if (isWhole) return present;
  const own = ownFields(target, fieldManager)?.dataKeys ?? [];
  return [...new Set([...own, ...keys.filter((key) => present.includes(key))])];
}
