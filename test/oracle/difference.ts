import type { Outcome } from './outcome.ts';

/** Where an engine is meant to differ from Go's: few, each with its reason. */
export interface Difference<Case> {
  readonly what: string;
  readonly why: string;
  readonly covers: (asked: Case, ours: Outcome, theirs: Outcome) => boolean;
}
