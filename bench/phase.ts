/** A phase of the bench: it measures one thing, on the stage that the phases before it left. */

import type { Figure } from './report/figure.ts';
import type { Stage } from './stage.ts';

export interface Phase {
  readonly name: string;
  /** What it shows, in a few words. */
  readonly title: string;
  /** @param earlier results of the phases before it, by name */
  run(stage: Stage, progress: (text: string) => void, earlier: ReadonlyMap<string, PhaseResult>): Promise<PhaseResult>;
}

export interface PhaseResult {
  readonly figures: readonly Figure[];
  /** Counts by name that are too many for figures, such as requests by verb and resource. */
  readonly tables?: readonly CountTable[];
  /** When each object was done, in ms from the start of what was measured. The plot draws them. */
  readonly completionsMs?: readonly number[];
  /** Times from rotations to their Secrets. The plot draws them. */
  readonly latencies?: readonly Latencies[];
  /** Sizes over time. The plot draws them. */
  readonly memory?: readonly MemorySample[];
  /** The stretch for which CPU time is counted, by performance.now(); the whole phase if absent. */
  readonly measured?: { readonly fromMs: number; readonly toMs: number };
}

export interface Latencies {
  /** How the rotations were found. */
  readonly name: string;
  readonly valuesMs: readonly number[];
}

export interface MemorySample {
  readonly atMs: number;
  readonly residentMiB: number;
  /** Of V8's heap, what is in use. */
  readonly heapMiB: number;
}

export interface CountTable {
  readonly title: string;
  readonly rows: readonly (readonly [name: string, count: number])[];
}
