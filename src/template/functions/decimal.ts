/** Decimal numbers of any precision, as shopspring/decimal has them: what `addf` and its like count with. */

import { type Execution, TemplateFault } from '../value.ts';

/** `value` times ten to the power of `exponent`. */
export interface Decimal {
  readonly value: bigint;
  readonly exponent: number;
}

export type DecimalOperation = (a: Decimal, b: Decimal) => Decimal;

/** Digits after the point that a division gives. */
const DIVISION_DIGITS = 16;

/** Operands whose digits one step pays for: each adds up to 17. */
const OPERANDS_A_STEP = 8;

/** @throws TemplateFault for what is no finite number */
function fromNumber(number: number): Decimal {
  if (!Number.isFinite(number)) {
    const name = Number.isNaN(number) ? 'NaN' : number > 0 ? '+Inf' : '-Inf';
    throw new TemplateFault(`Cannot create a Decimal from ${name}`);
  }
  const [mantissa = '0', exponent = '0'] = number.toExponential().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return { value: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

function toNumber({ value, exponent }: Decimal): number {
  return Number(`${value}e${exponent}`);
}

function scaledTo(exponent: number, decimal: Decimal): bigint {
  return decimal.value * 10n ** BigInt(decimal.exponent - exponent);
}

export function add(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  return { value: scaledTo(exponent, a) + scaledTo(exponent, b), exponent };
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, { value: -b.value, exponent: b.exponent });
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { value: a.value * b.value, exponent: a.exponent + b.exponent };
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** Half away from zero at the last digit. @throws TemplateFault for a division by zero */
export function divide(a: Decimal, b: Decimal): Decimal {
  if (b.value === 0n) throw new TemplateFault('decimal division by 0');
  const shift = a.exponent - b.exponent + DIVISION_DIGITS;
  const numerator = shift > 0 ? a.value * 10n ** BigInt(shift) : a.value;
  const denominator = shift < 0 ? b.value * 10n ** BigInt(-shift) : b.value;
  const quotient = numerator / denominator;
  const rest = numerator % denominator;
  const roundsAway = 2n * magnitude(rest) >= magnitude(denominator);
  const isNegative = numerator < 0n !== denominator < 0n;
  const step = roundsAway ? (isNegative ? -1n : 1n) : 0n;
  return { value: quotient + step, exponent: -DIVISION_DIGITS };
}

/** Applies the operation from left to right. */
export function fold(
  first: number,
  others: readonly number[],
  operation: DecimalOperation,
  execution: Execution,
): number {
  let result = fromNumber(first);
  for (const [i, other] of others.entries()) {
    execution.spend(1 + Math.floor(i / OPERANDS_A_STEP));
    result = operation(result, fromNumber(other));
  }
  return toNumber(result);
}
