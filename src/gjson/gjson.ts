/**
 * The room's door: the path language of github.com/tidwall/gjson 1.18, in which upstream reads `property`. It is what that
 * library does rather than what its documentation says. Pure.
 *
 * Texts inside the room are strings whose every character stands for one byte, as Go's strings are: what is compared,
 * counted and cut is the same, and what is not UTF-8 passes untouched.
 */

import { applyModifier, literalAt, type NewText } from './apply-modifier.ts';
import { descendArray, descendObject } from './descend.ts';
import { Effort, GjsonLimitExceeded } from './effort.ts';
import { exists, isCut, isTooLarge, nested, parse, type Result, textOf } from './result.ts';
import type { Search } from './search.ts';
import { readMultipath, selected } from './selectors.ts';
import { startWalk, type Walk } from './walk.ts';

export { Effort, GjsonLimitExceeded };

export type Finding =
  | { readonly kind: 'found'; readonly text: Uint8Array }
  /** A string that is not JSON further on: gjson would give its beginning. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'missing' };

/** A result, or a text in which the search goes on. */
type Step =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'next'; readonly json: string; readonly path: string };

function done(result: Result): Step {
  return { kind: 'done', result };
}

function next(json: string, path: string): Step {
  return { kind: 'next', json, path };
}

/** A dot and a pipe are the same behind what makes a text. Anything else there is lost. */
function after({ json, rest }: NewText): Step {
  return /^[.|]/.test(rest) ? next(json, rest.slice(1)) : done(parse(json));
}

class PathSearch implements Search {
  readonly effort: Effort;

  constructor(effort: Effort) {
    this.effort = effort;
  }

  readonly get = (json: string, path: string): Result => this.effort.within(() => this.#get(json, path));

  /** In a loop, since a path may have thousands of pipes. */
  #get(json: string, path: string): Result {
    let step = next(json, path);
    while (step.kind === 'next') step = this.#step(step.json, step.path);
    return step.result;
  }

  #step(json: string, path: string): Step {
    this.effort.spend(0, 1);
    if (path.length < 2) return this.#walk(json, path);
    switch (path[0]) {
      case '@':
      case '!': {
        const made = path[0] === '@' ? applyModifier(json, path, this) : literalAt(path, this);
        return made === undefined ? this.#walk(json, path) : after(made);
      }
      case '{':
      case '[':
        return this.#multipath(json, path);
      default:
        return this.#walk(json, path);
    }
  }

  /** What follows the closing bracket without a dot or a pipe is taken for the whole path, and an unclosed one for an empty path. */
  #multipath(json: string, path: string): Step {
    const multipath = readMultipath(path);
    this.effort.spendOnSyntax(path.length - (multipath?.rest.length ?? 0));
    if (multipath === undefined) return this.#walk(json, '');
    const { rest } = multipath;
    if (rest !== '' && !/^[.|]/.test(rest)) return this.#walk(json, rest);
    const made = selected(json, multipath, this);
    return rest === '' ? done(nested(made)) : next(made, rest.slice(1));
  }

  /** `..` takes the lines of the text for the elements of an array. */
  #walk(json: string, path: string): Step {
    const walk = startWalk(json, this);
    this.effort.spend(this.#run(walk, path));
    return walk.pipe === undefined ? done(walk.value) : next(walk.value.raw, walk.pipe);
  }

  /** @returns where it ended */
  #run(walk: Walk, path: string): number {
    if (path.startsWith('..')) return descendArray(walk, 0, path.slice(2));
    const root = walk.json.search(/[{[]/);
    if (root === -1) return walk.json.length;
    return walk.json[root] === '{' ? descendObject(walk, root + 1, path) : descendArray(walk, root + 1, path);
  }
}

/**
 * The text of what a path finds: strings unescaped, objects and arrays as they stand, null as the empty text, numbers as
 * plain decimals, but integers and what is beyond all float64 as they stand.
 * @param json UTF-8; what is no JSON is searched too, as far as it looks like it
 * @throws GjsonLimitExceeded
 */
export function findText(json: Uint8Array, path: string, effort: Effort): Finding {
  const text = Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString('latin1');
  const result = new PathSearch(effort).get(text, Buffer.from(path, 'utf8').toString('latin1'));
  if (!exists(result)) return { kind: 'missing' };
  if (isCut(result)) return { kind: 'cut' };
  return { kind: 'found', text: Buffer.from(isTooLarge(result) ? result.raw : textOf(result), 'latin1') };
}
