/** Secrets are rotated all the time: does memory stay flat? */

import type { BenchOperator } from '../bench-operator.ts';
import type { Phase } from '../phase.ts';
import { atMost, type Figure } from '../report/figure.ts';
import type { Stage } from '../stage.ts';
import { ticking } from '../ticker.ts';
import { randomSample } from './rotation-sweep.ts';

const ROUND_MS = 1_000;
const SAMPLE_EVERY_ROUNDS = 5;
/** Each secret is rotated once in so many rounds, on average. */
const ROUNDS_FOR_ALL = 600;
/** What is not counted as growth: the noise of a garbage-collected process, in MiB an hour. */
const FLAT_MIB_PER_HOUR = 10;
/** Caches and heap spaces grow to their size in the first part. */
const WARM_UP_SHARE = 1 / 3;

const RECORD_MINUTES = 30;

type Sample = readonly [atMs: number, mebibytes: number];

export const churn: Phase = {
  name: 'churn',
  title: 'rotations all the time: memory (--churn-minutes)',
  runs: 'onRequest',
  async run(stage, progress) {
    const operator = await stage.synced(progress);
    const minutes = Math.max(1, stage.args.churnMinutes);
    const fromMs = stage.cpu.mark();
    const samples: Sample[] = [];
    const stopTicking = ticking(progress, () => {
      const [atMs, mebibytes] = samples.at(-1) ?? [0, 0];
      return `${Math.round(atMs / 60_000)} of ${minutes} min, ${Math.round(mebibytes)} MiB`;
    });
    await rotateFor(stage, operator, minutes * 60_000, samples).finally(stopTicking);
    return { figures: memoryFigures(samples, minutes), memory: samples, measured: { fromMs, toMs: stage.cpu.mark() } };
  },
};

async function rotateFor(
  { aws, wanted, sleep }: Stage,
  operator: BenchOperator,
  durationMs: number,
  samples: Sample[],
): Promise<void> {
  const startedAtMs = performance.now();
  const perRound = Math.max(1, Math.round(wanted.length / ROUNDS_FOR_ALL));
  for (let round = 0; performance.now() - startedAtMs < durationMs; round += 1) {
    for (const { secret } of randomSample(wanted, perRound)) await aws.put(secret);
    if (round % SAMPLE_EVERY_ROUNDS === 0) {
      samples.push([performance.now() - startedAtMs, operator.memory().residentMiB]);
    }
    await sleep(Math.max(0, startedAtMs + (round + 1) * ROUND_MS - performance.now()));
  }
}

function memoryFigures(samples: readonly Sample[], minutes: number): readonly Figure[] {
  const settledFrom = Math.floor(samples.length * WARM_UP_SHARE);
  const perHour = slope(samples.slice(settledFrom)) * 3_600_000;
  const sizes = samples.map(([, mebibytes]) => mebibytes);
  return [
    { name: 'memory (RSS) at the start', value: sizes[0] ?? Number.NaN, unit: 'MiB' },
    { name: 'memory (RSS) at the end', value: sizes.at(-1) ?? Number.NaN, unit: 'MiB' },
    { name: 'memory (RSS) at most', value: Math.max(...sizes), unit: 'MiB' },
    {
      name: 'trend of the last two thirds',
      value: perHour,
      unit: 'MiB/h',
      target: atMost(FLAT_MIB_PER_HOUR, perHour, `flat (${FLAT_MIB_PER_HOUR} MiB/h)`),
      note: minutes < RECORD_MINUTES ? `the target is for ${RECORD_MINUTES} min; a shorter trend says little` : '',
    },
  ];
}

/** Of the straight line that fits best (least squares). */
function slope(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) => samples.reduce((sum, each) => sum + of(each), 0) / samples.length;
  const meanX = mean(([x]) => x);
  const meanY = mean(([, y]) => y);
  const covariance = samples.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / samples.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
