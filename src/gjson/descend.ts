/** Goes from member to member and from element to element, and into those that the path names. */

import { ArrayQuery, eachElement } from './array-query.ts';
import { textBetweenQuotes } from './json-string.ts';
import { type ArrayPart, arrayPart, type ObjectPart, objectPart, type Rest } from './path-part.ts';
import { resultAt } from './result.ts';
import { elementStart, stringEnd, valueEnd, valueStart } from './scan.ts';
import type { Search } from './search.ts';
import { find, passPart, type Walk } from './walk.ts';
import { matchesWildcards } from './wildcard.ts';

/** @param at behind the opening bracket @returns where it ended: beyond the text's end in a string that has none */
type Descent = (walk: Walk, at: number, path: string) => number;

/** Over a value. The value is shown to `look`, unless it is a string that does not end. */
function pass({ json }: Walk, start: number, look?: (end: number) => void): number {
  const end = valueEnd(json, start);
  if (end === -1) return json.length + 1;
  look?.(end);
  return end;
}

/** Into what the path names: it is what was searched for, or the walk goes on inside. */
function enter(walk: Walk, start: number, rest: Rest): number {
  const { json, search } = walk;
  if (rest.kind !== 'inside') return pass(walk, start, (end) => find(walk, resultAt(json, start, end)));
  if (json[start] === '{') return search.effort.within(() => descendObject(walk, start + 1, rest.path));
  if (json[start] === '[') return search.effort.within(() => descendArray(walk, start + 1, rest.path));
  return pass(walk, start);
}

interface Member {
  /** Between the quotes. */
  readonly rawKey: string;
  readonly valueStart: number;
}

/** The member that begins next, or where the object ends. */
function memberAfter(json: string, from: number): Member | number {
  let at = from;
  while (at < json.length && json[at] !== '"' && json[at] !== '}') at += 1;
  if (json[at] === '}') return at + 1;
  const keyEnd = at < json.length ? stringEnd(json, at + 1) : -1;
  if (keyEnd === -1) return json.length;
  const start = valueStart(json, keyEnd);
  return start === json.length ? start : { rawKey: json.slice(at + 1, keyEnd - 1), valueStart: start };
}

function names(part: ObjectPart, { rawKey }: Member, { effort }: Search): boolean {
  const key = textBetweenQuotes(rawKey);
  return part.isWild ? matchesWildcards(key, part.name, effort) : key === part.name;
}

export const descendObject: Descent = (walk, at, path) => {
  const { json, search } = walk;
  const part = objectPart(path);
  passPart(walk, path, part.rest);
  let end = at;
  while (end < json.length) {
    const member = memberAfter(json, end);
    if (typeof member === 'number') return member;
    const isNamed = names(part, member, search);
    end = isNamed ? enter(walk, member.valueStart, part.rest) : pass(walk, member.valueStart);
    if (walk.isFound) return end;
  }
  return end;
};

/** What the elements give together. */
function finish(walk: Walk, part: ArrayPart, query: ArrayQuery | undefined, starts: readonly number[]): void {
  if (part.kind === 'count') find(walk, { kind: 'number', raw: String(starts.length - 1) });
  if (part.kind === 'each') find(walk, eachElement(walk, part.path, starts));
  query?.finish();
}

/** The end of the text closes an array too. */
export const descendArray: Descent = (walk, at, path) => {
  const { json } = walk;
  const part = arrayPart(path);
  passPart(walk, path, part.rest);
  const query = part.kind === 'query' ? new ArrayQuery(walk, part) : undefined;
  const look = query && ((start: number, end: number) => query.look(resultAt(json, start, end)));
  const starts: number[] = [];
  let end = at;
  while (end <= json.length && !walk.isFound) {
    starts.push(end);
    const start = elementStart(json, end);
    if (start === json.length || json[start] === ']') {
      finish(walk, part, query, starts);
      return start + 1;
    }
    const isNamed = part.kind === 'index' && part.index === starts.length - 1;
    end = isNamed ? enter(walk, start, part.rest) : pass(walk, start, look && ((to) => look(start, to)));
  }
  return end;
};
