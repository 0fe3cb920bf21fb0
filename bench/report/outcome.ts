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

/** Whom the machine's cores served in the measured stretch, the busiest first. */
export function cpuUses({ samples }: PhaseOutcome): readonly CpuUse[] {
  const wholeSeconds = samples.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1_000;
  return [...totalCpu(samples)]
    .map(([name, seconds]) => ({ name, seconds, cores: seconds / wholeSeconds }))
    .sort((a, b) => b.seconds - a.seconds);
}
