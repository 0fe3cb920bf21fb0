/** The order of keys in YAML that go-yaml writes: as people sort, with numbers by their value. */

import { isDigit, isLetter } from '../engine/unicode.ts';

function digitsEnd(runes: readonly number[], start: number): number {
  let end = start;
  while (end < runes.length && isDigit(runes[end] ?? 0)) end++;
  return end;
}

/** As a number of 64 bits, which may overflow. */
function numberIn(runes: readonly number[], start: number, end: number, first: bigint): bigint {
  let value = first;
  for (let i = start; i < end; i++) value = BigInt.asIntN(64, value * 10n + BigInt((runes[i] ?? 0) - 0x30));
  return value;
}

/** Whether a digit other than zero stands right before, so that a zero here counts. */
function followsNumber(runes: readonly number[], at: number): boolean {
  for (let i = at - 1; i >= 0 && isDigit(runes[i] ?? 0); i--) {
    if (runes[i] !== 0x30) return true;
  }
  return false;
}

function compareAt(a: readonly number[], b: readonly number[], at: number): number {
  const [x = 0, y = 0] = [a[at], b[at]];
  if (isLetter(x) || isLetter(y)) return isLetter(x) && isLetter(y) ? x - y : Number(isLetter(x)) - Number(isLetter(y));
  const hasZero = x === 0x30 || y === 0x30;
  const first = hasZero && followsNumber(a, at) ? 1n : 0n;
  const [aEnd, bEnd] = [digitsEnd(a, at), digitsEnd(b, at)];
  const [aNumber, bNumber] = [numberIn(a, at, aEnd, first), numberIn(b, at, bEnd, first)];
  if (aNumber !== bNumber) return aNumber < bNumber ? -1 : 1;
  return aEnd - bEnd || x - y;
}

export function compareKeys(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    if (a[i] !== b[i]) return compareAt(a, b, i);
  }
  return a.length - b.length;
}
