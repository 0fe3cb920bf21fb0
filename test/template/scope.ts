/** What a piece of a template may refer to where it stands. Pieces are generated first and written out afterwards, when this is known. */

import type { Sort } from './signatures.ts';
import { fits } from './signatures.ts';

/** The root of the data, or any other value. */
type Dot = Sort | 'root';

interface Variable {
  readonly name: string;
  readonly sort: Sort;
}

export interface Scope {
  readonly variables: readonly Variable[];
  readonly dot: Dot;
  /** What `$` is. */
  readonly dollar: Dot;
  /** Templates that may be called: those defined before, so that no template calls itself. */
  readonly templates: readonly string[];
}

/** Text that depends on where it stands. */
export type Piece = (scope: Scope) => string;

export const TOP: Scope = { variables: [], dot: 'root', dollar: 'root', templates: [] };

export function declare(scope: Scope, name: string, sort: Sort): Scope {
  return { ...scope, variables: [...scope.variables, { name, sort }] };
}

/** The variable in scope that fits, the `pick`-th of them; undefined when there is none. */
export function variableOf(scope: Scope, sort: Sort, pick: number): string | undefined {
  const fitting = scope.variables.filter((variable) => fits(variable.sort, sort));
  return fitting.at(pick % Math.max(1, fitting.length))?.name;
}

/** How the field of the data is written here; undefined where the data are out of reach. */
export function dataField(scope: Scope, key: string): string | undefined {
  if (scope.dot === 'root') return `.${key}`;
  return scope.dollar === 'root' ? `$.${key}` : undefined;
}
