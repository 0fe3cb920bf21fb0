/** Byte strings as lists of code points, and back. Bytes that are not UTF-8 are U+FFFD, one each, as in Go. */

import { decodeRune, encodeRune } from '../engine/utf8.ts';
import type { GoString } from '../value.ts';

const NOT_ASCII = /[\x80-\xff]/;

export function isAscii(text: GoString): boolean {
  return !NOT_ASCII.test(text);
}

/** As `[]rune(s)`. */
export function runesOf(text: GoString): number[] {
  const runes: number[] = [];
  for (let at = 0; at < text.length; ) {
    const { rune, size } = decodeRune(text, at);
    runes.push(rune);
    at += size;
  }
  return runes;
}

/** As `string(runes)`. */
export function fromRunes(runes: readonly number[]): GoString {
  let text = '';
  for (const rune of runes) text += encodeRune(rune);
  return text as GoString;
}

/** As JavaScript text, where Go would range over the runes. */
export function toWellFormedText(text: GoString): string {
  if (isAscii(text)) return text;
  let decoded = '';
  for (const rune of runesOf(text)) decoded += String.fromCodePoint(rune);
  return decoded;
}

/** Applies a mapping to each rune, as `strings.Map`. */
export function mapRunes(text: GoString, map: (rune: number) => number): GoString {
  return fromRunes(runesOf(text).map(map));
}
