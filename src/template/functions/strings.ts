/** Functions that search text, and cut or repeat it, by bytes as Go does. */

import { decodeRune } from '../engine/utf8.ts';
import { type Execution, type FunctionTable, type GoString, TemplateFault } from '../value.ts';
import { define, toNumber } from './declare.ts';

function outOfRange(bounds: string): TemplateFault {
  return new TemplateFault(`runtime error: slice bounds out of range [${bounds}`);
}

/** As `text[start:end]`. @throws TemplateFault as Go panics */
function cut(text: GoString, start: bigint, end: bigint): GoString {
  if (end < 0n) throw outOfRange(`:${end}]`);
  if (end > BigInt(text.length)) throw outOfRange(`:${end}] with length ${text.length}`);
  if (start > end) throw outOfRange(`${start}:${end}]`);
  return text.slice(Number(start), Number(end)) as GoString;
}

function substring(start: bigint, end: bigint, text: GoString): GoString {
  const length = BigInt(text.length);
  if (start < 0n) return cut(text, 0n, end);
  return cut(text, start, end < 0n || end > length ? length : end);
}

function truncate(count: number, text: GoString): GoString {
  if (count >= 0) return text.slice(0, count) as GoString;
  return (text.length + count > 0 ? text.slice(text.length + count) : text) as GoString;
}

/** @throws TemplateFault for a negative count */
export function repeat(text: GoString, count: bigint, execution: Execution): GoString {
  if (count < 0n) throw new TemplateFault('strings: negative Repeat count');
  execution.allocate(text.length * toNumber(count));
  return text.repeat(text === '' ? 0 : toNumber(count)) as GoString;
}

/** Before every rune, and at the end. */
function interleave(text: GoString, inserted: GoString): GoString {
  let result: string = inserted;
  for (let at = 0; at < text.length; ) {
    const { size } = decodeRune(text, at);
    result += text.slice(at, at + size) + inserted;
    at += size;
  }
  return result as GoString;
}

/** As `strings.ReplaceAll`. */
export function replaceAll(text: GoString, old: GoString, replacement: GoString, execution: Execution): GoString {
  if (old === replacement) return text;
  if (old === '') {
    execution.allocate(text.length + (text.length + 1) * replacement.length);
    return interleave(text, replacement);
  }
  const parts = text.split(old);
  execution.allocate(text.length + (parts.length - 1) * (replacement.length - old.length));
  return parts.join(replacement) as GoString;
}

const MARKER = '...';

function abbreviate(text: GoString, offset: number, width: number): GoString {
  if (text.length <= width) return text;
  const kept = width - MARKER.length;
  const start = Math.min(offset, text.length - kept);
  if (start <= 4) return (text.slice(0, kept) + MARKER) as GoString;
  if (start + kept >= text.length) return (MARKER + text.slice(text.length - kept)) as GoString;
  const tail = text.slice(start) as GoString;
  return (MARKER + (kept < 4 ? '' : abbreviate(tail, 0, kept))) as GoString;
}

function abbreviateBoth(left: number, right: number, text: GoString): GoString {
  return right < 4 || (left > 0 && right < 7) ? text : abbreviate(text, left, right);
}

export const STRINGS: FunctionTable = new Map([
  ['abbrev', define(['int', 'string'], 'string', ([width, text]) => abbreviateBoth(0, toNumber(width), text))],
  [
    'abbrevboth',
    define(['int', 'int', 'string'], 'string', ([left, right, text]) =>
      abbreviateBoth(toNumber(left), toNumber(right), text),
    ),
  ],
  ['contains', define(['string', 'string'], 'bool', ([part, text]) => text.includes(part))],
  ['hasPrefix', define(['string', 'string'], 'bool', ([prefix, text]) => text.startsWith(prefix))],
  ['hasSuffix', define(['string', 'string'], 'bool', ([suffix, text]) => text.endsWith(suffix))],
  ['plural', define(['string', 'string', 'int'], 'string', ([one, many, count]) => (count === 1n ? one : many))],
  ['repeat', define(['int', 'string'], 'string', ([count, text], execution) => repeat(text, count, execution))],
  [
    'replace',
    define(['string', 'string', 'string'], 'string', ([old, replacement, text], execution) =>
      replaceAll(text, old, replacement, execution),
    ),
  ],
  ['substr', define(['int', 'int', 'string'], 'string', ([start, end, text]) => substring(start, end, text))],
  ['trunc', define(['int', 'string'], 'string', ([count, text]) => truncate(toNumber(count), text))],
]);
