/** The charts of the plot. Each is undefined when the results have nothing for it. The numbers in the legends are the table's. */

import { afterWarmUp, trendOf } from '../measure/trend.ts';
import { type Area, chart, type LegendEntry } from './chart.ts';
import { formatFigure, formatValue } from './figure.ts';
import type { LatencyResults, PhaseResults, Results } from './results.ts';
import { type Ink, polygon, polyline } from './svg.ts';

export type Panel = (results: Results, area: Area) => string | undefined;

const CPU_ORDER = ['operator', 'kube-apiserver', 'etcd', 'kube-controller-manager', 'AWS stand-in', 'bench', 'others'];
/** Steps of a speed over time: not so many that chance alone makes them jump. */
const MOST_STEPS = 60;
const OBJECTS_FOR_A_STEP = 30;

function series(at: number): Ink {
  return `series-${at}`;
}

function shown({ figures }: PhaseResults, name: string): string {
  const figure = figures.find((each) => each.name === name);
  return figure === undefined ? '-' : formatFigure(figure);
}

/** With what its note says first: how far it can be trusted. */
function shownTrend(phase: PhaseResults, name: string): string {
  const note = phase.figures.find((each) => each.name === name)?.note ?? '';
  return `${shown(phase, name)} ${note.replace(/;.*/, '')}`.trimEnd();
}

export const latencyPanel: Panel = ({ phases }, area) => {
  const lines = phases.flatMap(({ latencies = [] }) => latencies).filter(({ count }) => count > 0);
  if (lines.length === 0) return undefined;
  const axes = chart(area, {
    title: 'Rotations that have reached their Secret',
    x: {
      label: 'time since the rotation (logarithmic)',
      logFrom: Math.max(1, Math.min(...lines.map(({ valuesMs: [first = 1] }) => first))),
      most: Math.max(...lines.map(({ maxMs }) => maxMs)),
      format: duration,
    },
    y: { label: 'share of them', most: 1, format: (value) => `${Math.round(value * 100)}%` },
    legend: lines.map((line, at): LegendEntry => ({ ink: series(at), mark: 'line', label: describeLatency(line) })),
  });
  const drawn = lines.map(({ valuesMs }, at) => {
    const points = valuesMs.map((ms, index) => axes.at(Math.max(1, ms), (index + 1) / valuesMs.length));
    return polyline([axes.at(Math.max(1, valuesMs[0] ?? 1), 0), ...points], series(at));
  });
  return [axes.frame, ...drawn].join('\n');
};

function describeLatency({ name, count, p50Ms, p99Ms, maxMs }: LatencyResults): string {
  const rotations = name.includes('at once') ? '' : ` (${count})`;
  return `${name}${rotations}: p50 ${duration(p50Ms)}, p99 ${duration(p99Ms)}, max ${duration(maxMs)}`;
}

function duration(ms: number): string {
  return ms < 1_000 ? `${formatValue(ms)} ms` : `${formatValue(ms / 1_000)} s`;
}

export const speedPanel: Panel = ({ phases, arguments: { objects } }, area) => {
  const of = (name: string) => phases.find((phase) => phase.name === name && (phase.completionsMs?.length ?? 0) > 1);
  const limit = of('limit');
  const sync = of('first-sync');
  const lines = [
    sync && {
      phase: sync,
      label: `Keyturn, first sync: ${shown(sync, 'speed, start-up included')}`,
      mark: 'line' as const,
    },
    limit && {
      phase: limit,
      label: `raw writes, no operator: ${shown(limit, 'raw two-write limit')}`,
      mark: 'dashes' as const,
    },
  ].filter((line) => line !== undefined);
  if (lines.length === 0) return undefined;
  const longestMs = Math.max(...lines.map(({ phase }) => phase.completionsMs?.at(-1) ?? 0));
  const stepMs = longestMs / Math.min(MOST_STEPS, Math.max(5, Math.round(objects / OBJECTS_FOR_A_STEP)));
  const rates = lines.map((line) => ({ ...line, points: ratesOf(line.phase, objects, stepMs) }));
  const axes = chart(area, {
    title: 'First sync: speed beside the limit of the machine',
    x: { label: 'seconds since the start', most: longestMs / 1_000 },
    y: {
      label: 'objects a second',
      most: Math.max(...rates.flatMap(({ points }) => points.map(([, perSecond]) => perSecond))),
    },
    legend: rates.map(({ label, mark }, at): LegendEntry => ({ ink: series(at), mark, label })),
  });
  const drawn = rates.map(({ points, mark }, at) =>
    polyline(
      points.map(([seconds, perSecond]) => axes.at(seconds, perSecond)),
      series(at),
      mark === 'dashes' ? '4 3' : '',
    ),
  );
  return [axes.frame, ...drawn].join('\n');
};

