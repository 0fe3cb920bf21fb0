/**
 * Go's nil slices and nil maps. They print as empty ones do, but JSON writes them as `null` and `deepEqual` tells them
 * from empty ones.
 */

import type { GoMap, GoSlice, GoType, GoValue } from '../value.ts';

export function nilSlice(type: GoType): GoSlice {
  return { kind: 'slice', type, items: [], isNil: true };
}

export function nilMap(): GoMap {
  return { kind: 'map', type: 'map[string]interface {}', entries: new Map(), isNil: true };
}

/** True for untyped nil too. */
export function isNil(value: GoValue): boolean {
  return value === null || (typeof value === 'object' && 'isNil' in value && value.isNil === true);
}
