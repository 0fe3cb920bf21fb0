/** Functions that count: whole numbers in 64 bits, decimals exactly, and rounding. */

import { type FunctionTable, float64, type GoFunction, type GoValue, int64, TemplateFault } from '../value.ts';
import { toFloat64, toInt64 } from './cast.ts';
import { add, type DecimalOperation, divide, fold, multiply, subtract } from './decimal.ts';
import { define, variadic } from './declare.ts';

const MIN_EXPONENT = -1022;

/** @throws TemplateFault when the divisor is zero, as Go panics */
function divisor(value: GoValue): bigint {
  const number = toInt64(value);
  if (number === 0n) throw new TemplateFault('runtime error: integer divide by zero');
  return number;
}

function foldIntegers(operation: (a: bigint, b: bigint) => bigint): GoFunction {
  return variadic(['interface {}'], 'interface {}', 'int64', ([first], others) =>
    int64(others.reduce<bigint>((sum, value) => BigInt.asIntN(64, operation(sum, toInt64(value))), toInt64(first))),
  );
}

function foldFloats(operation: (a: number, b: number) => number): GoFunction {
  return variadic(['interface {}'], 'interface {}', 'float64', ([first], others) =>
    float64(others.reduce<number>((sum, value) => operation(sum, toFloat64(value)), toFloat64(first))),
  );
}

function foldDecimals(operation: DecimalOperation): GoFunction {
  return variadic(['interface {}'], 'interface {}', 'float64', ([first], others, execution) =>
    float64(fold(toFloat64(first), others.map(toFloat64), operation, execution)),
  );
}

function integers(operation: (a: GoValue, b: GoValue) => bigint): GoFunction {
  return define(['interface {}', 'interface {}'], 'int64', ([a, b]) => int64(operation(a, b)));
}

function onFloat(operation: (value: number) => number): GoFunction {
  return define(['interface {}'], 'float64', ([value]) => float64(operation(toFloat64(value))));
}

/** Infinity wins over what is no number, unlike in JavaScript. */
function greater(a: number, b: number): number {
  return a === Number.POSITIVE_INFINITY || b === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : Math.max(a, b);
}

function lesser(a: number, b: number): number {
  return a === Number.NEGATIVE_INFINITY || b === Number.NEGATIVE_INFINITY ? Number.NEGATIVE_INFINITY : Math.min(a, b);
}

/** Powers of two beyond the normal range are reached in two steps. */
function timesPowerOfTwo(value: number, exponent: number): number {
  const within = Math.max(MIN_EXPONENT, Math.min(1023, exponent));
  const rest = Math.max(-1074, Math.min(1023, exponent - within));
  return value * 2 ** within * 2 ** rest;
}

/** Go's `math.Pow(10, n)` to the last bit: by squaring, with the exponent kept apart. */
function powerOfTen(exponent: number): number {
  let fraction = 0.625;
  let power = 4;
  let result = 1;
  let resultPower = 0;
  for (let rest = Math.min(Math.abs(exponent), 4096); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) {
      result *= fraction;
      resultPower += power;
    }
    fraction *= fraction;
    power *= 2;
    if (fraction < 0.5) {
      fraction += fraction;
      power--;
    }
  }
  return exponent < 0 ? timesPowerOfTwo(1 / result, -resultPower) : timesPowerOfTwo(result, resultPower);
}

/** @param roundOn the fraction from which on it is rounded up */
function round(value: number, places: number, roundOn: number): number {
  const power = powerOfTen(places);
  const shifted = power * value;
  const fraction = Number.isFinite(shifted) ? shifted - Math.trunc(shifted) : Number.NaN;
  return (fraction >= roundOn ? Math.ceil(shifted) : Math.floor(shifted)) / power;
}

// `Math.max` does not take a bigint.
const max = foldIntegers((a, b) => {
  if (b > a) return b;
  return a;
});

export const MATH: FunctionTable = new Map([
  [
    'add',
    variadic([], 'interface {}', 'int64', (_, values) =>
      int64(values.reduce<bigint>((sum, value) => sum + toInt64(value), 0n)),
    ),
  ],
  ['add1', define(['interface {}'], 'int64', ([value]) => int64(toInt64(value) + 1n))],
  [
    'add1f',
    define(['interface {}'], 'float64', ([value], execution) => float64(fold(toFloat64(value), [1], add, execution))),
  ],
  [
    'addf',
    variadic([], 'interface {}', 'float64', (_, values, execution) =>
      float64(fold(0, values.map(toFloat64), add, execution)),
    ),
  ],
  ['biggest', max],
  ['ceil', onFloat(Math.ceil)],
  ['div', integers((a, b) => toInt64(a) / divisor(b))],
  ['divf', foldDecimals(divide)],
  ['floor', onFloat(Math.floor)],
  ['max', max],
  ['maxf', foldFloats(greater)],
  [
    'min',
    foldIntegers((a, b) => {
      if (b < a) return b;
      return a;
    }),
  ],
  ['minf', foldFloats(lesser)],
  ['mod', integers((a, b) => toInt64(a) % divisor(b))],
  ['mul', foldIntegers((a, b) => a * b)],
  ['mulf', foldDecimals(multiply)],
  [
    'round',
    variadic(['interface {}', 'int'], 'float64', 'float64', ([value, places], [roundOn = 0.5]) =>
      float64(round(toFloat64(value), Number(places), roundOn)),
    ),
  ],
  ['sub', integers((a, b) => toInt64(a) - toInt64(b))],
  ['subf', foldDecimals(subtract)],
]);
