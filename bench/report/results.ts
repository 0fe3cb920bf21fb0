/**
 * The results of a run as they are kept: all that the plot and the README's table are made of, so that both can be made
 * anew, and a later run can keep what it does not measure itself.
 */

import * as Type from 'typebox';
import { schemaChecker } from '../../src/api/schema-checker.ts';
import { percentile } from '../measure/percentiles.ts';
import type { Latencies } from '../phase.ts';
import type { Figure } from './figure.ts';
import { cpuUses, measuredSeconds, type PhaseOutcome, type Run } from './outcome.ts';

const text = Type.String();
const number = Type.Number();

const machineSchema = Type.Object({
  cores: number,
  memoryGiB: number,
  platform: text,
  node: text,
  kubernetes: text,
  revision: text,
});

const argumentsSchema = Type.Object({
  objects: number,
  interval: text,
  concurrency: number,
  latencyMs: number,
  nodeArgs: Type.Array(text),
  operatorArgs: Type.Array(text),
});

const figureSchema = Type.Object({
  name: text,
  /** Null where nothing was measured. */
  value: Type.Union([number, Type.Null()]),
  unit: text,
  target: Type.Optional(Type.Object({ text, met: Type.Boolean() })),
  note: Type.Optional(text),
});

const latenciesSchema = Type.Object({
  name: text,
  count: number,
  p50Ms: number,
  p95Ms: number,
  p99Ms: number,
  maxMs: number,
  /** Sorted, thinned out evenly. */
  valuesMs: Type.Array(number),
});

const phaseSchema = Type.Object({
  name: text,
  title: text,
  /** When it was measured, and of which revision. */
  measuredAt: text,
  revision: text,
  figures: Type.Array(figureSchema),
  tables: Type.Array(Type.Object({ title: text, counts: Type.Record(text, number) })),
  /** Of the stretch that was measured. */
  seconds: number,
  /** Used in it, by name. */
  cpuSeconds: Type.Record(text, number),
  /** Sorted, thinned out evenly. */
  completionsMs: Type.Optional(Type.Array(number)),
  /** From the start of what was measured: when each stretch ended, its length, and the cores in use by name. */
  cores: Type.Optional(Type.Array(Type.Object({ endMs: number, lengthMs: number, cores: Type.Record(text, number) }))),
  latencies: Type.Optional(Type.Array(latenciesSchema)),
  memory: Type.Optional(Type.Array(Type.Object({ atMs: number, residentMiB: number, heapMiB: number }))),
});

const resultsSchema = Type.Object({
  machine: machineSchema,
  arguments: argumentsSchema,
  phases: Type.Array(phaseSchema),
});

export type Results = Type.Static<typeof resultsSchema>;
export type PhaseResults = Type.Static<typeof phaseSchema>;
export type FigureResult = Type.Static<typeof figureSchema>;
export type LatencyResults = Type.Static<typeof latenciesSchema>;

const checker = schemaChecker(resultsSchema);

/** Longer series are thinned out to this. */
const KEPT_POINTS = 200;

/** @throws Error when it is not what {@link resultsOf} makes */
export function parseResults(json: string): Results {
  const parsed: unknown = JSON.parse(json);
  if (!checker.matches(parsed)) throw new Error(`these are no results of this bench: ${checker.problem(parsed)}`);
  return parsed;
}

export function resultsOf({ startedAt, machine, args, outcomes }: Run): Results {
  const { objects, interval, concurrency, latencyMs, nodeArgs, operatorArgs } = args;
  const origin = { measuredAt: startedAt.toISOString(), revision: machine.revision };
  return {
    machine: { ...machine },
    arguments: {
      objects,
      interval,
      concurrency,
      latencyMs,
      nodeArgs: [...nodeArgs],
      operatorArgs: [...operatorArgs],
    },
    phases: outcomes.map((outcome) => ({ ...origin, ...phaseResults(outcome) })),
  };
}

/** With the phases of `before` that `now` lacks, if they were measured on such a machine with the same arguments. */
export function mergedResults(before: Results, now: Results, order: readonly string[]): Results {
  const measuredHow = ({ machine, arguments: args }: Results) => {
    const { revision, ...machineAlone } = machine;
    return JSON.stringify([machineAlone, args]);
  };
  if (measuredHow(before) !== measuredHow(now)) return now;
  const kept = before.phases.filter(({ name }) => now.phases.every((phase) => phase.name !== name));
  const phases = [...now.phases, ...kept].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  return { ...now, phases };
}

function phaseResults(outcome: PhaseOutcome): Omit<PhaseResults, 'measuredAt' | 'revision'> {
  const { phase, result } = outcome;
  const { figures, tables = [], completionsMs, latencies, memory } = result;
  return {
    name: phase.name,
    title: phase.title,
    figures: figures.map(figureResult),
    tables: tables.map(({ title, rows }) => ({ title, counts: Object.fromEntries(rows) })),
    seconds: rounded(measuredSeconds(outcome)),
    cpuSeconds: Object.fromEntries(cpuUses(outcome).map(({ name, seconds }) => [name, rounded(seconds)])),
    ...(completionsMs === undefined ? {} : { completionsMs: quantiles(completionsMs), cores: coresOver(outcome) }),
    ...(latencies === undefined ? {} : { latencies: latencies.map(latencyResults) }),
    ...(memory === undefined
      ? {}
      : {
          memory: memory.map(({ atMs, residentMiB, heapMiB }) => ({
            atMs: Math.round(atMs),
            residentMiB: rounded(residentMiB),
            heapMiB: rounded(heapMiB),
          })),
        }),
  };
}

function figureResult({ name, value, unit, target, note = '' }: Figure): FigureResult {
  return {
    name,
    value: Number.isFinite(value) ? rounded(value) : null,
    unit,
    ...(target === undefined ? {} : { target: { ...target } }),
    ...(note === '' ? {} : { note }),
  };
}

function coresOver({ result, samples }: PhaseOutcome): NonNullable<PhaseResults['cores']> {
  const fromMs = result.measured?.fromMs ?? 0;
  return samples.map(({ atMs, durationMs, seconds }) => ({
    endMs: Math.round(atMs - fromMs),
    lengthMs: Math.round(durationMs),
    cores: Object.fromEntries([...seconds].map(([name, used]) => [name, rounded(used / (durationMs / 1_000))])),
  }));
}

function latencyResults({ name, valuesMs }: Latencies): LatencyResults {
  const at = (share: number) => rounded(percentile(valuesMs, share));
  return {
    name,
    count: valuesMs.length,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    maxMs: at(1),
    valuesMs: quantiles(valuesMs),
  };
}

/** Sorted, and of more than can be kept evenly spaced ones, the smallest and the largest included. */
function quantiles(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b).map(Math.round);
  if (sorted.length <= KEPT_POINTS) return sorted;
  const step = (sorted.length - 1) / (KEPT_POINTS - 1);
  return Array.from({ length: KEPT_POINTS }, (_, at) => sorted[Math.round(at * step)] ?? Number.NaN);
}

function rounded(value: number): number {
  return Number(value.toPrecision(5));
}
