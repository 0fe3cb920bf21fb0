/** The parts of a path that look at every element of an array: `#(query)`, `#(query)#` and `#.path`. */

import { joined } from './joined.ts';
import { nextValue } from './members.ts';
import { type QueryPart, splitAtPipe } from './path-part.ts';
import { queryMatches } from './query.ts';
import { exists, nested, type Result } from './result.ts';
import { find, type Walk } from './walk.ts';

/** The path up to a pipe in it, which goes to the walk. */
function beforePipe(walk: Walk, path: string): string {
  walk.search.effort.spendOnSyntax(path.length);
  const split = splitAtPipe(path);
  if (split === undefined) return path;
  walk.pipe = split.behind;
  return split.before;
}

/** What comes of a query, as the elements are shown to it one by one. */
export class ArrayQuery {
  readonly #walk: Walk;
  readonly #part: QueryPart;
  readonly #matches: string[] = [];
  /** Where to go in an element that matches; read when the first one does, since only then a pipe in it counts. */
  #inside: string | undefined;

  constructor(walk: Walk, part: QueryPart) {
    this.#walk = walk;
    this.#part = part;
  }

  look(element: Result): void {
    const { query, all } = this.#part;
    const { search } = this.#walk;
    if (element.kind !== 'nested' && query.path !== '') return;
    const compared = element.kind === 'nested' ? search.get(element.raw, query.path) : element;
    if (!queryMatches(query, compared, search.effort)) return;
    const value = this.#valueOf(element);
    if (!all) find(this.#walk, value);
    else if (value.raw !== '') this.#matches.push(value.raw);
  }

  /** At the end of the array. What an earlier array has left is not replaced. */
  finish(): void {
    const { value, search } = this.#walk;
    if (this.#part.all && !exists(value)) this.#walk.value = nested(`[${joined(this.#matches, search.effort)}]`);
  }

  #valueOf(element: Result): Result {
    const { rest } = this.#part;
    if (rest.kind !== 'inside') return element;
    this.#inside ??= beforePipe(this.#walk, rest.path);
    return this.#walk.search.get(element.raw, this.#inside);
  }
}

/** The element that is looked for from there on; undefined at the end of the array. */
function elementAt(json: string, from: number): Result | undefined {
  let at = from;
  while (at < json.length && ' \t\r\n'.includes(json.charAt(at))) at += 1;
  return json[at] === ']' ? undefined : nextValue(json, at)?.value;
}

/** What the path finds in each element, as an array. @param starts behind the elements before, and the opening bracket */
export function eachElement(walk: Walk, path: string, starts: readonly number[]): Result {
  const { json, search } = walk;
  const inside = beforePipe(walk, path);
  const results: string[] = [];
  for (const start of starts) {
    const element = elementAt(json, start);
    if (element === undefined) continue;
    const result = search.get(element.raw, inside);
    if (exists(result)) results.push(result.raw);
  }
  return nested(`[${joined(results, search.effort)}]`);
}
