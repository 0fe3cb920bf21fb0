/** Any value as a number, by the rules of spf13/cast 1.10: what is no number is zero, never an error. */

import { parseFloatText, parseIntegerWithPrefix } from '../../strconv/number-text.ts';
import type { GoFloat, GoInt, GoValue } from '../value.ts';

const MIN_INT64 = -(2n ** 63n);
const TWO_TO_63 = 2 ** 63;

const DECIMAL = /^([-+]?[0-9]*)\.[0-9]*$/;

/** `1.9` is 1, `.5` is 0; only plain decimals are cut at the point. */
function withoutFraction(text: string): string {
  const whole = DECIMAL.exec(text)?.[1];
  return whole === undefined || /[0-9]$/.test(whole) ? (whole ?? text) : `${whole}0`;
}

function isNumber(value: GoValue): value is GoInt | GoFloat {
  return value !== null && typeof value === 'object' && 'value' in value && value.kind !== 'uintptr';
}

/** As `int64(f)` on amd64: out of range is the smallest number. */
function truncate(value: number): bigint {
  return value >= -TWO_TO_63 && value < TWO_TO_63 ? BigInt(Math.trunc(value)) : MIN_INT64;
}

export function toInt64(value: GoValue): bigint {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'string') {
    const parsed = parseIntegerWithPrefix(withoutFraction(value));
    return parsed.isValid ? parsed.value : 0n;
  }
  if (!isNumber(value)) return 0n;
  return typeof value.value === 'bigint' ? BigInt.asIntN(64, value.value) : truncate(value.value);
}

export function toFloat64(value: GoValue): number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string') return parseFloatText(value) ?? 0;
  return isNumber(value) ? Number(value.value) : 0;
}
