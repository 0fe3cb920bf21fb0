/** A run, its phases and what came of them: what the table, the results file and the plot are made of. */

import type { BenchArguments } from '../arguments.ts';
import { type CpuSample, totalCpu } from '../measure/cpu-sampler.ts';
import type { Machine } from '../measure/machine.ts';
import type { Phase, PhaseResult } from '../phase.ts';

export interface PhaseOutcome {
  readonly phase: Phase;
  readonly result: PhaseResult;
  /** CPU of the machine over the stretch that was measured. */
  readonly samples: readonly CpuSample[];
}

/** One run of the bench. */
export interface Run {
  readonly startedAt: Date;
  readonly machine: Machine;
  readonly args: BenchArguments;
  readonly outcomes: readonly PhaseOutcome[];
}

export interface CpuUse {
  readonly name: string;
  /** In cores, on average. */
  readonly cores: number;
  readonly seconds: number;
}

/** With so many cores used by other programs the figures say less. */
export const DISTURBING_CORES = 0.2;

/** How long the measured stretch was. */
export function measuredSeconds({ samples }: PhaseOutcome): number {
  return samples.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1_000;
}

/** Whom the machine's cores served in the measured stretch, the busiest first. */
export function cpuUses(outcome: PhaseOutcome): readonly CpuUse[] {
  const wholeSeconds = measuredSeconds(outcome);
  return [...totalCpu(outcome.samples)]
    .map(([name, seconds]) => ({ name, seconds, cores: seconds / wholeSeconds }))
    .sort((a, b) => b.seconds - a.seconds);
}
