/** Reads `metadata.managedFields`: who owns which fields of an object. */

import { asList, asObject, asText, at } from './narrow.ts';

export interface ManagedFields {
  readonly manager: string;
  /** 0 where the API server gives no time. */
  readonly changedAtMs: number;
  readonly fields: unknown;
}

/**
 * One entry for each manager, whatever operations and API versions it wrote with.
 * Writes to subresources are left out: they own nothing of what the operator writes.
 * @param together of two entries of one manager, in their order
 */
export function ownersIn<T>(
  managedFields: unknown,
  read: (managed: ManagedFields) => T,
  together: (a: T, b: T) => T,
): readonly T[] {
  const owners = new Map<string, T>();
  for (const entry of asList(managedFields)) {
    const manager = asText(at(entry, 'manager'));
    if (manager === '' || asText(at(entry, 'subresource')) !== '') continue;
    const changedAtMs = Date.parse(asText(at(entry, 'time')));
    const fields = at(entry, 'fieldsV1');
    const owner = read({ manager, changedAtMs: Number.isNaN(changedAtMs) ? 0 : changedAtMs, fields });
    const before = owners.get(manager);
    owners.set(manager, before === undefined ? owner : together(before, owner));
  }
  return [...owners.values()];
}

/** Members are `f:NAME`; `.` stands for the map itself. */
export function namesUnder(fields: unknown): readonly string[] {
  return Object.keys(asObject(fields) ?? {}).flatMap((member) => (member.startsWith('f:') ? [member.slice(2)] : []));
}
