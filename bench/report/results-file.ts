/** The results as JSON, for later comparison, and the plot beside them. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuUses, type PhaseOutcome, type Run } from './outcome.ts';
import { drawPlot } from './plot.ts';

/** Longer series are thinned out to this. */
const KEPT_POINTS = 200;

/** @returns the paths that were written */
export function writeResults(run: Run): readonly string[] {
  const { outDirectory, objects } = run.args;
  mkdirSync(outDirectory, { recursive: true });
  const date = run.startedAt.toISOString().slice(0, 10);
  const stem = join(outDirectory, `${date}-${objects}`);
  writeFileSync(`${stem}.json`, `${JSON.stringify(resultsOf(run), undefined, 2)}\n`);
  writeFileSync(`${stem}.svg`, drawPlot(run));
  return [`${stem}.json`, `${stem}.svg`];
}

function resultsOf({ startedAt, machine, args, outcomes }: Run): object {
  const { objects, interval, concurrency, latencyMs, nodeArgs, operatorArgs } = args;
  return {
    startedAt: startedAt.toISOString(),
    machine,
    arguments: { objects, interval, concurrency, latencyMs, nodeArgs, operatorArgs },
    phases: outcomes.map((outcome) => phaseResults(outcome)),
  };
}

function phaseResults(outcome: PhaseOutcome): object {
  const { phase, result } = outcome;
  const { figures, tables = [], completionsMs, latenciesMs, memory } = result;
  return {
    name: phase.name,
    title: phase.title,
    figures: figures.map((figure) => ({ ...figure, value: rounded(figure.value) })),
    tables: tables.map(({ title, rows }) => ({ title, counts: Object.fromEntries(rows) })),
    cpuSeconds: Object.fromEntries(cpuUses(outcome).map(({ name, seconds }) => [name, rounded(seconds)])),
    ...(completionsMs === undefined ? {} : { completionsMs: quantiles(completionsMs) }),
    ...(latenciesMs === undefined ? {} : { latenciesMs: quantiles(latenciesMs) }),
    ...(memory === undefined
      ? {}
      : { memoryMiB: memory.map(([atMs, mebibytes]) => [Math.round(atMs), rounded(mebibytes)]) }),
  };
}

/** Sorted, and of more than can be kept evenly spaced ones, the smallest and the largest included. */
function quantiles(values: readonly number[]): readonly number[] {
  const sorted = values.toSorted((a, b) => a - b).map(Math.round);
  if (sorted.length <= KEPT_POINTS) return sorted;
  const step = (sorted.length - 1) / (KEPT_POINTS - 1);
  return Array.from({ length: KEPT_POINTS }, (_, at) => sorted[Math.round(at * step)] ?? Number.NaN);
}

function rounded(value: number): number {
  return Number(value.toPrecision(5));
}
