/** One of our engines that is held against Go's: what the comparison needs to know of it. */

import type fc from 'fast-check';
import type { Difference } from './difference.ts';
import type { GoldenStore } from './golden.ts';
import type { Outcome } from './outcome.ts';

/** A golden file that is made from a list. */
export interface Topic<Case> {
  readonly name: string;
  readonly about: string;
  readonly cases: readonly Case[];
}

export type Disagrees<Case> = (candidate: Case) => Promise<boolean>;

export interface Engine<Case> {
  /** As the Go program reads it. */
  readonly question: (asked: Case) => unknown;
  readonly ours: (asked: Case) => Outcome;
  readonly differences: readonly Difference<Case>[];
  /** Whether a failure's message holds a value that it must not. */
  readonly leaks: (asked: Case, ours: Outcome) => boolean;
  /** @param only what cases are about, as the command line has it */
  readonly arbitrary: (only: readonly string[] | undefined) => fc.Arbitrary<Case>;
  /** After fast-check, which leaves out what it had put together. */
  readonly shorten: (found: Case, disagrees: Disagrees<Case>) => Promise<Case>;
  /** Lines, each with a word of ten characters in front. */
  readonly describe: (asked: Case) => readonly string[];
  readonly golden: GoldenStore<Case>;
  readonly curated: readonly Topic<Case>[];
}

export function knownDifference<Case>(
  { differences }: Engine<Case>,
  asked: Case,
  ours: Outcome,
  theirs: Outcome,
): Difference<Case> | undefined {
  return differences.find(({ covers }) => covers(asked, ours, theirs));
}
