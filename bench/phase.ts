/** A phase of the bench: it measures one thing, on the stage that the phases before it left. */

import type { Figure } from './report/figure.ts';
import type { Stage } from './stage.ts';

export interface Phase {
  readonly name: string;
  /** What it shows, in a few words. */
  readonly title: string;
  /** `onRequest` when it is run only if `--phases` names it. */
  readonly runs: 'always' | 'onRequest';
  /** @param earlier results of the phases before it, by name */
  run(stage: Stage, progress: (text: string) => void, earlier: ReadonlyMap<string, PhaseResult>): Promise<PhaseResult>;
}

export interface PhaseResult {
  readonly figures: readonly Figure[];
  /** Counts by name that are too many for figures, such as requests by verb and resource. */
  readonly tables?: readonly CountTable[];
  /** When each object was done, in ms from the start of what was measured. The plot draws them. */
  readonly completionsMs?: readonly number[];
  /** Time from a rotation to its Secret, in ms. The plot draws them. */
  readonly latenciesMs?: readonly number[];
  /** A size over time, as [ms, MiB]. The plot draws it. */
  readonly memory?: readonly (readonly [atMs: number, mebibytes: number])[];
  /** The stretch for which CPU time is counted, by performance.now(); the whole phase if absent. */
  readonly measured?: { readonly fromMs: number; readonly toMs: number };
}

export interface CountTable {
  readonly title: string;
  readonly rows: readonly (readonly [name: string, count: number])[];
}
