/** The functions that Go's templates have of themselves. */

import { type Execution, type GoType, int, isString, TemplateFault } from '../value.ts';
import { REFLECT_VALUE } from './assign.ts';
import { equals, isLess, isLessOrEqual } from './builtins-compare.ts';
import { escapeHtml, escapeJavaScript, escapeQuery } from './builtins-escape.ts';
import { indexOf, lengthOf, sliceOf } from './builtins-index.ts';
import { sprint, sprintf, sprintln } from './format.ts';
import { ANY, type Concrete, dereferenced, isObject, isTrue, type Reflected, toGoValue } from './reflected.ts';

export interface Builtin {
  readonly params: readonly GoType[];
  readonly variadic?: GoType;
  readonly call: (args: readonly Reflected[], execution: Execution) => Reflected;
}

const ONE = [REFLECT_VALUE];
const TWO = [REFLECT_VALUE, REFLECT_VALUE];
const REST = { variadic: REFLECT_VALUE };

/** `and` and `or` stop at the argument that decides: the evaluator does that. */
function isNotCalled(): never {
  throw new TemplateFault('unreachable');
}

/** A value as `html` and its like print it: behind its pointer, and a nil as what is missing. */
function printable(value: Reflected): Concrete {
  const held = toGoValue(value);
  if (held === null) return '<no value>' as Concrete;
  return isObject(held) && held.text === undefined ? dereferenced(held) : held;
}

function escaper(escaped: (text: string) => Concrete): Builtin {
  return {
    params: [],
    variadic: ANY,
    call: (args, execution) => {
      const text = sprint(args.map(printable), execution);
      execution.allocate(text.length);
      return escaped(text);
    },
  };
}

const PRINT: Builtin = {
  params: [],
  variadic: ANY,
  call: (args, execution) => sprint(args.map(toGoValue), execution),
};

const PRINTLN: Builtin = {
  params: [],
  variadic: ANY,
  call: (args, execution) => sprintln(args.map(toGoValue), execution),
};

const PRINTF: Builtin = {
  params: ['string'],
  variadic: ANY,
  call: ([format, ...rest], execution) => {
    const text = toGoValue(format);
    return isString(text) ? sprintf(text, rest.map(toGoValue), execution) : undefined;
  },
};

export const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['and', { params: ONE, ...REST, call: isNotCalled }],
  ['or', { params: ONE, ...REST, call: isNotCalled }],
  ['call', { params: ONE, ...REST, call: isNotCalled }],
  ['not', { params: ONE, call: ([value]) => !isTrue(value) }],
  ['len', { params: ONE, call: ([value]) => int(lengthOf(value)) }],
  ['index', { params: ONE, ...REST, call: ([item, ...indexes]) => indexOf(item, indexes) }],
  ['slice', { params: ONE, ...REST, call: ([item, ...indexes]) => sliceOf(item, indexes) }],
  ['eq', { params: ONE, ...REST, call: ([first, ...others]) => equals(first, others) }],
  ['ne', { params: TWO, call: ([left, right]) => !equals(left, [right]) }],
  ['lt', { params: TWO, call: ([left, right]) => isLess(left, right) }],
  ['le', { params: TWO, call: ([left, right]) => isLessOrEqual(left, right) }],
  ['gt', { params: TWO, call: ([left, right]) => !isLessOrEqual(left, right) }],
  ['ge', { params: TWO, call: ([left, right]) => !isLess(left, right) }],
  ['print', PRINT],
  ['printf', PRINTF],
  ['println', PRINTLN],
  ['html', escaper(escapeHtml)],
  ['js', escaper(escapeJavaScript)],
  ['urlquery', escaper(escapeQuery)],
]);
