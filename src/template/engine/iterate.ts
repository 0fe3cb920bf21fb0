/** What `range` goes over: slices, maps in the order of their keys, integers from zero. */

import { type GoInt, type GoMap, type GoSlice, int } from '../value.ts';
import { sortedKeys } from './format-value.ts';
import { elementOf, isGoInt, type Reflected, reflectedTypeName, unboxed } from './reflected.ts';

export interface Turn {
  readonly index: Reflected;
  readonly element: Reflected;
}

function* items(slice: GoSlice): Generator<Turn> {
  for (const [at, item] of slice.items.entries()) yield { index: int(at), element: elementOf(slice, item) };
}

function* entries(map: GoMap): Generator<Turn> {
  for (const key of sortedKeys(map)) {
    yield { index: key, element: elementOf(map, map.entries.get(key) ?? null) };
  }
}

function* numbers(end: GoInt): Generator<Turn> {
  for (let value = 0n; value < end.value; value++) yield { index: undefined, element: { ...end, value } };
}

/**
 * The turns in order; nothing for an invalid value, as for an empty one.
 * @param variables how many the loop declares
 * @returns the error's text for what cannot be gone over; it tells the type, where Go's tells the value
 */
export function iterate(value: Reflected, variables: number): Iterable<Turn> | string {
  const held = unboxed(value);
  if (held === undefined) return [];
  if (isGoInt(held)) {
    if (variables > 1) return `can't use ${held.type} to iterate over more than one variable`;
    return numbers(held);
  }
  if (typeof held === 'object' && held.kind === 'slice') return items(held);
  if (typeof held === 'object' && held.kind === 'map') return entries(held);
  return `range can't iterate over ${reflectedTypeName(held)}`;
}