/** Objects a second, as steps of equal length, from the quantiles of the times at which they were done. */
function ratesOf({ completionsMs = [] }: PhaseResults, objects: number, stepMs: number) {
  const lastMs = completionsMs.at(-1) ?? 0;
  const doneAt = (ms: number) => objects * shareBy(completionsMs, ms);
  // The longest line ends at a step, but for rounding.
  const steps = Math.ceil(lastMs / stepMs - 1e-6);
  return Array.from({ length: steps }, (_, at) => at * stepMs).flatMap((fromMs) => {
    const toMs = Math.min(fromMs + stepMs, lastMs);
    const rate = (doneAt(toMs) - doneAt(fromMs)) / ((toMs - fromMs) / 1_000);
    return [
      [fromMs / 1_000, rate],
      [toMs / 1_000, rate],
    ] as const;
  });
}

/** The share of sorted quantiles that is not above a value, between them by straight lines. */
function shareBy(quantiles: readonly number[], value: number): number {
  const above = quantiles.findIndex((each) => each > value);
  if (above === -1) return 1;
  if (above === 0) return 0;
  const before = quantiles[above - 1] ?? value;
  const after = quantiles[above] ?? value;
  return (above - 1 + (value - before) / (after - before)) / (quantiles.length - 1);
}

export const coresPanel: Panel = ({ phases, machine }, area) => {
  const phase = phases.find(({ name }) => name === 'first-sync');
  const samples = phase?.cores ?? [];
  if (phase === undefined || samples.length < 2) return undefined;
  const names = CPU_ORDER.filter((name) => samples.some(({ cores }) => (cores[name] ?? 0) > 0.02));
  const axes = chart(area, {
    title: 'First sync: who used the cores',
    x: { label: 'seconds since the start of the operator', most: (samples.at(-1)?.endMs ?? 0) / 1_000 },
    y: { label: 'cores', most: machine.cores },
    legend: names.map((name): LegendEntry => {
      const used = formatValue(phase.cpuSeconds[name] ?? 0);
      return { ink: series(CPU_ORDER.indexOf(name)), mark: 'area', label: `${name} ${used} s` };
    }),
  });
  const drawn = names.map((name, at) => {
    const below = stack(samples, names.slice(0, at));
    const above = stack(samples, names.slice(0, at + 1));
    const outline = [...above, ...below.toReversed()].map(([x, y]) => axes.at(x, Math.min(y, machine.cores)));
    return polygon(outline, series(CPU_ORDER.indexOf(name)));
  });
  return [axes.frame, ...drawn].join('\n');
};

/** Cores that these processes used together, as steps over time. */
function stack(samples: NonNullable<PhaseResults['cores']>, names: readonly string[]) {
  return samples.flatMap(({ endMs, lengthMs, cores }) => {
    const used = names.reduce((sum, name) => sum + (cores[name] ?? 0), 0);
    return [
      [Math.max(0, endMs - lengthMs) / 1_000, used],
      [endMs / 1_000, used],
    ] as const;
  });
}

export const memoryPanel: Panel = ({ phases }, area) => {
  const phase = phases.find(({ memory = [] }) => memory.length > 2);
  const samples = phase?.memory ?? [];
  if (phase === undefined) return undefined;
  const lines = [
    {
      label: `resident (RSS): ${shownTrend(phase, 'RSS, trend of the last two thirds')}`,
      points: samples.map(({ atMs, residentMiB }) => [atMs, residentMiB] as const),
    },
    {
      label: `heap in use: ${shownTrend(phase, 'heap, trend of the last two thirds')}`,
      points: samples.map(({ atMs, heapMiB }) => [atMs, heapMiB] as const),
    },
  ];
  const axes = chart(area, {
    title: `Memory of the operator under ${shown(phase, 'rotations')} rotations`,
    x: { label: 'minutes', most: (samples.at(-1)?.atMs ?? 0) / 60_000 },
    y: { label: 'MiB', most: Math.max(...samples.map(({ residentMiB }) => residentMiB)) },
    legend: [
      ...lines.map(({ label }, at): LegendEntry => ({ ink: series(at), mark: 'line', label })),
      { ink: 'muted', mark: 'dashes', label: 'trend of the last two thirds' },
    ],
  });
  const drawn = lines.flatMap(({ points }, at) => {
    const settled = afterWarmUp(points);
    const trend = trendOf(settled);
    const ends = [settled[0], settled.at(-1)].filter((end) => end !== undefined);
    return [
      polyline(
        points.map(([atMs, mebibytes]) => axes.at(atMs / 60_000, mebibytes)),
        series(at),
      ),
      polyline(
        ends.map(([atMs]) => axes.at(atMs / 60_000, trend.at(atMs))),
        'muted',
        '4 3',
      ),
    ];
  });
  return [axes.frame, ...drawn].join('\n');
};
