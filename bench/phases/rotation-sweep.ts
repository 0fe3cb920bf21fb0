/** Secrets are rotated at random times, and no event tells of it: how long until the sweep has brought each one? */

import { until } from '../../test/harness/until.ts';
import type { WantedSync } from '../cluster/objects.ts';
import { observeSecrets } from '../cluster/observers.ts';
import type { Phase } from '../phase.ts';
import { NAMESPACE, type Stage } from '../stage.ts';
import { ticking } from '../ticker.ts';
import { awsTable } from './aws-table.ts';
import { latencyFigures } from './latency-figures.ts';

/** Sweeps find all by then, or something is wrong. */
const LONGEST_INTERVALS = 3;
const TOLERANCE_MS = 2_000;
const LARGEST_SAMPLE = 500;

export const rotationSweep: Phase = {
  name: 'rotation-sweep',
  title: 'from a rotation to its Secret, found by the sweep',
  runs: 'always',
  async run(stage, progress) {
    await stage.synced(progress);
    const sample = randomSample(stage.wanted, Math.min(LARGEST_SAMPLE, Math.ceil(stage.args.objects / 4)));
    const secrets = await observeSecrets(stage.asAdmin, NAMESPACE);
    const stopTicking = ticking(progress, () => `${secrets.writesMs.size} of ${sample.length} rotations arrived`);
    const before = await stage.aws.counts();
    const fromMs = stage.cpu.mark();
    const rotatedMs = await rotateAtRandomTimes(stage, sample);
    const timeoutMs = LONGEST_INTERVALS * stage.args.intervalMs + 10_000;
    const haveArrived = () => sample.every(({ name }) => secrets.writesMs.has(name));
    const isWhole = await until('every rotation to arrive', haveArrived, timeoutMs).catch(() => false);
    stopTicking();
    secrets.stop();
    const latenciesMs = sample.flatMap(({ name }) => {
      const writtenMs = secrets.writesMs.get(name)?.at(-1);
      return writtenMs === undefined ? [] : [writtenMs - (rotatedMs.get(name) ?? Number.NaN)];
    });
    const longestMs = stage.args.intervalMs + TOLERANCE_MS;
    return {
      figures: [
        { name: 'rotations', value: sample.length, unit: '', note: isWhole ? '' : 'not all arrived' },
        ...latencyFigures(latenciesMs, {
          of: 'max',
          atMostMs: isWhole ? longestMs : 0,
          text: `interval + 2 s (${longestMs / 1_000} s)`,
        }),
      ],
      tables: [awsTable(before, await stage.aws.counts())],
      latenciesMs,
      measured: { fromMs, toMs: stage.cpu.mark() },
    };
  },
};

/** @returns performance.now() just before each rotation, by name of the Secret */
async function rotateAtRandomTimes(
  { aws, args, sleep }: Stage,
  sample: readonly WantedSync[],
): Promise<ReadonlyMap<string, number>> {
  const startedAtMs = performance.now();
  const times = sample.map(() => Math.random() * args.intervalMs).sort((a, b) => a - b);
  const rotatedMs = new Map<string, number>();
  for (const [at, { name, secret }] of sample.entries()) {
    const waitMs = startedAtMs + (times[at] ?? 0) - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    rotatedMs.set(name, performance.now());
    await aws.put(secret);
  }
  return rotatedMs;
}

/** So many different ones, each equally likely. */
export function randomSample<T>(all: readonly T[], size: number): readonly T[] {
  const shuffled = all.map((value) => ({ value, order: Math.random() })).sort((a, b) => a.order - b.order);
  return shuffled.slice(0, size).map(({ value }) => value);
}
