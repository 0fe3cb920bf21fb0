/** Functions that choose between values, and the one that gives up. */

import { type FunctionTable, type GoValue, goString, goToText, TemplateFault } from '../value.ts';
import { define, variadic } from './declare.ts';
import { isEmpty } from './emptiness.ts';

function defaulted(fallback: GoValue, given: readonly GoValue[]): GoValue {
  const value = given[0] ?? null;
  return isEmpty(value) ? fallback : value;
}

export const FLOW: FunctionTable = new Map([
  ['all', variadic([], 'interface {}', 'bool', (_, values) => !values.some(isEmpty))],
  ['any', variadic([], 'interface {}', 'bool', (_, values) => !values.every(isEmpty))],
  [
    'coalesce',
    variadic([], 'interface {}', 'interface {}', (_, values) => values.find((value) => !isEmpty(value)) ?? null),
  ],
  [
    'default',
    variadic(['interface {}'], 'interface {}', 'interface {}', ([fallback], given) => defaulted(fallback, given)),
  ],
  ['empty', define(['interface {}'], 'bool', ([value]) => isEmpty(value))],
  [
    'fail',
    // The one error whose text the template's author chose.
    define(['string'], 'string', ([message]) => {
      throw new TemplateFault(goToText(message));
    }),
  ],
  ['hello', define([], 'string', () => goString('Hello!'))],
  [
    'ternary',
    define(['interface {}', 'interface {}', 'bool'], 'interface {}', ([yes, no, condition]) => (condition ? yes : no)),
  ],
]);
