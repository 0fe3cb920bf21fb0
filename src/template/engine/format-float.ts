/** Floating-point numbers as text, as `strconv.FormatFloat` writes them. */

import type { GoString } from '../value.ts';
import {
  binaryParts,
  type Digits,
  exactDigits,
  type FloatBits,
  isNegative,
  roundDigits,
  shortestDigits,
} from './float-digits.ts';

export type FloatVerb = 'e' | 'E' | 'f' | 'g' | 'G' | 'b' | 'x' | 'X';

function signedExponent(exponent: number, digits: number): string {
  return `${exponent < 0 ? '-' : '+'}${Math.abs(exponent).toString().padStart(digits, '0')}`;
}

function scientific({ digits, point }: Digits, precision: number, mark: 'e' | 'E'): string {
  const first = digits[0] ?? '0';
  const rest = digits.slice(1, precision + 1).padEnd(precision, '0');
  const exponent = digits === '' ? 0 : point - 1;
  return `${first}${precision > 0 ? `.${rest}` : ''}${mark}${signedExponent(exponent, 2)}`;
}

function positional({ digits, point }: Digits, precision: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  if (precision <= 0) return whole;
  const fraction = point >= 0 ? digits.slice(point) : '0'.repeat(Math.min(-point, precision)) + digits;
  return `${whole}.${fraction.slice(0, precision).padEnd(precision, '0')}`;
}

/** The shorter of both forms: scientific for exponents below -4 or not below the precision. */
function general(digits: Digits, precision: number, isShortest: boolean, mark: 'e' | 'E'): string {
  const count = digits.digits.length;
  let threshold = precision > count && count >= digits.point ? count : precision;
  if (isShortest) threshold = 6;
  const exponent = digits.point - 1;
  if (exponent < -4 || exponent >= threshold) return scientific(digits, Math.min(precision, count) - 1, mark);
  const places = precision > digits.point ? count : precision;
  return positional(digits, Math.max(places - digits.point, 0));
}

function shortest(magnitude: number, verb: 'e' | 'E' | 'f' | 'g' | 'G', bits: FloatBits): string {
  const digits = shortestDigits(magnitude, bits);
  const count = digits.digits.length;
  if (verb === 'f') return positional(digits, Math.max(count - digits.point, 0));
  if (verb === 'g' || verb === 'G') return general(digits, count, true, verb === 'g' ? 'e' : 'E');
  return scientific(digits, Math.max(count - 1, 0), verb);
}

function rounded(magnitude: number, verb: 'e' | 'E' | 'f' | 'g' | 'G', precision: number, bits: FloatBits): string {
  const exact = exactDigits(magnitude, bits);
  if (verb === 'f') return positional(roundDigits(exact, exact.point + precision), precision);
  if (verb === 'e' || verb === 'E') return scientific(roundDigits(exact, precision + 1), precision, verb);
  const significant = precision === 0 ? 1 : precision;
  return general(roundDigits(exact, significant), significant, false, verb === 'g' ? 'e' : 'E');
}

function binary(value: number, bits: FloatBits): string {
  const { mantissa, exponent } = binaryParts(value, bits);
  return `${mantissa}p${exponent < 0 ? '' : '+'}${exponent}`;
}

/** The leading 1 at bit 60, so that 15 hexadecimal digits follow it. */
function normalized(value: number, bits: FloatBits): { mantissa: bigint; exponent: number } {
  const parts = binaryParts(value, bits);
  if (parts.mantissa === 0n) return { mantissa: 0n, exponent: 0 };
  const length = parts.mantissa.toString(2).length;
  return { mantissa: parts.mantissa << BigInt(61 - length), exponent: parts.exponent + length - 1 };
}

function roundedHexadecimal(mantissa: bigint, precision: number): bigint {
  const shift = BigInt(60 - precision * 4);
  const kept = mantissa >> shift;
  const extra = mantissa & ((1n << shift) - 1n);
  const half = 1n << (shift - 1n);
  const roundsUp = extra > half || (extra === half && kept % 2n === 1n);
  return (roundsUp ? kept + 1n : kept) << shift;
}

function hexadecimal(value: number, precision: number, bits: FloatBits): string {
  let { mantissa, exponent } = normalized(value, bits);
  if (precision >= 0 && precision < 15) mantissa = roundedHexadecimal(mantissa, precision);
  if (mantissa >> 61n !== 0n) {
    mantissa >>= 1n;
    exponent++;
  }
  const fraction = BigInt.asUintN(60, mantissa).toString(16).padStart(15, '0');
  const shown = precision < 0 ? fraction.replace(/0+$/, '') : fraction.padEnd(precision, '0').slice(0, precision);
  return `0x${mantissa >> 60n}${shown === '' ? '' : `.${shown}`}p${signedExponent(exponent, 2)}`;
}

function magnitudeText(magnitude: number, verb: FloatVerb, precision: number, bits: FloatBits): string {
  switch (verb) {
    case 'b':
      return binary(magnitude, bits);
    case 'x':
      return hexadecimal(magnitude, precision, bits);
    case 'X':
      return hexadecimal(magnitude, precision, bits).toUpperCase();
    default:
      return precision < 0 ? shortest(magnitude, verb, bits) : rounded(magnitude, verb, precision, bits);
  }
}

/**
 * @param precision digits after the point (significant digits for `g`); -1 for the fewest that read back the same
 * @param bits 32 for a number that came from a `float32`
 */
export function formatFloat(value: number, verb: FloatVerb, precision: number, bits: FloatBits): GoString {
  if (Number.isNaN(value)) return 'NaN' as GoString;
  const number = bits === 32 ? Math.fround(value) : value;
  if (!Number.isFinite(number)) return (number > 0 ? '+Inf' : '-Inf') as GoString;
  const sign = isNegative(number) ? '-' : '';
  return `${sign}${magnitudeText(Math.abs(number), verb, precision, bits)}` as GoString;
}
