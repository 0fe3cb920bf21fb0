/** Functions that change the case of letters, or tell words by them. */

import { isDigit, isLetter } from '../engine/unicode.ts';
import { encodeRune } from '../engine/utf8.ts';
import type { FunctionTable, GoString } from '../value.ts';
import { define } from './declare.ts';
import { isLower, isSpace, isTitle, isUpper, toLower, toTitle, toUpper } from './letters.ts';
import { isAscii, mapRunes } from './runes.ts';

function upper(text: GoString): GoString {
  return isAscii(text) ? (text.toUpperCase() as GoString) : mapRunes(text, toUpper);
}

function lower(text: GoString): GoString {
  return isAscii(text) ? (text.toLowerCase() as GoString) : mapRunes(text, toLower);
}

/** What words end at, for `title`: all of ASCII that is no name, and space. */
function isSeparator(rune: number): boolean {
  if (rune === 0x5f || isLetter(rune) || isDigit(rune)) return false;
  return rune < 0x80 || isSpace(rune);
}

function title(text: GoString): GoString {
  let previous = 0x20;
  return mapRunes(text, (rune) => {
    const changed = isSeparator(previous) ? toTitle(rune) : rune;
    previous = rune;
    return changed;
  });
}

function untitle(text: GoString): GoString {
  let startsWord = true;
  return mapRunes(text, (rune) => {
    const isGap = isSpace(rune);
    const changed = startsWord && !isGap ? toLower(rune) : rune;
    startsWord = isGap;
    return changed;
  });
}

function swapCase(text: GoString): GoString {
  let startsWord = true;
  return mapRunes(text, (rune) => {
    const wasStart = startsWord;
    const isLowerCase = isLower(rune);
    const hasCase = isLowerCase || isUpper(rune) || isTitle(rune);
    startsWord = !hasCase && isSpace(rune);
    if (!hasCase) return rune;
    if (!isLowerCase) return toLower(rune);
    return wasStart ? toTitle(rune) : toUpper(rune);
  });
}

/** Sprig's quirk: bytes are taken for characters of Latin-1, both to tell spaces and in the result. */
function bytesAsRunes(text: GoString): number[] {
  return Array.from(text, (char) => char.charCodeAt(0));
}

function withoutSpace(text: GoString): GoString {
  const kept = bytesAsRunes(text).filter((rune) => !isSpace(rune));
  return kept.length === text.length ? text : (kept.map(encodeRune).join('') as GoString);
}

function initials(text: GoString): GoString {
  let result = '';
  let followsGap = true;
  for (const rune of bytesAsRunes(text)) {
    const isGap = isSpace(rune);
    if (followsGap && !isGap) result += encodeRune(rune);
    followsGap = isGap;
  }
  return result as GoString;
}

export const CASE: FunctionTable = new Map([
  ['initials', define(['string'], 'string', ([text]) => initials(text))],
  ['lower', define(['string'], 'string', ([text]) => lower(text))],
  ['nospace', define(['string'], 'string', ([text]) => withoutSpace(text))],
  ['swapcase', define(['string'], 'string', ([text]) => swapCase(text))],
  ['title', define(['string'], 'string', ([text]) => title(text))],
  ['untitle', define(['string'], 'string', ([text]) => untitle(text))],
  ['upper', define(['string'], 'string', ([text]) => upper(text))],
]);
