/** Functions that take text apart into lists, and put lists together into text. */

import { decodeRune } from '../engine/utf8.ts';
import {
  type Execution,
  type FunctionTable,
  type GoMap,
  type GoString,
  type GoValue,
  goString,
  stringList,
} from '../value.ts';
import { joinedLength } from './cost.ts';
import { define, toNumber } from './declare.ts';
import { toText, toTexts } from './printing.ts';

/** What one item of a list takes in memory, roughly. */
const BYTES_AN_ITEM = 16;

function explode(text: GoString, limit: number): GoString[] {
  const parts: string[] = [];
  let at = 0;
  while (at < text.length && parts.length < limit - 1) {
    const { size } = decodeRune(text, at);
    parts.push(text.slice(at, at + size));
    at += size;
  }
  if (at < text.length) parts.push(text.slice(at));
  return parts as GoString[];
}

/** As `strings.SplitN`; a negative limit is none. */
function split(text: GoString, separator: GoString, limit: number, execution: Execution): GoString[] {
  if (limit === 0) return [];
  const atMost = limit < 0 ? Number.POSITIVE_INFINITY : limit;
  if (separator === '') {
    execution.allocate(text.length * BYTES_AN_ITEM);
    return explode(text, atMost);
  }
  const parts = text.split(separator);
  execution.allocate(parts.length * BYTES_AN_ITEM);
  if (parts.length <= atMost) return parts as GoString[];
  return [...parts.slice(0, atMost - 1), parts.slice(atMost - 1).join(separator)] as GoString[];
}

/** Sprig's maps of parts: `_0`, `_1` and so on. */
function numbered(parts: readonly GoString[]): GoMap {
  const entries = new Map<GoString, GoValue>();
  for (const [i, part] of parts.entries()) entries.set(goString(`_${i}`), part);
  return { kind: 'map', type: 'map[string]string', entries };
}

function join(separator: GoString, value: GoValue, execution: Execution): GoString {
  const parts = toTexts(value, execution);
  execution.allocate(joinedLength(parts, separator.length));
  return parts.join(separator) as GoString;
}

/** What is a list of texts already stays the same, nil or not. */
function toStrings(value: GoValue, execution: Execution): GoValue {
  const isTexts = value !== null && typeof value === 'object' && value.type === '[]string';
  return isTexts ? value : stringList(toTexts(value, execution));
}

/** JavaScript compares byte strings by their codes, which are the bytes. */
function byBytes(a: GoValue, b: GoValue): number {
  if (a === null || b === null) return 0;
  return a < b ? -1 : Number(a > b);
}

/** As in Go, a list of texts is sorted where it stands; of any other list a sorted copy is made. */
function sortAlpha(value: GoValue, execution: Execution): GoValue {
  const isList = value !== null && typeof value === 'object' && value.kind === 'slice';
  if (!isList) return stringList([toText(value, execution)]);
  execution.spend(value.items.length);
  if (value.type !== '[]string') return stringList(toTexts(value, execution).toSorted(byBytes));
  // The one function that changes a list: the items are ours, readonly only to the others.
  (value.items as GoValue[]).sort(byBytes);
  return value;
}

export const SPLITTING: FunctionTable = new Map([
  ['join', define(['string', 'interface {}'], 'string', ([separator, value], run) => join(separator, value, run))],
  ['sortAlpha', define(['interface {}'], '[]string', ([value], execution) => sortAlpha(value, execution))],
  [
    'split',
    define(['string', 'string'], 'map[string]string', ([separator, text], execution) =>
      numbered(split(text, separator, -1, execution)),
    ),
  ],
  [
    'splitList',
    define(['string', 'string'], '[]string', ([separator, text], execution) =>
      stringList(split(text, separator, -1, execution)),
    ),
  ],
  [
    'splitn',
    define(['string', 'int', 'string'], 'map[string]string', ([separator, limit, text], execution) =>
      numbered(split(text, separator, toNumber(limit), execution)),
    ),
  ],
  ['toStrings', define(['interface {}'], '[]string', ([value], execution) => toStrings(value, execution))],
]);
