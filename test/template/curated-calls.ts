/** Calls of every function: with what it is meant for, and with what it is not. */

import { LITERAL_TEXTS } from './generate-literals.ts';
import { SIGNATURES, type Signature, type Sort } from './signatures.ts';

/** Calls for each signature; the values of a sort are taken in turn, so that all have theirs when a sort has fewer. */
const CALLS = 12;

/** A value of each kind that Go knows. */
const KINDS = [
  'nil',
  '"x"',
  '7',
  '1.5',
  'true',
  '(list 1 "a")',
  '(dict "a" 1)',
  '(until 2)',
  '(split "," "a,b")',
  '(int64 3)',
  '(toDate "2006" "2020")',
  '(semver "1.2.3")',
];

export function rightCalls(): string[] {
  return [...new Set(SIGNATURES.flatMap(rightCallsOf))];
}

/** A function that has several signatures is tried with one. */
export function wrongCalls(): string[] {
  const first = new Map([...SIGNATURES].reverse().map((signature) => [signature.name, signature]));
  return [
    ...new Set([...first.values()].flatMap((signature) => [...wrongCallsOf(signature), ...wrongCounts(signature)])),
  ];
}

function rightCallsOf(signature: Signature): string[] {
  return Array.from({ length: CALLS }, (_, turn) => {
    const args = sortsOf(signature, turn).map((sort, at) => valueFor(sort, turn * (2 * at + 1) + at));
    return show(signature, args, turn);
  });
}

/** Without further arguments, with one, with two. */
function sortsOf({ params, rest }: Signature, turn: number): Sort[] {
  return [...params, ...Array.from({ length: rest === undefined ? 0 : turn % 3 }, () => rest ?? 'any')];
}

function valueFor(sort: Sort, turn: number): string {
  const values = LITERAL_TEXTS[sort];
  return values[turn % values.length] ?? 'nil';
}

/** The result as it prints, and with its type. */
function show({ name }: Signature, args: readonly string[], turn: number): string {
  const call = [name, ...args].join(' ');
  return turn % 2 === 0 ? `{{ ${call} }}` : `{{ printf "%[1]T %[1]v" (${call}) }}`;
}

function wrongCallsOf(signature: Signature): string[] {
  if (signature.isStrict) return [];
  const right = sortsOf(signature, 1).map((sort, at) => valueFor(sort, at));
  return right.flatMap((_, at) => KINDS.map((value, turn) => show(signature, right.with(at, value), turn + 1)));
}

function wrongCounts(signature: Signature): string[] {
  const right = signature.params.map((sort, at) => valueFor(sort, at));
  return [show(signature, [], 0), show(signature, right.slice(1), 0), show(signature, [...right, '1', '2'], 0)];
}
