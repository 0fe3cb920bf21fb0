/** A walk through one text along the parts of a path, up to the first pipe. */

import type { Rest } from './path-part.ts';
import { NOTHING, type Result } from './result.ts';
import type { Search } from './search.ts';

/** How far it has come. What matched and led nowhere does not end it: it goes on to the next member that matches. */
export interface Walk {
  readonly json: string;
  readonly search: Search;
  value: Result;
  /** Ends the walk. A query for all elements leaves a value without it, which a later match may replace. */
  isFound: boolean;
  /** The path for the value, as a text of its own. */
  pipe: string | undefined;
}

export function startWalk(json: string, search: Search): Walk {
  return { json, search, value: NOTHING, isFound: false, pipe: undefined };
}

export function find(walk: Walk, value: Result): void {
  walk.value = value;
  walk.isFound = true;
}

/** Pays for the part that was taken off the path. A pipe behind it counts from here, whatever comes of the walk. */
export function passPart(walk: Walk, path: string, rest: Rest): void {
  const left = rest.kind === 'end' ? 0 : rest.path.length;
  walk.search.effort.spendOnSyntax(path.length - left);
  if (rest.kind === 'pipe') walk.pipe = rest.path;
}
