/** Replacements with references to groups, as Go's `Regexp.Expand` reads them: `$1`, `${1}`, `$name`, `$$`. */

import { isDigit, isLetter } from '../engine/unicode.ts';
import { decodeRune } from '../engine/utf8.ts';
import { type GoString, goToText } from '../value.ts';
import type { Match } from './regexp.ts';

type Piece = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'group'; readonly group: number };

/** No such group: it is empty. */
const NO_GROUP = -1;

/** The end of the longest name from here. */
function nameEnd(text: GoString, start: number): number {
  let at = start;
  while (at < text.length) {
    const { rune, size } = decodeRune(text, at);
    if (rune !== 0x5f && !isLetter(rune) && !isDigit(rune)) break;
    at += size;
  }
  return at;
}

/** Numbers with zeros in front are names. */
function groupOf(name: string, groups: ReadonlyMap<string, number>): number {
  if (/^(?:0|[1-9][0-9]{0,8})$/.test(name)) return Number(name);
  return groups.get(goToText(name as GoString)) ?? NO_GROUP;
}

/** @param at after the dollar sign @returns undefined for a dollar sign that refers to nothing */
function readReference(text: GoString, at: number): { readonly name: string; readonly end: number } | undefined {
  const hasBrace = text[at] === '{';
  const start = hasBrace ? at + 1 : at;
  const end = nameEnd(text, start);
  if (end === start || (hasBrace && text[end] !== '}')) return undefined;
  return { name: text.slice(start, end), end: hasBrace ? end + 1 : end };
}

export function readReplacement(text: GoString, groups: ReadonlyMap<string, number>): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (let dollar = text.indexOf('$'); dollar >= 0; dollar = text.indexOf('$', at)) {
    pieces.push({ kind: 'text', text: text.slice(at, dollar) });
    at = dollar + 1;
    const reference = readReference(text, at);
    if (reference !== undefined) {
      pieces.push({ kind: 'group', group: groupOf(reference.name, groups) });
      at = reference.end;
    } else {
      pieces.push({ kind: 'text', text: '$' });
      if (text[at] === '$') at++;
    }
  }
  pieces.push({ kind: 'text', text: text.slice(at) });
  return pieces;
}

export function expand(pieces: readonly Piece[], text: GoString, match: Match): string {
  let expanded = '';
  for (const piece of pieces) {
    if (piece.kind === 'text') {
      expanded += piece.text;
      continue;
    }
    const start = match[2 * piece.group] ?? -1;
    if (piece.group !== NO_GROUP && start >= 0) expanded += text.slice(start, match[2 * piece.group + 1]);
  }
  return expanded;
}
