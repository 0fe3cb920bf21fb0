/** The plot of a run: objects synced over time, who used the cores meanwhile, rotation latencies, memory. */

import type { CpuSample } from '../measure/cpu-sampler.ts';
import { describeMachine } from '../measure/machine.ts';
import { percentile } from '../measure/percentiles.ts';
import type { Run } from './outcome.ts';
import { type Area, chart, polygon, polyline, rectangle, svgDocument, text } from './svg.ts';

const WIDTH = 940;
const CHART_HEIGHT = 200;
const ROW_HEIGHT = CHART_HEIGHT + 108;
const HEADER_HEIGHT = 100;
const LEFT = 84;
const LEGEND_WIDTH = 244;
const SHOWN_POINTS = 200;
/** Told apart by people who do not see all colours (Okabe and Ito). */
const COLORS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#999999'];
const CPU_ORDER = ['operator', 'kube-apiserver', 'etcd', 'kube-controller-manager', 'AWS stand-in', 'bench', 'others'];

interface Legend {
  readonly color: string;
  readonly label: string;
  readonly dash?: boolean;
}

/** Draws one row; undefined when the run has nothing for it. */
type Row = (run: Run, area: Area) => string | undefined;

const ROWS: readonly Row[] = [throughput, cores, latencies, memory];

export function drawPlot(run: Run): string {
  const rows: string[] = [];
  for (const row of ROWS) {
    const top = HEADER_HEIGHT + rows.length * ROW_HEIGHT + 24;
    const drawn = row(run, { left: LEFT, top, width: WIDTH - LEFT - LEGEND_WIDTH, height: CHART_HEIGHT });
    if (drawn !== undefined) rows.push(drawn);
  }
  const title = `Benchmark of Keyturn with ${run.args.objects} ExternalSecrets: first sync, use of the cores, rotation latency`;
  return svgDocument(WIDTH, HEADER_HEIGHT + rows.length * ROW_HEIGHT, title, [header(run), ...rows]);
}

function header({ args, machine, startedAt }: Run): string {
  const what = `${args.objects.toLocaleString('en-US')} ExternalSecrets, refreshInterval ${args.interval}, AWS calls of ${args.latencyMs} ms`;
  const small = { size: 11, color: '#52606d' };
  const when = `${startedAt.toISOString().slice(0, 10)}, revision ${machine.revision}`;
  return [
    text(24, 32, 'Keyturn: benchmark', { size: 18, bold: true }),
    text(24, 52, what, { size: 13 }),
    text(24, 70, `${when}; ${describeMachine(machine)}`, small),
    text(24, 86, 'The cores are shared by API server, etcd, AWS stand-in, bench and operator.', small),
  ].join('\n');
}

function legend(area: Area, entries: readonly Legend[]): string {
  const x = area.left + area.width + 24;
  return entries
    .map(({ color, label, dash = false }, at) => {
      const y = area.top + 8 + at * 20;
      const mark = dash
        ? polyline(
            [
              [x, y + 4],
              [x + 14, y + 4],
            ],
            color,
            '3 3',
          )
        : rectangle(x, y, 14, 8, color);
      return `${mark}${text(x + 22, y + 8, label, { size: 12 })}`;
    })
    .join('\n');
}

function throughput({ outcomes, args }: Run, area: Area): string | undefined {
  const lines = outcomes.flatMap(({ phase, result }) =>
    result.completionsMs === undefined ? [] : [{ name: phase.name, timesMs: result.completionsMs }],
  );
  if (lines.length === 0) return undefined;
  const mostSeconds = Math.max(...lines.map(({ timesMs }) => Math.max(...timesMs))) / 1_000;
  const axes = chart(
    area,
    'First sync: objects with Secret and status',
    { label: 'seconds from the start of the operator, or of the raw writes', most: mostSeconds },
    { label: 'objects', most: args.objects },
  );
  const drawn = lines.map(({ timesMs }, at) => {
    const points = cumulative(timesMs).map(([seconds, share]) => axes.at(seconds, share * args.objects));
    return polyline([axes.at(0, 0), ...points], COLORS[at] ?? '#000000');
  });
  const entries = lines.map(({ name, timesMs }, at): Legend => {
    const perSecond = Math.round(timesMs.length / (Math.max(...timesMs) / 1_000));
    const label = name === 'limit' ? 'raw two writes' : 'Keyturn';
    return { color: COLORS[at] ?? '#000000', label: `${label}: ${perSecond} objects/s` };
  });
  return [axes.frame, ...drawn, legend(area, entries)].join('\n');
}

/** The share that is done by each time, thinned out. */
function cumulative(timesMs: readonly number[]): readonly (readonly [seconds: number, share: number])[] {
  const sorted = timesMs.toSorted((a, b) => a - b);
  const step = Math.max(1, Math.floor(sorted.length / SHOWN_POINTS));
  return sorted.flatMap((ms, at) => {
    const isShown = at % step === 0 || at === sorted.length - 1;
    return isShown ? [[ms / 1_000, (at + 1) / sorted.length] as const] : [];
  });
}

