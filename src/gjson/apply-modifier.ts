/** A modifier or a literal at the beginning of a path. */

import { MODIFIER_NAMES, type ModifierName } from './modifier-names.ts';
import { MODIFIERS } from './modifiers.ts';
import { nestedEnd, quotedOrNestedEnd } from './scan.ts';
import type { Search } from './search.ts';

/** The text with which the path goes on, and what is left of the path. */
export interface NewText {
  readonly json: string;
  readonly rest: string;
}

function isModifierName(name: string): name is ModifierName {
  return MODIFIER_NAMES.some((known) => known === name);
}

/** A JSON value, or anything up to a pipe that stands in no brackets. */
function argumentEnd(path: string, from: number): number {
  if ('{["'.includes(path.charAt(from))) return from < path.length ? quotedOrNestedEnd(path, from) : from;
  let at = from;
  while (at < path.length && path[at] !== '|') {
    at = '{["('.includes(path.charAt(at)) ? quotedOrNestedEnd(path, at) : at + 1;
  }
  return at;
}

/** Undefined for what is no modifier. @param path begins with `@` */
export function applyModifier(json: string, path: string, search: Search): NewText | undefined {
  const name = /^@([^:|.]*)/.exec(path)?.[1] ?? '';
  if (!isModifierName(name)) return undefined;
  const nameEnd = 1 + name.length;
  const start = path[nameEnd] === ':' ? nameEnd + 1 : nameEnd;
  const end = path[nameEnd] === ':' ? argumentEnd(path, start) : start;
  search.effort.spendOnSyntax(end);
  search.effort.spend(json.length);
  return { json: MODIFIERS[name](json, path.slice(start, end), search), rest: path.slice(end) };
}

const LITERAL_WORD = /^(?:true|false|null|nan|inf)$/i;

/**
 * Undefined for what is no literal. A string or number goes on to a bracket that closes more than were opened, which
 * usually is the end of the path. @param path begins with `!`
 */
export function literalAt(path: string, { effort }: Search): NewText | undefined {
  if (/^![{["+\-0-9]/.test(path)) {
    const end = nestedEnd(path, 1);
    effort.spendOnSyntax(end);
    return { json: path.slice(1, end), rest: path.slice(end) };
  }
  const word = /^!([^|.]*)/.exec(path)?.[1] ?? '';
  return LITERAL_WORD.test(word) ? { json: word, rest: path.slice(1 + word.length) } : undefined;
}
