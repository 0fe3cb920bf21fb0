/** Equality as Go's `reflect.DeepEqual`: the same type, and equal all the way down. */

import { typeName } from '../engine/type-name.ts';
import type { Execution, GoMap, GoObject, GoSlice, GoValue } from '../value.ts';
import { checkDepth, readingSteps } from './cost.ts';
import { type Instant, isTime } from './instant.ts';
import { isNil } from './nil.ts';

type GoComposite = GoSlice | GoMap | GoObject;

function equalItems(a: GoSlice, b: GoSlice, execution: Execution, depth: number): boolean {
  if (a.items.length !== b.items.length) return false;
  return a.items.every((item, i) => isEqual(item, b.items[i] ?? null, execution, depth));
}

function equalEntries(a: GoMap, b: GoMap, execution: Execution, depth: number): boolean {
  if (a.entries.size !== b.entries.size) return false;
  for (const [key, value] of a.entries) {
    const other = b.entries.get(key);
    if (other === undefined || !isEqual(value, other, execution, depth)) return false;
  }
  return true;
}

/** Zones are the same when they have the same name and offset. */
function equalInstants(a: Instant, b: Instant): boolean {
  const second = Number(a.unixNs / 1_000_000_000n);
  const isSameZone = a.zone.name === b.zone.name && a.zone.at(second).seconds === b.zone.at(second).seconds;
  return a.unixNs === b.unixNs && isSameZone;
}

function equalObjects(a: GoObject, b: GoObject, execution: Execution, depth: number): boolean {
  if (isTime(a) && isTime(b)) return equalInstants(a.instant, b.instant);
  if (a.text !== undefined && b.text !== undefined && a.text() !== b.text()) return false;
  for (const [name, value] of a.fields) {
    if (!isEqual(value, b.fields.get(name) ?? null, execution, depth)) return false;
  }
  return a.fields.size > 0 || a.text !== undefined;
}

function equalParts(a: GoComposite, b: GoComposite, execution: Execution, depth: number): boolean {
  if (a === b) return true;
  if (a.kind === 'slice' && b.kind === 'slice') return equalItems(a, b, execution, depth);
  if (a.kind === 'map' && b.kind === 'map') return equalEntries(a, b, execution, depth);
  if (a.kind === 'slice' || a.kind === 'map' || b.kind === 'slice' || b.kind === 'map') return false;
  return equalObjects(a, b, execution, depth);
}

function isEqual(a: GoValue, b: GoValue, execution: Execution, depth: number): boolean {
  checkDepth(depth);
  execution.spend(1 + readingSteps(a));
  if (typeName(a) !== typeName(b) || isNil(a) !== isNil(b)) return false;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b;
  if ('value' in a || 'value' in b) return 'value' in a && 'value' in b && a.value === b.value;
  return equalParts(a, b, execution, depth + 1);
}

export function deepEqual(a: GoValue, b: GoValue, execution: Execution): boolean {
  return isEqual(a, b, execution, 0);
}
