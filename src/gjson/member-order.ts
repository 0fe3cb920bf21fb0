/** The order in which `@pretty` sorts members: by key, and those of one key by value. */

import { numberOf } from './result.ts';

export interface MemberText {
  /** In quotes. */
  readonly key: string;
  /** As it is printed. */
  readonly value: string;
}

/** By the first character: the kind of a value, in the order of kinds. A number has none of these. */
const RANKS: Readonly<Record<string, number>> = { '': 0, n: 0, f: 1, '"': 3, t: 4, '[': 5, '{': 5 };
const NUMBER_RANK = 2;

function compare<T extends string | number>(one: T, other: T): number {
  if (one < other) return -1;
  return one > other ? 1 : 0;
}

/** As Go's `encoding/json` reads it; empty for what it does not read. */
function stringIn(token: string): string {
  if (!token.includes('\\')) return token.slice(1, -1);
  try {
    const text = String(JSON.parse(Buffer.from(token, 'latin1').toString('utf8')));
    return Buffer.from(text, 'utf8').toString('latin1');
  } catch {
    return '';
  }
}

function compareValues(one: string, other: string): number {
  const rank = RANKS[one.charAt(0)] ?? NUMBER_RANK;
  const byRank = compare(rank, RANKS[other.charAt(0)] ?? NUMBER_RANK);
  if (byRank !== 0) return byRank;
  if (rank === RANKS['"']) return compare(stringIn(one), stringIn(other));
  return rank === NUMBER_RANK ? compare(numberOf(one), numberOf(other)) : compare(one, other);
}

export function compareMembers(one: MemberText, other: MemberText): number {
  return compareValues(one.key, other.key) || compareValues(one.value.trim(), other.value.trim());
}
