/** Narrows a raw object of any kind, or its `PartialObjectMetadata`, to what the operator may know of it. */

import type { ContentOwner, FieldPath, GenericMetadata } from '../ports/generic-objects.ts';
import { asList, asObject, asText, at } from './narrow.ts';
import { readSecretMetadata } from './secret-metadata.ts';

/** Members of `fieldsV1` that are no content. */
const NOT_CONTENT: ReadonlySet<string> = new Set(['f:apiVersion', 'f:kind', 'f:metadata', 'f:status']);

/** undefined for what lacks a name, a namespace, a uid or a version. */
export function readGenericMetadata(raw: unknown): GenericMetadata | undefined {
  const metadata = readSecretMetadata(raw);
  return metadata && { ...metadata, fieldOwners: readContentOwners(at(raw, 'metadata', 'managedFields')) };
}

/** One entry for each manager, whatever operations and API versions it wrote with. Writes to subresources are left out. */
export function readContentOwners(managedFields: unknown): readonly ContentOwner[] {
  const owners = new Map<string, ContentOwner>();
  for (const entry of asList(managedFields)) {
    const manager = asText(at(entry, 'manager'));
    if (manager === '' || asText(at(entry, 'subresource')) !== '') continue;
    const owner = readContentOwner(manager, entry);
    const before = owners.get(manager);
    owners.set(manager, before === undefined ? owner : together(before, owner));
  }
  return [...owners.values()];
}

function readContentOwner(manager: string, entry: unknown): ContentOwner {
  const fields = asObject(at(entry, 'fieldsV1')) ?? {};
  const found = Object.entries(fields).filter(([member]) => member.startsWith('f:') && !NOT_CONTENT.has(member));
  const leaves = found.flatMap(([member, inner]) => leavesIn(inner, [member.slice(2)]));
  const changedAtMs = Date.parse(asText(at(entry, 'time')));
  return {
    manager,
    changedAtMs: Number.isNaN(changedAtMs) ? 0 : changedAtMs,
    labels: namesIn(at(fields, 'f:metadata', 'f:labels')),
    annotations: namesIn(at(fields, 'f:metadata', 'f:annotations')),
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

function namesIn(fields: unknown): readonly string[] {
  return Object.keys(asObject(fields) ?? {}).flatMap((member) => (member.startsWith('f:') ? [member.slice(2)] : []));
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
