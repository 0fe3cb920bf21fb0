/** Narrows a raw object of any kind, or its `PartialObjectMetadata`, to what the operator may know of it. */

import type { ContentOwner, FieldPath, GenericMetadata } from '../ports/generic-objects.ts';
import { type ManagedFields, namesUnder, ownersIn } from './managed-fields.ts';
import { asObject, at } from './narrow.ts';
import { readObjectMetadata } from './secret-metadata.ts';

/** Members of `fieldsV1` that are no content. */
const NOT_CONTENT: ReadonlySet<string> = new Set(['f:apiVersion', 'f:kind', 'f:metadata', 'f:status']);

/** undefined for what lacks a name, a namespace, a uid or a version. */
export function readGenericMetadata(raw: unknown): GenericMetadata | undefined {
  const metadata = readObjectMetadata(raw);
  return metadata && { ...metadata, fieldOwners: readContentOwners(at(raw, 'metadata', 'managedFields')) };
}

export function readContentOwners(managedFields: unknown): readonly ContentOwner[] {
  return ownersIn(managedFields, readContentOwner, together);
}

function readContentOwner({ manager, changedAtMs, fields }: ManagedFields): ContentOwner {
  const found = Object.entries(asObject(fields) ?? {}).filter(
    ([member]) => member.startsWith('f:') && !NOT_CONTENT.has(member),
  );
  const leaves = found.flatMap(([member, inner]) => leavesIn(inner, [member.slice(2)]));
  return {
    manager,
    changedAtMs,
    labels: namesUnder(at(fields, 'f:metadata', 'f:labels')),
    annotations: namesUnder(at(fields, 'f:metadata', 'f:annotations')),
    fields: distinct(leaves),
    size: leaves.length,
  };
}

/**
 * One path for each leaf. Fields are `f:NAME`, `.` stands for the map itself; items of lists (`k:`, `v:`, `i:`) are named
 * by what is in them, so of these there is only the path of their list.
 */
function leavesIn(node: unknown, path: FieldPath): readonly FieldPath[] {
  const members = Object.entries(asObject(node) ?? {}).filter(([member]) => member !== '.');
  if (members.length === 0) return [path];
  return members.flatMap(([member, inner]) =>
    member.startsWith('f:') ? leavesIn(inner, [...path, member.slice(2)]) : leavesIn(inner, path).map(() => path),
  );
}

function distinct(paths: readonly FieldPath[]): readonly FieldPath[] {
  return [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()];
}

function together(a: ContentOwner, b: ContentOwner): ContentOwner {
  const fields = distinct([...a.fields, ...b.fields]);
  return {
    manager: b.manager,
    changedAtMs: Math.max(a.changedAtMs, b.changedAtMs),
    labels: [...new Set([...a.labels, ...b.labels])],
    annotations: [...new Set([...a.annotations, ...b.annotations])],
    fields,
    // The same field may be in both.
    size: a.size === a.fields.length && b.size === b.fields.length ? fields.length : a.size + b.size,
  };
}
