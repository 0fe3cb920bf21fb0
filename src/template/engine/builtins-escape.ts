/** `html`, `js` and `urlquery`: text made safe for where it stands. */

import { type GoString, goString } from '../value.ts';
import { isPrint } from './unicode.ts';
import { decodeRune } from './utf8.ts';

const HTML: ReadonlyMap<string, string> = new Map([
  ['"', '&#34;'],
  ["'", '&#39;'],
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['\0', goString('\uFFFD')],
]);

export function escapeHtml(text: string): GoString {
  return text.replace(/["'&<>\0]/g, (character) => HTML.get(character) ?? '') as GoString;
}

const JAVASCRIPT: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ["'", "\\'"],
  ['"', '\\"'],
]);

function unicodeEscape(rune: number): string {
  return `\\u${rune.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Characters that print stay; a byte that is no UTF-8 stays too. */
function escapeBeyondAscii(text: string): string {
  let escaped = '';
  for (let at = 0; at < text.length; ) {
    const { rune, size } = decodeRune(text, at);
    escaped += isPrint(rune) ? text.slice(at, at + size) : unicodeEscape(rune);
    at += size;
  }
  return escaped;
}

export function escapeJavaScript(text: string): GoString {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped.
  return text.replace(/[\x80-\xff]+|[\x00-\x1f\\'"<>&=]/g, (found) => {
    if (found >= '\x80') return escapeBeyondAscii(found);
    return JAVASCRIPT.get(found) ?? unicodeEscape(found.charCodeAt(0));
  }) as GoString;
}

export function escapeQuery(text: string): GoString {
  return text.replace(/[^A-Za-z0-9\-_.~]/g, (character) => {
    if (character === ' ') return '+';
    return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  }) as GoString;
}
