/** Generates cases, asks both engines, and makes small what they disagree on. */

import fc from 'fast-check';
import { type Engine, knownDifference } from './engine.ts';
import type { Oracle } from './go-oracle.ts';
import { agree, describeOutcome, type Outcome } from './outcome.ts';

export interface Fuzzing {
  readonly cases: number;
  readonly seed: number;
  /** Disagreements after which it ends. */
  readonly most: number;
  /** What the cases are about. @default everything */
  readonly only: readonly string[] | undefined;
}

export interface Disagreement<Case> {
  readonly asked: Case;
  readonly ours: Outcome;
  readonly theirs: Outcome;
}

export interface Compared<Case> extends Disagreement<Case> {
  readonly isAgreed: boolean;
  /** The intended difference that it is. */
  readonly known: string | undefined;
}

export interface Counts {
  cases: number;
  /** Both gave the same output. */
  outputs: number;
  /** Both failed. */
  failures: number;
  gaveUp: number;
  /** By what the difference is. */
  readonly known: Map<string, number>;
}

export async function compare<Case>(engine: Engine<Case>, oracle: Oracle, asked: Case): Promise<Compared<Case>> {
  const theirs = await oracle.ask(engine.question(asked));
  const ours = engine.ours(asked);
  const known = agree(ours, theirs) ? undefined : knownDifference(engine, asked, ours, theirs)?.what;
  const isAgreed = (agree(ours, theirs) || known !== undefined) && !engine.leaks(asked, ours);
  return { asked, ours, theirs, isAgreed, known };
}

export async function fuzz<Case>(
  engine: Engine<Case>,
  oracle: Oracle,
  { cases, seed, most, only }: Fuzzing,
  tell: (found: Disagreement<Case>) => void,
): Promise<{ disagreements: Disagreement<Case>[]; counts: Counts }> {
  const counts: Counts = { cases: 0, outputs: 0, failures: 0, gaveUp: 0, known: new Map() };
  const disagreements: Disagreement<Case>[] = [];
  const compareOne = (asked: Case) => compare(engine, oracle, asked);
  const disagrees = async (asked: Case) => !(await compareOne(asked)).isAgreed;
  const arbitrary = engine.arbitrary(only);
  for (let turn = 0; counts.cases < cases && disagreements.length < most; turn += 1) {
    const parameters = { numRuns: cases - counts.cases, seed: seed + turn };
    const found = await firstDisagreement(arbitrary, compareOne, parameters, counts);
    if (found === undefined) break;
    const small = await compareOne(await engine.shorten(found, disagrees));
    disagreements.push(small);
    tell(small);
  }
  return { disagreements, counts };
}

/** As small as fast-check makes it; what it tries on the way is not counted. */
async function firstDisagreement<Case>(
  arbitrary: fc.Arbitrary<Case>,
  compareOne: (asked: Case) => Promise<Compared<Case>>,
  parameters: { readonly numRuns: number; readonly seed: number },
  counts: Counts,
): Promise<Case | undefined> {
  let isShrinking = false;
  const property = fc.asyncProperty(arbitrary, async (asked) => {
    const compared = await compareOne(asked);
    if (!isShrinking) count(counts, compared);
    if (compared.isAgreed) return;
    isShrinking = true;
    throw new Error('they disagree');
  });
  const result = await fc.check(property, parameters);
  return result.counterexample?.[0];
}

function count(counts: Counts, { theirs, isAgreed, known }: Omit<Compared<unknown>, 'asked'>): void {
  counts.cases += 1;
  if (theirs.kind === 'gave up') counts.gaveUp += 1;
  else if (known !== undefined) counts.known.set(known, (counts.known.get(known) ?? 0) + 1);
  else if (isAgreed && theirs.kind === 'output') counts.outputs += 1;
  else if (isAgreed) counts.failures += 1;
}

export function describe<Case>(engine: Engine<Case>, { asked, ours, theirs }: Disagreement<Case>): string {
  const lines = [`ours      ${describeOutcome(ours)}`, `Go's      ${describeOutcome(theirs)}`];
  return [...engine.describe(asked), ...lines].join('\n');
}
