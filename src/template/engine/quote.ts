/** Go's quoted strings and characters, as `strconv.Quote` writes them. */

import type { GoString } from '../value.ts';
import { isPrint } from './unicode.ts';
import { decodeRune, encodeRune, MAX_RUNE, RUNE_ERROR } from './utf8.ts';

const SHORT_ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x0c, '\\f'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x09, '\\t'],
  [0x0b, '\\v'],
]);

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

function escapedRune(rune: number, mark: string, asciiOnly: boolean): string {
  if (rune === mark.charCodeAt(0) || rune === 0x5c) return `\\${String.fromCharCode(rune)}`;
  if (asciiOnly ? rune < 0x80 && isPrint(rune) : isPrint(rune)) return encodeRune(rune);
  const short = SHORT_ESCAPES.get(rune);
  if (short !== undefined) return short;
  if (rune < 0x20 || rune === 0x7f) return `\\x${hex(rune, 2)}`;
  return rune < 0x10000 ? `\\u${hex(rune, 4)}` : `\\U${hex(rune, 8)}`;
}

function quoteWith(text: string, asciiOnly: boolean): GoString {
  let quoted = '"';
  for (let at = 0; at < text.length; ) {
    const { rune, size } = decodeRune(text, at);
    const invalid = rune === RUNE_ERROR && size === 1;
    quoted += invalid ? `\\x${hex(text.charCodeAt(at), 2)}` : escapedRune(rune, '"', asciiOnly);
    at += size;
  }
  return `${quoted}"` as GoString;
}

/** As `strconv.Quote`. */
export function quote(text: string): GoString {
  return quoteWith(text, false);
}

/** As `strconv.QuoteToASCII`. */
export function quoteToAscii(text: string): GoString {
  return quoteWith(text, true);
}

/** As `strconv.QuoteRune`; what is no code point is quoted as U+FFFD. */
export function quoteRune(rune: number, asciiOnly: boolean): GoString {
  const valid = rune >= 0 && rune <= MAX_RUNE && !(rune >= 0xd800 && rune <= 0xdfff);
  return `'${escapedRune(valid ? rune : RUNE_ERROR, "'", asciiOnly)}'` as GoString;
}

/** Whether the text stands unchanged between backquotes: valid UTF-8 without control characters other than tab. */
export function canBackquote(text: string): boolean {
  for (let at = 0; at < text.length; ) {
    const { rune, size } = decodeRune(text, at);
    at += size;
    if (size > 1 ? rune === 0xfeff : isUnquotable(rune)) return false;
  }
  return true;
}

function isUnquotable(rune: number): boolean {
  return rune === RUNE_ERROR || (rune < 0x20 && rune !== 0x09) || rune === 0x60 || rune === 0x7f;
}