function cores({ outcomes, machine }: Run, area: Area): string | undefined {
  const outcome = outcomes.find(({ phase }) => phase.name === 'first-sync');
  const fromMs = outcome?.result.measured?.fromMs;
  if (outcome === undefined || fromMs === undefined || outcome.samples.length < 2) return undefined;
  const samples = outcome.samples;
  const most = ((samples.at(-1)?.atMs ?? fromMs) - fromMs) / 1_000;
  const axes = chart(
    area,
    'First sync: who used the cores',
    { label: 'seconds from the start of the operator', most },
    { label: 'cores', most: machine.cores },
  );
  const names = CPU_ORDER.filter((name) => samples.some(({ seconds }) => (seconds.get(name) ?? 0) > 0.02));
  const drawn = names.map((name, at) => {
    const below = stack(samples, names.slice(0, at), fromMs);
    const above = stack(samples, names.slice(0, at + 1), fromMs);
    const outline = [...above, ...below.toReversed()].map(([x, y]) => axes.at(x, Math.min(y, machine.cores)));
    return polygon(outline, colorOf(name));
  });
  const entries = names.toReversed().map((name): Legend => ({ color: colorOf(name), label: name }));
  return [axes.frame, ...drawn, legend(area, entries)].join('\n');
}

function colorOf(name: string): string {
  return COLORS[CPU_ORDER.indexOf(name)] ?? '#000000';
}

/** Cores that these processes used together, as steps over time. */
function stack(samples: readonly CpuSample[], names: readonly string[], fromMs: number) {
  return samples.flatMap(({ atMs, durationMs, seconds }) => {
    const used = names.reduce((sum, name) => sum + (seconds.get(name) ?? 0), 0) / (durationMs / 1_000);
    const endSeconds = (atMs - fromMs) / 1_000;
    return [
      [Math.max(0, endSeconds - durationMs / 1_000), used],
      [endSeconds, used],
    ] as const;
  });
}

function latencies({ outcomes, args }: Run, area: Area): string | undefined {
  const lines = outcomes.flatMap(({ phase, result }) =>
    result.latenciesMs === undefined || result.latenciesMs.length === 0
      ? []
      : [{ name: phase.name, latenciesMs: result.latenciesMs }],
  );
  if (lines.length === 0) return undefined;
  const most = Math.max(args.intervalMs, ...lines.map(({ latenciesMs }) => Math.max(...latenciesMs))) / 1_000;
  const axes = chart(
    area,
    'Rotations that have reached their Secret',
    { label: 'seconds since the rotation', most },
    { label: 'share of the rotations', most: 1, format: (value) => `${Math.round(value * 100)}%` },
  );
  const drawn = lines.map(({ latenciesMs }, at) => {
    const points = cumulative(latenciesMs).map(([seconds, share]) => axes.at(seconds, share));
    return polyline([axes.at(0, 0), ...points], COLORS[at] ?? '#000000');
  });
  const interval = args.intervalMs / 1_000;
  const boundary = polyline([axes.at(interval, 0), axes.at(interval, 1)], '#52606d', '3 3');
  const entries = [
    ...lines.flatMap(({ name, latenciesMs }, at): Legend[] => {
      const color = COLORS[at] ?? '#000000';
      const seconds = (share: number) => (percentile(latenciesMs, share) / 1_000).toFixed(1);
      return [
        { color, label: `${name} (${latenciesMs.length})` },
        ...[0.5, 0.95, 0.99, 1].map((share) => ({
          color: '#ffffff',
          label: `${share === 1 ? 'max' : `p${share * 100}`} ${seconds(share)} s`,
        })),
      ];
    }),
    { color: '#52606d', label: 'refreshInterval', dash: true },
  ];
  return [axes.frame, boundary, ...drawn, legend(area, entries)].join('\n');
}

function memory({ outcomes }: Run, area: Area): string | undefined {
  const samples = outcomes.find(({ result }) => result.memory !== undefined)?.result.memory ?? [];
  if (samples.length < 2) return undefined;
  const axes = chart(
    area,
    'Memory of the operator under rotation churn',
    { label: 'minutes', most: (samples.at(-1)?.[0] ?? 0) / 60_000 },
    { label: 'MiB resident', most: Math.max(...samples.map(([, mebibytes]) => mebibytes)) },
  );
  const points = samples.map(([atMs, mebibytes]) => axes.at(atMs / 60_000, mebibytes));
  return [
    axes.frame,
    polyline(points, COLORS[0] ?? '#000000'),
    legend(area, [{ color: COLORS[0] ?? '', label: 'RSS' }]),
  ].join('\n');
}
