/** Replacing as Go's `ReplaceAll` does, with references to groups as its `Expand` reads them: `$1`, `${1}`, `$name`, `$$`. */

import type { Match } from './go-regexp.ts';

/** Text is told by where it stands in the replacement, which may be a decoded form of what is written. */
export type Piece =
  | { readonly kind: 'text'; readonly start: number; readonly end: number }
  | { readonly kind: 'group'; readonly group: number };

/** No such group: it is empty. */
const NO_GROUP = -1;

const NAME = /[\p{L}\p{Nd}_]+/uy;

/** The end of the longest name from here. */
function nameEnd(text: string, start: number): number {
  NAME.lastIndex = start;
  return NAME.test(text) ? NAME.lastIndex : start;
}

/** Numbers with zeros in front are names. */
function groupOf(name: string, groups: ReadonlyMap<string, number>): number {
  if (/^(?:0|[1-9][0-9]{0,8})$/.test(name)) return Number(name);
  return groups.get(name) ?? NO_GROUP;
}

/** @param at after the dollar sign @returns undefined for a dollar sign that refers to nothing */
function readReference(text: string, at: number): { readonly name: string; readonly end: number } | undefined {
  const hasBrace = text[at] === '{';
  const start = hasBrace ? at + 1 : at;
  const end = nameEnd(text, start);
  if (end === start || (hasBrace && text[end] !== '}')) return undefined;
  return { name: text.slice(start, end), end: hasBrace ? end + 1 : end };
}

/** The pieces of a replacement, in order. A reference takes the longest name: `$1x` is the group `1x`. */
export function readReplacement(text: string, groups: ReadonlyMap<string, number>): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (let dollar = text.indexOf('$'); dollar >= 0; dollar = text.indexOf('$', at)) {
    pieces.push({ kind: 'text', start: at, end: dollar });
    at = dollar + 1;
    const reference = readReference(text, at);
    if (reference !== undefined) {
      pieces.push({ kind: 'group', group: groupOf(reference.name, groups) });
      at = reference.end;
    } else {
      pieces.push({ kind: 'text', start: dollar, end: at });
      if (text[at] === '$') at++;
    }
  }
  pieces.push({ kind: 'text', start: at, end: text.length });
  return pieces;
}

/** What stands for one match. `pieces` are those of `replacement`, `match` is one in `text`. */
export function expand(pieces: readonly Piece[], replacement: string, text: string, match: Match): string {
  let expanded = '';
  for (const piece of pieces) {
    if (piece.kind === 'text') {
      expanded += replacement.slice(piece.start, piece.end);
      continue;
    }
    const start = match[2 * piece.group] ?? -1;
    if (piece.group !== NO_GROUP && start >= 0) expanded += text.slice(start, match[2 * piece.group + 1]);
  }
  return expanded;
}

/**
 * `text` with each match replaced; an empty match right after another one is not.
 * @param matches as `findForReplacement` gives them
 * @param grown told how long the result has become
 */
export function replaceMatches(
  text: string,
  matches: readonly Match[],
  replacementOf: (match: Match) => string,
  grown: (length: number) => void,
): string {
  let result = '';
  let at = 0;
  for (const match of matches) {
    const [start = 0, end = 0] = match;
    result += text.slice(at, start);
    if (end > at || start === 0) result += replacementOf(match);
    at = end;
    grown(result.length);
  }
  return result + text.slice(at);
}
