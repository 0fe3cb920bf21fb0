/** Multipaths: `{name:path,path}` makes an object and `[path,path]` an array of what the paths find. */

import { isJson } from './is-json.ts';
import { joined } from './joined.ts';
import { quoted } from './json-string.ts';
import { tokenEnd } from './path-token.ts';
import { exists, type Result } from './result.ts';
import type { Search } from './search.ts';

interface Selector {
  /** Empty without one. */
  readonly name: string;
  readonly path: string;
}

export interface Multipath {
  readonly isObject: boolean;
  readonly selectors: readonly Selector[];
  /** The path behind the closing bracket. */
  readonly rest: string;
}

const NESTING: Readonly<Record<string, number>> = { '(': 1, '[': 1, '{': 1, ')': -1, ']': -1, '}': -1 };

/** Takes a multipath apart as it is read. */
class SelectorReader {
  readonly #path: string;
  readonly #selectors: Selector[] = [];
  #start = 1;
  /** Behind the name; 0 without one. */
  #colon = 0;
  /** Behind a modifier a colon begins its argument. */
  #hasModifier = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Undefined when no bracket closes it. */
  read(): Multipath | undefined {
    let depth = 1;
    for (let at = 1; at < this.#path.length; at = tokenEnd(this.#path, at)) {
      depth += NESTING[this.#path.charAt(at)] ?? 0;
      if (depth === 0) return this.#finish(at);
      if (depth === 1) this.#separate(at);
      if (this.#path[at] === '@') this.#hasModifier ||= '.|'.includes(this.#path.charAt(at - 1));
    }
    return undefined;
  }

  /** @param at in no inner brackets */
  #separate(at: number): void {
    const character = this.#path.charAt(at);
    if (character === ':' && !this.#hasModifier) this.#colon ||= at;
    if (character === ',') this.#select(at);
  }

  #select(end: number): void {
    const pathStart = this.#colon === 0 ? this.#start : this.#colon + 1;
    const name = this.#path.slice(this.#start, Math.max(this.#start, this.#colon));
    this.#selectors.push({ name, path: this.#path.slice(pathStart, end) });
    [this.#start, this.#colon, this.#hasModifier] = [end + 1, 0, false];
  }

  #finish(end: number): Multipath {
    this.#select(end);
    return { isObject: this.#path.startsWith('{'), selectors: this.#selectors, rest: this.#path.slice(end + 1) };
  }
}

/** @param path begins with the opening bracket @returns undefined when it is not closed */
export function readMultipath(path: string): Multipath | undefined {
  return new SelectorReader(path).read();
}

/** What follows the last dot or pipe that is not escaped. */
function lastName(path: string): string {
  for (let at = path.length - 1; at >= 0; at -= 1) {
    const isSeparator = path[at] === '.' || path[at] === '|';
    if (isSeparator && !(at > 0 && path[at - 1] === '\\')) return path.slice(at + 1);
  }
  return path;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const NOT_SIMPLE = /[\x00-\x1f[\]{}()#|!]/;

function keyOf({ name, path }: Selector): string {
  if (name.startsWith('"') && isJson(name)) return name;
  if (name !== '') return quoted(name);
  const last = lastName(path);
  return quoted(NOT_SIMPLE.test(last) ? '_' : last);
}

/** What is not there is left out. @returns JSON */
export function selected(json: string, { isObject, selectors }: Multipath, search: Search): string {
  const found: [Selector, Result][] = [];
  for (const selector of selectors) {
    const result = search.get(json, selector.path);
    if (exists(result)) found.push([selector, result]);
  }
  if (!isObject)
    return `[${joined(
      found.map(([, { raw }]) => raw),
      search.effort,
    )}]`;
  const members = found.map(([selector, { raw }]) => `${keyOf(selector)}:${raw}`);
  return `{${joined(members, search.effort)}}`;
}
