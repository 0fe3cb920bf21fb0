/**
 * Functions that merge maps into the first of them, as the library mergo 1.0 does: maps inside are merged too, lists
 * are not. What is merged in is not copied: it is shared from then on.
 */

import {
  type Execution,
  type FunctionTable,
  type GoFunction,
  type GoMap,
  type GoString,
  type GoValue,
  TemplateFault,
} from '../value.ts';
import { checkDepth } from './cost.ts';
import { variadic } from './declare.ts';
import { isEmpty } from './emptiness.ts';
import { isNil } from './nil.ts';

const MAP_TYPE = 'map[string]interface {}';

interface Merging {
  /** Whether what is there gives way. */
  readonly overwrites: boolean;
  readonly execution: Execution;
}

function isMap(value: GoValue | undefined): value is GoMap {
  return value !== null && typeof value === 'object' && value.kind === 'map';
}

/** @throws TemplateFault for a value of any type that should go into a map of strings, as Go's reflection panics */
function put(target: GoMap, key: GoString, value: GoValue, source: GoMap): void {
  if (target.type !== MAP_TYPE && target.type !== source.type) {
    throw new TemplateFault('reflect.Value.SetMapIndex: value of type interface {} is not assignable to type string');
  }
  target.entries.set(key, value);
}

function mergeEntry(
  target: GoMap,
  source: GoMap,
  key: GoString,
  value: GoValue,
  merging: Merging,
  depth: number,
): void {
  const { overwrites } = merging;
  if (value === null) {
    if (overwrites) put(target, key, value, source);
    return;
  }
  const present = target.entries.get(key);
  const areMaps = isMap(value) && isMap(present);
  if (areMaps) mergeInto(present, value, merging, depth + 1);
  const isVacant = present === undefined || isEmpty(present);
  if (isVacant || (overwrites && !areMaps)) put(target, key, value, source);
}

function mergeInto(target: GoMap, source: GoMap, merging: Merging, depth: number): void {
  checkDepth(depth);
  for (const [key, value] of source.entries) {
    merging.execution.spend(1);
    mergeEntry(target, source, key, value, merging, depth);
  }
}

function merger(overwrites: boolean): GoFunction {
  return variadic([MAP_TYPE], MAP_TYPE, 'interface {}', ([first], others, execution) => {
    const target: GoMap = isNil(first) ? { kind: 'map', type: MAP_TYPE, entries: new Map() } : first;
    for (const source of others) mergeInto(target, source, { overwrites, execution }, 0);
    return target;
  });
}

const merge = merger(false);
const mergeOverwrite = merger(true);

export const MERGE: FunctionTable = new Map([
  ['merge', merge],
  ['mergeOverwrite', mergeOverwrite],
  ['mustMerge', merge],
  ['mustMergeOverwrite', mergeOverwrite],
]);
