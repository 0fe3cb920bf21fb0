/** Secrets are rotated at random times, and no event tells of it: how long until the sweep has brought each one? */

import { until } from '../../test/harness/until.ts';
import { observeSecrets } from '../cluster/observers.ts';
import type { Phase } from '../phase.ts';
import { NAMESPACE } from '../stage.ts';
import { ticking } from '../ticker.ts';
import { awsTable } from './aws-table.ts';
import { latencyFigures } from './latency-figures.ts';
import { randomSample, rotateAtRandomTimes } from './random-rotations.ts';

/** Sweeps find all by then, or something is wrong. */
const LONGEST_INTERVALS = 3;
const TOLERANCE_MS = 2_000;
const LARGEST_SAMPLE = 500;

export const rotationSweep: Phase = {
  name: 'rotation-sweep',
  title: 'from a rotation to its Secret, found by the sweep',
  async run(stage, progress) {
    await stage.synced(progress);
    const sample = randomSample(stage.wanted, Math.min(LARGEST_SAMPLE, Math.ceil(stage.args.objects / 4)));
    const secrets = await observeSecrets(stage.asAdmin, NAMESPACE);
    const stopTicking = ticking(progress, () => `${secrets.writesMs.size} of ${sample.length} rotations arrived`);
    const before = await stage.aws.counts();
    const fromMs = stage.cpu.mark();
    const rotatedMs = await rotateAtRandomTimes(stage, sample, { withinMs: stage.args.intervalMs, how: 'silently' });
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
        ...latencyFigures('latency', latenciesMs, 's', {
          of: 'max',
          atMostMs: isWhole ? longestMs : 0,
          text: `interval + 2 s (${longestMs / 1_000} s)`,
        }),
      ],
      tables: [awsTable(before, await stage.aws.counts())],
      latencies: [{ name: 'by the sweep', valuesMs: latenciesMs }],
      measured: { fromMs, toMs: stage.cpu.mark() },
    };
  },
};
