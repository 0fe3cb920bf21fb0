/**
 * Functions for base64, base32 and hexadecimal text. Sprig's decoders never fail: what is wrong with the text is their
 * value, in the words of Go's library, which manifests may rely on.
 */

import { isPrint } from '../engine/unicode.ts';
import { bytesToGo, type FunctionTable, type GoString, goString, goToBytes } from '../value.ts';
import { define } from './declare.ts';

const BASE64_CHARACTER = /[A-Za-z0-9+/]/;
const BASE32_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const PADDING = '=';
const HEX_CHARACTER = /[0-9A-Fa-f]/;

function isLineEnd(char: string | undefined): boolean {
  return char === '\n' || char === '\r';
}

function afterLineEnds(text: string, start: number): number {
  let at = start;
  while (isLineEnd(text[at])) at++;
  return at;
}

/** @param at after the first padding character of a group that has `count` characters before it */
function paddingFault(text: string, at: number, count: number): number | undefined {
  if (count < 2) return at - 1;
  let end = at;
  if (count === 2) {
    end = afterLineEnds(text, at);
    if (end === text.length) return end;
    if (text[end] !== PADDING) return end - 1;
    end++;
  }
  end = afterLineEnds(text, end);
  return end < text.length ? end : undefined;
}

/** Where Go's decoder stops; undefined for text that it takes. */
function base64Fault(text: string): number | undefined {
  let count = 0;
  for (let at = 0; at < text.length; ) {
    const char = text[at++] ?? '';
    if (isLineEnd(char)) continue;
    if (char === PADDING) return paddingFault(text, at, count);
    if (!BASE64_CHARACTER.test(char)) return at - 1;
    count = (count + 1) % 4;
  }
  return count === 0 ? undefined : text.length - count;
}

function decodeBase64(text: GoString): GoString {
  const fault = base64Fault(text);
  if (fault !== undefined) return goString(`illegal base64 data at input byte ${fault}`);
  return bytesToGo(Buffer.from(text, 'base64'));
}

function encodeBase32(text: GoString): GoString {
  let encoded = '';
  let bits = 0;
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    bits = ((bits & 0x1f) << 8) | text.charCodeAt(at);
    for (count += 8; count >= 5; count -= 5) encoded += BASE32_ALPHABET[(bits >> (count - 5)) & 31];
  }
  if (count > 0) encoded += BASE32_ALPHABET[(bits << (5 - count)) & 31];
  return encoded.padEnd(Math.ceil(text.length / 5) * 8, PADDING) as GoString;
}

interface Base32Group {
  readonly values: readonly number[];
  readonly next: number;
  /** Padding ends the text, whatever follows it. */
  readonly isLast: boolean;
}

/** @param at of the first padding character @returns where the fault is */
function base32PaddingFault(text: string, at: number, count: number): number | undefined {
  const rest = text.length - at - 1;
  if (rest + count < 7) return text.length;
  for (let k = 0; k < 7 - count; k++) {
    if (k < rest && text[at + 1 + k] !== PADDING) return at + k;
  }
  return count === 3 || count === 6 ? at : undefined;
}

function base32Group(text: string, start: number): Base32Group | number {
  const values: number[] = [];
  let at = start;
  for (; values.length < 8; at++) {
    const char = text[at];
    if (char === undefined) return text.length - values.length;
    if (char === PADDING && values.length >= 2 && text.length - at <= 8) {
      return base32PaddingFault(text, at, values.length) ?? { values, next: text.length, isLast: true };
    }
    const value = BASE32_ALPHABET.indexOf(char);
    if (value < 0) return at;
    values.push(value);
  }
  return { values, next: at, isLast: false };
}

function bytesOfGroup(values: readonly number[]): string {
  let bytes = '';
  let bits = 0;
  let count = 0;
  for (const value of values) {
    bits = ((bits & 0xff) << 5) | value;
    count += 5;
    if (count < 8) continue;
    count -= 8;
    bytes += String.fromCharCode((bits >> count) & 0xff);
  }
  return bytes;
}

function decodeBase32(text: GoString): GoString {
  const encoded = text.replaceAll(/[\r\n]/g, '');
  let decoded = '';
  for (let at = 0; at < encoded.length; ) {
    const group = base32Group(encoded, at);
    if (typeof group === 'number') return goString(`illegal base32 data at input byte ${group}`);
    decoded += bytesOfGroup(group.values);
    if (group.isLast) break;
    at = group.next;
  }
  return decoded as GoString;
}

/** As `%#U`: the code point, and the character where it can be printed. */
function codePoint(char: string): string {
  const code = char.charCodeAt(0);
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return isPrint(code) ? `${name} '${goString(char)}'` : name;
}

function decodeHex(text: GoString): GoString {
  for (const char of text) {
    if (!HEX_CHARACTER.test(char)) return `encoding/hex: invalid byte: ${codePoint(char)}` as GoString;
  }
  if (text.length % 2 === 1) return goString('encoding/hex: odd length hex string');
  return bytesToGo(Buffer.from(text, 'hex'));
}

export const ENCODING: FunctionTable = new Map([
  ['b32dec', define(['string'], 'string', ([text]) => decodeBase32(text))],
  ['b32enc', define(['string'], 'string', ([text]) => encodeBase32(text))],
  ['b64dec', define(['string'], 'string', ([text]) => decodeBase64(text))],
  ['b64enc', define(['string'], 'string', ([text]) => goString(Buffer.from(goToBytes(text)).toString('base64')))],
  ['hexdec', define(['string'], 'string', ([text]) => decodeHex(text))],
]);
