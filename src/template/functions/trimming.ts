/** Functions that take characters off the ends of a text. */

import { decodeRune } from '../engine/utf8.ts';
import type { FunctionTable, GoFunction, GoString } from '../value.ts';
import { define } from './declare.ts';
import { isSpace } from './letters.ts';
import { runesOf } from './runes.ts';

/** The last rune's first byte: the longest valid sequence that ends here, else one byte. */
function lastRuneStart(text: GoString, end: number): number {
  for (let size = 4; size > 1; size--) {
    const start = end - size;
    if (start >= 0 && decodeRune(text, start).size === size) return start;
  }
  return end - 1;
}

function trimRunes(text: GoString, isTrimmed: (rune: number) => boolean): GoString {
  let start = 0;
  while (start < text.length) {
    const { rune, size } = decodeRune(text, start);
    if (!isTrimmed(rune)) break;
    start += size;
  }
  let end = text.length;
  while (end > start) {
    const last = lastRuneStart(text, end);
    if (!isTrimmed(decodeRune(text.slice(last, end), 0).rune)) break;
    end = last;
  }
  return text.slice(start, end) as GoString;
}

/** As `strings.TrimSpace`. */
function trimSpace(text: GoString): GoString {
  return trimRunes(text, isSpace);
}

function withoutSuffix(suffix: GoString, text: GoString): GoString {
  return text.endsWith(suffix) ? (text.slice(0, text.length - suffix.length) as GoString) : text;
}

function withoutPrefix(prefix: GoString, text: GoString): GoString {
  return text.startsWith(prefix) ? (text.slice(prefix.length) as GoString) : text;
}

const trimAll: GoFunction = define(['string', 'string'], 'string', ([cutset, text]) => {
  const runes = new Set(runesOf(cutset));
  return trimRunes(text, (rune) => runes.has(rune));
});

export const TRIMMING: FunctionTable = new Map([
  ['trim', define(['string'], 'string', ([text]) => trimSpace(text))],
  ['trimAll', trimAll],
  ['trimall', trimAll],
  ['trimPrefix', define(['string', 'string'], 'string', ([prefix, text]) => withoutPrefix(prefix, text))],
  ['trimSuffix', define(['string', 'string'], 'string', ([suffix, text]) => withoutSuffix(suffix, text))],
]);
