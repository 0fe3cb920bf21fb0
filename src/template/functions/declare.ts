/** How functions are declared: parameters by Go's types, which come unwrapped, and the cost of reading them is paid. */

import {
  type Execution,
  type GoFunction,
  type GoMap,
  type GoSlice,
  type GoString,
  type GoType,
  type GoValue,
  isString,
  TemplateFault,
} from '../value.ts';
import { readingSteps } from './cost.ts';
import { type GoTime, isTime } from './instant.ts';
import { nilMap, nilSlice } from './nil.ts';

interface Unwrapped {
  readonly bool: boolean;
  readonly error: GoValue;
  readonly float64: number;
  readonly int: bigint;
  readonly string: GoString;
  readonly 'interface {}': GoValue;
  readonly 'map[string]interface {}': GoMap;
  readonly 'time.Duration': bigint;
  readonly 'time.Time': GoTime;
  readonly 'time.Month': bigint;
  readonly '[]string': GoSlice;
}

type Type = keyof Unwrapped;

type Arguments<Types extends readonly Type[]> = { readonly [I in keyof Types]: Unwrapped[Types[I]] };

type Unwrap = { readonly [T in Type]: (value: GoValue) => Unwrapped[T] | undefined };

const integer = (value: GoValue) =>
  value !== null && typeof value === 'object' && typeof value.kind === 'string' && 'value' in value
    ? typeof value.value === 'bigint'
      ? value.value
      : undefined
    : undefined;

const UNWRAP: Unwrap = {
  bool: (value) => (typeof value === 'boolean' ? value : undefined),
  error: (value) => value,
  float64: (value) =>
    value !== null && typeof value === 'object' && value.kind === 'float64' ? value.value : undefined,
  int: integer,
  string: (value) => (isString(value) ? value : undefined),
  'interface {}': (value) => value,
  'map[string]interface {}': (value) => {
    if (value === null) return nilMap();
    return typeof value === 'object' && value.kind === 'map' ? value : undefined;
  },
  'time.Duration': integer,
  'time.Time': (value) => (isTime(value) ? value : undefined),
  'time.Month': integer,
  '[]string': (value) => {
    if (value === null) return nilSlice('[]string');
    return typeof value === 'object' && value.kind === 'slice' ? value : undefined;
  },
};

function unwrap<T extends Type>(type: T, value: GoValue | undefined): Unwrapped[T] {
  const unwrapped = value === undefined ? undefined : UNWRAP[type](value);
  if (unwrapped === undefined) throw new TemplateFault(`wrong type for value; expected ${type}`);
  return unwrapped;
}

function unwrapAll<const Types extends readonly Type[]>(types: Types, args: readonly GoValue[]): Arguments<Types> {
  // `map` loses the tuple's length, which is that of `types`; each element was checked against its type.
  return types.map((type, i) => unwrap(type, args[i])) as unknown as Arguments<Types>;
}

/** What grows a little each time must not grow without end; what may grow much asks before. */
function checkedResult(value: GoValue, execution: Execution): GoValue {
  if (typeof value === 'string') execution.allocate(value.length);
  return value;
}

function payForReading(args: readonly GoValue[], execution: Execution): void {
  let steps = 0;
  for (const arg of args) steps += readingSteps(arg);
  if (steps > 0) execution.spend(steps);
}

/** A function with a fixed number of parameters. */
export function define<const Types extends readonly Type[]>(
  params: Types,
  result: GoType,
  call: (args: Arguments<Types>, execution: Execution) => GoValue,
): GoFunction {
  return {
    params,
    result,
    call: (args, execution) => {
      payForReading(args, execution);
      return checkedResult(call(unwrapAll(params, args), execution), execution);
    },
  };
}

/** A function that takes any number of further arguments of one type. */
export function variadic<const Types extends readonly Type[], Rest extends Type>(
  params: Types,
  rest: Rest,
  result: GoType,
  call: (args: Arguments<Types>, others: readonly Unwrapped[Rest][], execution: Execution) => GoValue,
): GoFunction {
  return {
    params,
    variadic: rest,
    result,
    call: (args, execution) => {
      payForReading(args, execution);
      const others = args.slice(params.length).map((arg) => unwrap(rest, arg));
      return checkedResult(call(unwrapAll(params, args), others, execution), execution);
    },
  };
}

/** Index, width or count, as a JavaScript number: beyond 2^53 only its size matters. */
export function toNumber(value: bigint): number {
  return Number(value);
}
