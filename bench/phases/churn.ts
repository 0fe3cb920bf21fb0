/** Secrets are rotated all the time: does memory stay flat? */

import type { BenchOperator, Scrape } from '../bench-operator.ts';
import { afterWarmUp, trendOf } from '../measure/trend.ts';
import type { MemorySample, Phase } from '../phase.ts';
import { atMost, type Figure } from '../report/figure.ts';
import type { Stage } from '../stage.ts';
import { ticking } from '../ticker.ts';
import { randomSample } from './random-rotations.ts';

const ROUND_MS = 1_000;
/** As often as the closest-knit Prometheus asks; each look is a scrape. */
const SAMPLE_EVERY_ROUNDS = 10;
/** Each secret is rotated once in so many rounds, on average. */
const ROUNDS_FOR_ALL = 600;
/** What is not counted as growth: the noise of a garbage-collected process, in MiB an hour. */
const FLAT_MIB_PER_HOUR = 10;
const RECORD_MINUTES = 30;
const HOUR_MS = 3_600_000;

export const churn: Phase = {
  name: 'churn',
  title: 'rotations all the time, half of them by event: memory (--churn-minutes)',
  async run(stage, progress) {
    const operator = await stage.synced(progress);
    const minutes = Math.max(1, stage.args.churnMinutes);
    const before = await operator.scrape();
    const fromMs = stage.cpu.mark();
    const samples: Sample[] = [];
    const stopTicking = ticking(progress, () => {
      const { atMs = 0, residentMiB = 0 } = samples.at(-1) ?? {};
      return `${Math.round(atMs / 60_000)} of ${minutes} min, ${Math.round(residentMiB)} MiB`;
    });
    const rotations = await rotateFor(stage, operator, minutes * 60_000, samples).finally(stopTicking);
    const toMs = stage.cpu.mark();
    const after = await operator.scrape();
    return {
      figures: [
        { name: 'length', value: (toMs - fromMs) / 60_000, unit: 'min' },
        ...work(before, after, rotations),
        ...sizes(samples),
        ...trends(samples, minutes),
      ],
      memory: samples,
      measured: { fromMs, toMs },
    };
  },
};

interface Sample extends MemorySample {
  /** Of the event loop, in the time since the sample before. */
  readonly delayP99Ms: number;
}

/** @returns how many rotations there were */
async function rotateFor(
  { aws, wanted, sleep }: Stage,
  operator: BenchOperator,
  durationMs: number,
  samples: Sample[],
): Promise<number> {
  const startedAtMs = performance.now();
  const perRound = Math.max(1, Math.round(wanted.length / ROUNDS_FOR_ALL));
  let round = 0;
  for (; performance.now() - startedAtMs < durationMs; round += 1) {
    const names = randomSample(wanted, perRound).map(({ secret }) => secret);
    await aws.rotate(names, round % 2 === 0 ? 'byEvent' : 'silently');
    if (round % SAMPLE_EVERY_ROUNDS === 0) samples.push(await sampled(operator, startedAtMs));
    await sleep(Math.max(0, startedAtMs + (round + 1) * ROUND_MS - performance.now()));
  }
  return round * perRound;
}

async function sampled(operator: BenchOperator, startedAtMs: number): Promise<Sample> {
  const { read } = await operator.scrape();
  return {
    atMs: performance.now() - startedAtMs,
    residentMiB: operator.memory().residentMiB,
    heapMiB: read('nodejs_heap_size_used_bytes') / 2 ** 20,
    delayP99Ms: read('nodejs_eventloop_lag_p99_seconds') * 1_000,
  };
}

/** Memory that stays flat says nothing of an operator that does nothing. */
function work(before: Scrape, after: Scrape, rotations: number): readonly Figure[] {
  const more = (name: string) => after.read(name) - before.read(name);
  return [
    { name: 'rotations', value: rotations, unit: '' },
    { name: 'Secret writes', value: more('keyturn_secret_writes_total'), unit: 'writes' },
    { name: 'events handled', value: more('keyturn_rotation_events_total'), unit: '' },
  ];
}

function sizes(samples: readonly Sample[]): readonly Figure[] {
  const resident = samples.map(({ residentMiB }) => residentMiB);
  // The first one counts from the scrape before the phase.
  const delays = samples.slice(1).map(({ delayP99Ms }) => delayP99Ms);
  return [
    { name: 'memory (RSS) at the start', value: resident[0] ?? Number.NaN, unit: 'MiB' },
    { name: 'memory (RSS) at the end', value: resident.at(-1) ?? Number.NaN, unit: 'MiB' },
    { name: 'memory (RSS) at most', value: Math.max(...resident), unit: 'MiB' },
    { name: 'event loop delay, p99 of the worst 10 s', value: Math.max(...delays), unit: 'ms' },
  ];
}

function trends(samples: readonly Sample[], minutes: number): readonly Figure[] {
  const settled = afterWarmUp(samples);
  const resident = trendOf(settled.map(({ atMs, residentMiB }) => [atMs, residentMiB]));
  const heap = trendOf(settled.map(({ atMs, heapMiB }) => [atMs, heapMiB]));
  const perHour = resident.slope * HOUR_MS;
  const within = (error: number) => `± ${Math.round(error * HOUR_MS)} (95%)`;
  const short =
    minutes < RECORD_MINUTES ? `; the target is for ${RECORD_MINUTES} min, a shorter trend says little` : '';
  return [
    {
      name: 'RSS, trend of the last two thirds',
      value: perHour,
      unit: 'MiB/h',
      target: atMost(FLAT_MIB_PER_HOUR, perHour, `flat (${FLAT_MIB_PER_HOUR} MiB/h)`),
      note: `${within(resident.slopeError)}${short}`,
    },
    { name: 'RSS, spread about its trend', value: resident.spread, unit: 'MiB' },
    {
      name: 'heap, trend of the last two thirds',
      value: heap.slope * HOUR_MS,
      unit: 'MiB/h',
      note: within(heap.slopeError),
    },
    { name: 'heap, spread about its trend', value: heap.spread, unit: 'MiB' },
  ];
}
