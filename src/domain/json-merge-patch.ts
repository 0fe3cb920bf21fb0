/** What two contents differ in, as a merge patch (RFC 7386). */

import type { FieldPath } from '../ports/generic-objects.ts';
import { encodeJson, isJsonList, isJsonObject, type Json, type JsonObject } from '../ports/secret-json.ts';

/** Where values are: every field that holds no further fields. Lists count as one. */
export function leafPaths(content: JsonObject): readonly FieldPath[] {
  return leavesOf(content).map(([path]) => path);
}

/** The same, with what is there. */
export function leavesOf(content: JsonObject): readonly (readonly [FieldPath, Json])[] {
  return Array.from(content).flatMap(([name, member]) =>
    isJsonObject(member) && member.size > 0
      ? leavesOf(member).map(([path, value]) => [[name, ...path], value] as const)
      : [[[name], member] as const],
  );
}

/** A member that is null is one that is not there: a merge patch can say nothing else. In lists they stay. */
export function withoutNulls(content: JsonObject): JsonObject {
  const members = Array.from(content).filter(([, member]) => member !== null);
  return new Map(
    members.map(([name, member]): [string, Json] => [name, isJsonObject(member) ? withoutNulls(member) : member]),
  );
}

/** Whether both say the same; the order of members does not count. */
function isSame(a: Json | undefined, b: Json | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  if (isJsonObject(a) && isJsonObject(b)) {
    return a.size === b.size && Array.from(a).every(([name, member]) => isSame(member, b.get(name)));
  }
  if (isJsonList(a) && isJsonList(b)) {
    return a.length === b.length && a.every((item, index) => isSame(item, b[index]));
  }
  return encodeJson(a) === encodeJson(b);
}

/** What a merge patch makes of `existing`. */
export function patchedBy(existing: JsonObject, patch: JsonObject): JsonObject {
  const patched = new Map(existing);
  for (const [name, member] of patch) {
    if (member === null) patched.delete(name);
    else if (isJsonObject(member)) {
      const before = patched.get(name);
      patched.set(name, patchedBy(isJsonObject(before) ? before : new Map(), member));
    } else patched.set(name, member);
  }
  return patched;
}

/**
 * What makes `wanted` of `existing`; empty where they are the same.
 * @param wanted has no nulls but in lists
 */
export function mergePatch(existing: JsonObject, wanted: JsonObject): JsonObject {
  const patch = new Map<string, Json>();
  for (const [name, member] of wanted) {
    const before = existing.get(name);
    if (isSame(before, member)) continue;
    patch.set(name, isJsonObject(before) && isJsonObject(member) ? mergePatch(before, member) : member);
  }
  for (const [name, before] of existing) if (before !== null && !wanted.has(name)) patch.set(name, null);
  return patch;
}
