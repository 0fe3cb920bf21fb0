/** Reads Go's string and character literals, as `strconv.Unquote` does. */

import { decodeRune, encodeRune } from './utf8.ts';

const SIMPLE_ESCAPES: ReadonlyMap<string, number> = new Map([
  ['a', 0x07],
  ['b', 0x08],
  ['f', 0x0c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['v', 0x0b],
  ['\\', 0x5c],
]);

/** Hexadecimal digits of each escape. */
const HEX_ESCAPES: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

interface ReadCharacter {
  readonly value: number;
  /** A byte such as `\xff`, rather than a character. */
  readonly isByte: boolean;
  readonly end: number;
}

function isScalar(rune: number): boolean {
  return rune <= 0x10ffff && !(rune >= 0xd800 && rune <= 0xdfff);
}

function readHex(text: string, at: number, length: number): ReadCharacter | undefined {
  const digits = text.slice(at, at + length);
  if (digits.length < length || !/^[0-9a-fA-F]+$/.test(digits)) return undefined;
  const value = Number.parseInt(digits, 16);
  const isByte = length === 2;
  return isByte || isScalar(value) ? { value, isByte, end: at + length } : undefined;
}

function readOctal(text: string, at: number): ReadCharacter | undefined {
  const digits = text.slice(at, at + 3);
  if (!/^[0-7]{3}$/.test(digits)) return undefined;
  const value = Number.parseInt(digits, 8);
  return value <= 255 ? { value, isByte: true, end: at + 3 } : undefined;
}

/** The backslash is read. */
function readEscape(text: string, at: number, mark: string): ReadCharacter | undefined {
  const letter = text[at] ?? '';
  const simple = letter === mark ? letter.charCodeAt(0) : SIMPLE_ESCAPES.get(letter);
  if (simple !== undefined) return { value: simple, isByte: true, end: at + 1 };
  const length = HEX_ESCAPES.get(letter);
  return length === undefined ? readOctal(text, at) : readHex(text, at + 1, length);
}

function readCharacter(text: string, at: number, mark: string): ReadCharacter | undefined {
  if (at >= text.length || text[at] === mark) return undefined;
  if (text[at] === '\\') return readEscape(text, at + 1, mark);
  const { rune, size } = decodeRune(text, at);
  return { value: rune, isByte: rune < 0x80, end: at + size };
}

/**
 * @param literal with its quotation marks, which are a pair of `"` or of backquotes
 * @returns undefined for an escape that does not exist
 */
export function unquote(literal: string): string | undefined {
  const body = literal.slice(1, -1);
  if (literal.startsWith('`')) return body.replaceAll('\r', '');
  if (!body.includes('\\')) return body;
  let text = '';
  for (let at = 0; at < body.length; ) {
    const read = readCharacter(body, at, '"');
    if (read === undefined) return undefined;
    text += read.isByte ? String.fromCharCode(read.value) : encodeRune(read.value);
    at = read.end;
  }
  return text;
}

export interface CharacterLiteral {
  readonly rune: number;
  /** Nothing stands between the character and the closing mark. */
  readonly isWhole: boolean;
}

/** @returns undefined for an empty literal, or an escape that does not exist */
export function unquoteCharacter(literal: string): CharacterLiteral | undefined {
  const read = readCharacter(literal, 1, "'");
  return read === undefined ? undefined : { rune: read.value, isWhole: read.end === literal.length - 1 };
}
