/** The arguments of modifiers: a JSON object of options. */

import type { Effort } from './effort.ts';
import { membersOf } from './members.ts';
import { isObject, numberOf, parse, type Result } from './result.ts';

const TWO_TO_63 = 2 ** 63;

/** The last of two options of one name counts; an argument that is no object has none. */
export function optionsOf(argument: string, effort: Effort): ReadonlyMap<string, Result> {
  const parsed = parse(argument);
  if (!isObject(parsed)) return new Map();
  return new Map(membersOf(parsed.raw, effort).map(({ key, value }) => [key, value]));
}

/** Digits as Go's integers are, which go round at 2^63; undefined for what is none. */
function digitsOf(text: string): number | undefined {
  return /^-?\d+$/.test(text) ? Number(BigInt.asIntN(64, BigInt(text))) : undefined;
}

/** What Go makes of a number that is no int64 is the least of them. */
export function integerOf(value: Result): number {
  if (value.kind === 'true') return 1;
  if (value.kind === 'string') return digitsOf(value.text) ?? 0;
  if (value.kind !== 'number') return 0;
  const number = numberOf(value.raw);
  if (Number.isSafeInteger(Math.trunc(number))) return Math.trunc(number);
  return digitsOf(value.raw) ?? (Math.abs(number) < TWO_TO_63 ? number : -TWO_TO_63);
}
