/** The texts of JSON strings, as gjson reads and writes them. Each character is a byte, as everywhere in this room. */

import { isRune, RUNE_ERROR, RUNES } from './runes.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

export interface Unescaped {
  readonly text: string;
  /** False when it ends early: at a wrong escape, or a control character. */
  readonly isWhole: boolean;
}

/** What stands for itself: neither a backslash nor a control character. */
const PLAIN = /[ -[\]-\xff]*/y;

function hexadecimal(digits: string): number {
  return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : 0;
}

interface Character {
  readonly bytes: string;
  /** Behind the escape. */
  readonly end: number;
}

/** `\uXXXX`, or two of them that are a pair. Half a pair is U+FFFD; what follows it belongs to it all the same. */
function codePoint(text: string, at: number): Character {
  const first = hexadecimal(text.slice(at + 2, at + 6));
  const isHalf = first >= 0xd800 && first <= 0xdfff;
  const hasSecond = isHalf && text.startsWith('\\u', at + 6) && at + 12 <= text.length;
  const units = hasSecond ? [first, hexadecimal(text.slice(at + 8, at + 12))] : [first];
  const character = String.fromCharCode(...units);
  // Of what is not well-formed Node makes one U+FFFD for each half, Go one for both.
  const bytes = character.isWellFormed() ? Buffer.from(character, 'utf8').toString('latin1') : RUNE_ERROR;
  return { bytes, end: at + (hasSecond ? 12 : 6) };
}

/** Undefined for what is no escape. */
function escapeAt(text: string, at: number): Character | undefined {
  if (text[at] !== '\\') return undefined;
  const letter = text.charAt(at + 1);
  if (letter === 'u') return at + 6 <= text.length ? codePoint(text, at) : undefined;
  const bytes = ESCAPES[letter];
  return bytes === undefined ? undefined : { bytes, end: at + 2 };
}

/** @param text between the quotes */
export function unescaped(text: string): Unescaped {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; ) {
    PLAIN.lastIndex = at;
    const plain = PLAIN.exec(text)?.[0] ?? '';
    pieces.push(plain);
    at += plain.length;
    if (at === text.length) break;
    const escaped = escapeAt(text, at);
    if (escaped === undefined) return { text: pieces.join(''), isWhole: false };
    pieces.push(escaped.bytes);
    at = escaped.end;
  }
  return { text: pieces.join(''), isWhole: true };
}

/** As gjson has it: a text without a backslash is taken as it is, control characters included. */
export function textBetweenQuotes(text: string): string {
  return text.includes('\\') ? unescaped(text).text : text;
}

const WRITTEN: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\xe2\x80\xa8': '\\u2028',
  '\xe2\x80\xa9': '\\u2029',
};

function written(rune: string): string {
  const known = WRITTEN[rune];
  if (known !== undefined) return known;
  if (rune < ' ' || '<>&'.includes(rune)) return `\\u${rune.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return isRune(rune) ? rune : '\\ufffd';
}

/** As a JSON string, with what HTML knows escaped. */
export function quoted(text: string): string {
  return `"${text.replace(/[^ !#-%'-;=?-[\]-\x7f]+/g, (special) => special.replace(RUNES, written))}"`;
}
