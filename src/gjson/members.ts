/** The members of an object and the elements of an array, as gjson's `ForEach` gives them. */

import type { Effort } from './effort.ts';
import { textBetweenQuotes } from './json-string.ts';
import { type Result, resultAt } from './result.ts';
import { stringEnd, valueEnd, valueStart } from './scan.ts';

export interface Member {
  readonly key: string;
  /** In quotes. */
  readonly rawKey: string;
  readonly value: Result;
}

/** The value that begins next, and where it ends; undefined when there is none, or a string that does not end. */
export function nextValue(json: string, from: number): { readonly value: Result; readonly end: number } | undefined {
  const start = valueStart(json, from);
  const end = start < json.length ? valueEnd(json, start) : -1;
  return end === -1 ? undefined : { value: resultAt(json, start, end), end };
}

/** What stands in the text behind the array is read too, as gjson does. @param json begins with the opening bracket */
export function elementsOf(json: string, effort: Effort): readonly Result[] {
  effort.spend(json.length);
  const elements: Result[] = [];
  for (let next = nextValue(json, 1); next !== undefined; next = nextValue(json, next.end + 1))
    elements.push(next.value);
  effort.spend(0, elements.length);
  return elements;
}

/** The member that begins next; undefined when there is none, or one that does not end. */
function nextMember(json: string, from: number): (Member & { readonly end: number }) | undefined {
  const start = json.indexOf('"', from);
  const keyEnd = start === -1 ? -1 : stringEnd(json, start + 1);
  const next = keyEnd === -1 ? undefined : nextValue(json, keyEnd);
  if (next === undefined) return undefined;
  const rawKey = json.slice(start, keyEnd);
  return { key: textBetweenQuotes(rawKey.slice(1, -1)), rawKey, value: next.value, end: next.end };
}

/** @param json begins with the opening brace */
export function membersOf(json: string, effort: Effort): readonly Member[] {
  effort.spend(json.length);
  const members: Member[] = [];
  for (let next = nextMember(json, 1); next !== undefined; next = nextMember(json, next.end + 1)) members.push(next);
  effort.spend(0, 2 * members.length);
  return members;
}
