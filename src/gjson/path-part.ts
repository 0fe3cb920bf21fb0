/** A path, one part at a time. What a part means depends on whether an object or an array is met. */

import { MODIFIER_NAMES } from './modifier-names.ts';
import { tokenEnd } from './path-token.ts';
import { type Query, readQuery, UNENDED } from './query.ts';
import { quotedOrNestedEnd } from './scan.ts';

/** What comes after a part. A pipe takes the result as a new text; a dot goes on inside. */
export type Rest =
  | { readonly kind: 'end' }
  | { readonly kind: 'inside'; readonly path: string }
  | { readonly kind: 'pipe'; readonly path: string };

const END: Rest = { kind: 'end' };

/** Whether what follows a dot is no key, so that the dot means a pipe. */
function beginsNoKey(path: string): boolean {
  if (path.startsWith('[') || path.startsWith('{')) return true;
  if (!path.startsWith('@')) return false;
  const name = /^@([^.|:]*)/.exec(path)?.[1];
  return MODIFIER_NAMES.some((known) => known === name);
}

/** @param at where the part ends: at a dot, a pipe, or the path's end */
function restAt(path: string, at: number): Rest {
  if (at >= path.length) return END;
  const rest = path.slice(at + 1);
  return { kind: path[at] === '|' || beginsNoKey(rest) ? 'pipe' : 'inside', path: rest };
}

export interface ObjectPart {
  /** Without the backslashes that escaped. */
  readonly name: string;
  readonly isWild: boolean;
  readonly rest: Rest;
}

export function objectPart(path: string): ObjectPart {
  let name = '';
  let isWild = false;
  let at = 0;
  for (; at < path.length && path[at] !== '.' && path[at] !== '|'; at += 1) {
    if (path[at] === '\\') at += 1;
    else isWild ||= path[at] === '*' || path[at] === '?';
    name += path.charAt(at);
  }
  return { name, isWild, rest: restAt(path, at) };
}

export type ArrayPart = {
  readonly rest: Rest;
} & (
  | { readonly kind: 'index'; readonly index: number }
  /** `#` alone. */
  | { readonly kind: 'count' }
  /** `#.path`: what it finds in each element. */
  | { readonly kind: 'each'; readonly path: string }
  | { readonly kind: 'query'; readonly query: Query; readonly all: boolean }
  /** A name, which no element has. */
  | { readonly kind: 'none' }
);

export type QueryPart = Extract<ArrayPart, { readonly kind: 'query' }>;

/** As Go's integers are, which go round at 2^64. */
function indexOf(digits: string): number {
  return digits.length < 16 ? Number(digits) : Number(BigInt.asUintN(64, BigInt(digits)));
}

function nameEnd(path: string, from: number): number {
  const length = path.slice(from).search(/[.|]/);
  return length === -1 ? path.length : from + length;
}

function queryPart(path: string): ArrayPart {
  const read = readQuery(path);
  if (read === undefined) return { kind: 'query', query: UNENDED, all: false, rest: END };
  const end = nameEnd(path, read.end);
  const rest = restOfHash(path, end);
  return { kind: 'query', query: read.query, all: path[read.end] === '#', rest };
}

/** Behind a part with a hash a dot is never a pipe. */
function restOfHash(path: string, at: number): Rest {
  if (at >= path.length) return END;
  return { kind: path[at] === '|' ? 'pipe' : 'inside', path: path.slice(at + 1) };
}

export function arrayPart(path: string): ArrayPart {
  if (path.startsWith('#(') || path.startsWith('#[')) return queryPart(path);
  const end = nameEnd(path, 0);
  const name = path.slice(0, end);
  if (path.startsWith('#.')) return { kind: 'each', path: path.slice(2), rest: restOfHash(path, 1) };
  if (name === '#') return { kind: 'count', rest: restOfHash(path, end) };
  if (name.includes('#')) return { kind: 'none', rest: restOfHash(path, end) };
  const rest = restAt(path, end);
  return /^\d+$/.test(name) ? { kind: 'index', index: indexOf(name), rest } : { kind: 'none', rest };
}

/** Behind the query, or the character, that follows a dot and a hash. @param at where that begins */
function hashEnd(path: string, at: number): number {
  const opening = path[at];
  if (opening !== '(' && opening !== '[') return at + 1;
  const closing = opening === '(' ? ')' : ']';
  let depth = 1;
  for (let i = at + 1; i < path.length; i = tokenEnd(path, i)) {
    if (path[i] === opening) depth += 1;
    if (path[i] === closing) depth -= 1;
    if (depth === 0) return i + 1;
  }
  return path.length;
}

/** The first pipe that is in no query; -1 without one, and where gjson overlooks it. */
function pipeIn(path: string): number {
  if (path.startsWith('{')) {
    const end = quotedOrNestedEnd(path, 1);
    return path[end] === '|' ? end : -1;
  }
  for (let at = 0; at < path.length; ) {
    if (path[at] === '|') return at;
    if (path.startsWith('.#', at)) at = hashEnd(path, at + 2);
    else at += path[at] === '\\' ? 2 : 1;
  }
  return -1;
}

/** What stands before and behind the first pipe of a path for each element of an array. */
export function splitAtPipe(path: string): { readonly before: string; readonly behind: string } | undefined {
  const at = path.includes('|') ? pipeIn(path) : -1;
  return at === -1 ? undefined : { before: path.slice(0, at), behind: path.slice(at + 1) };
}
