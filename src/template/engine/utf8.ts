/** UTF-8 in byte strings, decoded as Go does: each byte that starts no valid sequence is U+FFFD of width one. */

import type { GoString } from '../value.ts';

export const RUNE_ERROR = 0xfffd;
export const MAX_RUNE = 0x10ffff;

export interface DecodedRune {
  readonly rune: number;
  /** Bytes it takes; 0 at the end of the string. */
  readonly size: number;
}

const AT_END: DecodedRune = { rune: RUNE_ERROR, size: 0 };
const INVALID: DecodedRune = { rune: RUNE_ERROR, size: 1 };

function sequenceLength(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 1;
}

/** The second byte's range rules out overlong forms, surrogates and what is above U+10FFFF. */
function isSecondByte(lead: number, second: number): boolean {
  if (lead === 0xe0) return second >= 0xa0 && second <= 0xbf;
  if (lead === 0xed) return second >= 0x80 && second <= 0x9f;
  if (lead === 0xf0) return second >= 0x90 && second <= 0xbf;
  if (lead === 0xf4) return second >= 0x80 && second <= 0x8f;
  return second >= 0x80 && second <= 0xbf;
}

export function decodeRune(text: string, at: number): DecodedRune {
  if (at >= text.length) return AT_END;
  const lead = text.charCodeAt(at);
  if (lead < 0x80) return { rune: lead, size: 1 };
  const size = sequenceLength(lead);
  if (size === 1 || at + size > text.length || !isSecondByte(lead, text.charCodeAt(at + 1))) return INVALID;
  let rune = lead & (0xff >> (size + 1));
  for (let i = 1; i < size; i++) {
    const next = text.charCodeAt(at + i);
    if (next < 0x80 || next > 0xbf) return INVALID;
    rune = (rune << 6) | (next & 0x3f);
  }
  return { rune, size };
}

/** What is no code point of its own becomes U+FFFD. */
export function encodeRune(rune: number): GoString {
  const valid = rune >= 0 && rune <= MAX_RUNE && !(rune >= 0xd800 && rune <= 0xdfff);
  const code = valid ? rune : RUNE_ERROR;
  if (code < 0x80) return String.fromCharCode(code) as GoString;
  return Buffer.from(String.fromCodePoint(code), 'utf8').toString('latin1') as GoString;
}

export function runeCount(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; count++) at += decodeRune(text, at).size;
  return count;
}

/** The bytes of the first `count` runes. */
export function firstRunes(text: string, count: number): string {
  let at = 0;
  for (let i = 0; i < count && at < text.length; i++) at += decodeRune(text, at).size;
  return text.slice(0, at);
}
