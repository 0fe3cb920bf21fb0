/** Content under construction: a copy that is written to at paths. */

import { isJsonList, isJsonObject, type Json, type JsonNumber, type JsonObject } from '../ports/secret-json.ts';

export type Draft = null | boolean | string | JsonNumber | Draft[] | DraftObject;
export type DraftObject = Map<string, Draft>;

export function draftOf(content: JsonObject): DraftObject;
export function draftOf(content: Json): Draft;
export function draftOf(content: Json): Draft {
  if (isJsonObject(content)) return new Map(Array.from(content, ([name, member]) => [name, draftOf(member)]));
  return isJsonList(content) ? content.map((item) => draftOf(item)) : content;
}

export function isDraftObject(value: Draft | undefined): value is DraftObject {
  return value instanceof Map;
}

/** A path goes on where there is neither a map nor a list to go into; carries nothing of what is there. */
export class PathBlocked extends Error {
  /** How many steps of the path lead there. */
  readonly steps: number;
  readonly expected: 'map' | 'list';

  constructor(steps: number, expected: 'map' | 'list') {
    super('the path is blocked');
    this.steps = steps;
    this.expected = expected;
  }
}

type Steps = readonly (string | number)[];

/** Gets what is there, and gives what is to be there. */
type Leaf = (existing: Draft | undefined) => Draft;

function intoMap(node: Draft | undefined, name: string, steps: Steps, at: number, leaf: Leaf): Draft {
  const map = node ?? new Map<string, Draft>();
  if (!isDraftObject(map)) throw new PathBlocked(at, 'map');
  return map.set(name, written(map.get(name), steps, at + 1, leaf));
}

function intoList(node: Draft | undefined, index: number, steps: Steps, at: number, leaf: Leaf): Draft {
  const list = node ?? [];
  if (!Array.isArray(list)) throw new PathBlocked(at, 'list');
  while (list.length <= index) list.push(null);
  list[index] = written(list[index], steps, at + 1, leaf);
  return list;
}

function written(node: Draft | undefined, steps: Steps, at: number, leaf: Leaf): Draft {
  const step = steps[at];
  if (step === undefined) return leaf(node);
  return typeof step === 'number' ? intoList(node, step, steps, at, leaf) : intoMap(node, step, steps, at, leaf);
}

/**
 * Writes at the end of a path, and makes the maps and lists on the way that are missing or null; a list is filled with
 * nulls up to the index.
 * @throws PathBlocked
 */
export function writeAt(draft: DraftObject, steps: Steps, leaf: Leaf): void {
  written(draft, steps, 0, leaf);
}

/** Removes a field that is a scalar: what others keep in maps and lists is never removed with it. */
export function removeScalar(draft: DraftObject, [name = '', ...rest]: readonly string[]): void {
  const member = draft.get(name);
  if (isDraftObject(member)) removeScalar(member, rest);
  else if (rest.length === 0 && !Array.isArray(member)) draft.delete(name);
}
