/** Functions on maps with any values. `set` and `unset` change the map that they are given. */

import { typeName } from '../engine/type-name.ts';
import {
  dict,
  type Execution,
  type FunctionTable,
  type GoMap,
  type GoString,
  type GoValue,
  isString,
  list,
  stringList,
  TemplateFault,
} from '../value.ts';
import { define, variadic } from './declare.ts';
import { isNil } from './nil.ts';
import { toText } from './printing.ts';

const MAP_TYPE = 'map[string]interface {}';

const EMPTY = '' as GoString;

/** What one entry takes in memory, roughly. */
const BYTES_AN_ENTRY = 32;

/** In Go their order is random; ours is that of the keys, so that a template renders the same each time. */
function sortedKeys(map: GoMap): GoString[] {
  return [...map.entries.keys()].toSorted((a, b) => (a < b ? -1 : Number(a > b)));
}

function make(values: readonly GoValue[], execution: Execution): GoMap {
  const made = dict([]);
  for (let i = 0; i < values.length; i += 2) {
    made.entries.set(toText(values[i] ?? null, execution), i + 1 < values.length ? (values[i + 1] ?? null) : EMPTY);
  }
  return made;
}

function set(map: GoMap, key: GoString, value: GoValue): GoMap {
  if (isNil(map)) throw new TemplateFault('assignment to entry in nil map');
  map.entries.set(key, value);
  return map;
}

function filtered(map: GoMap, isKept: (key: GoString) => boolean): GoMap {
  return dict([...map.entries].filter(([key]) => isKept(key)));
}

function asMap(value: GoValue | undefined): GoMap {
  if (value !== null && typeof value === 'object' && value.kind === 'map' && value.type === MAP_TYPE) return value;
  const isMissing = value === null || value === undefined;
  throw new TemplateFault(
    `interface conversion: interface {} is ${isMissing ? 'nil' : typeName(value)}, not ${MAP_TYPE}`,
  );
}

function asKey(value: GoValue): GoString {
  if (isString(value)) return value;
  throw new TemplateFault(
    `interface conversion: interface {} is ${value === null ? 'nil' : typeName(value)}, not string`,
  );
}

/** The value under a path of keys; the default where a key is missing. @throws TemplateFault as Go panics */
function dig(values: readonly GoValue[]): GoValue {
  if (values.length < 3) throw new TemplateFault('dig needs at least three arguments');
  let value: GoValue = asMap(values.at(-1));
  for (const key of values.slice(0, -2).map(asKey)) {
    const next: GoValue | undefined = asMap(value).entries.get(key);
    if (next === undefined) return values.at(-2) ?? null;
    value = next;
  }
  return value;
}

const onEntry = define([MAP_TYPE, 'string'], 'interface {}', ([map, key]) => {
  const value = map.entries.get(key);
  return value === undefined ? EMPTY : value;
});

export const DICTS: FunctionTable = new Map([
  ['dict', variadic([], 'interface {}', MAP_TYPE, (_, values, execution) => make(values, execution))],
  ['dig', variadic([], 'interface {}', 'interface {}', (_, values) => dig(values))],
  ['get', onEntry],
  ['hasKey', define([MAP_TYPE, 'string'], 'bool', ([map, key]) => map.entries.has(key))],
  ['keys', variadic([], MAP_TYPE, '[]string', (_, maps) => stringList(maps.flatMap(sortedKeys)))],
  [
    'omit',
    variadic([MAP_TYPE], 'string', MAP_TYPE, ([map], keys, execution) => {
      execution.allocate(map.entries.size * BYTES_AN_ENTRY);
      const omitted = new Set(keys);
      return filtered(map, (key) => !omitted.has(key));
    }),
  ],
  [
    'pick',
    variadic([MAP_TYPE], 'string', MAP_TYPE, ([map], keys) => {
      const picked = new Set(keys);
      return filtered(map, (key) => picked.has(key));
    }),
  ],
  [
    'pluck',
    variadic(['string'], MAP_TYPE, '[]interface {}', ([key], maps) =>
      list(maps.flatMap((map) => (map.entries.has(key) ? [map.entries.get(key) ?? null] : []))),
    ),
  ],
  ['set', define([MAP_TYPE, 'string', 'interface {}'], MAP_TYPE, ([map, key, value]) => set(map, key, value))],
  [
    'unset',
    define([MAP_TYPE, 'string'], MAP_TYPE, ([map, key]) => {
      map.entries.delete(key);
      return map;
    }),
  ],
  [
    'values',
    define([MAP_TYPE], '[]interface {}', ([map]) => list(sortedKeys(map).map((key) => map.entries.get(key) ?? null))),
  ],
]);
