/** The percentiles of a latency as figures. */

import { percentile } from '../measure/percentiles.ts';
import { atMost, type Figure } from '../report/figure.ts';

const SHARES = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
  ['max', 1],
] as const;

export interface LatencyTarget {
  readonly of: (typeof SHARES)[number][0];
  readonly atMostMs: number;
  readonly text: string;
}

export function latencyFigures(latenciesMs: readonly number[], target: LatencyTarget): readonly Figure[] {
  return SHARES.map(([name, share]) => {
    const value = percentile(latenciesMs, share);
    const figure: Figure = { name: `latency ${name}`, value: value / 1_000, unit: 's' };
    return name === target.of ? { ...figure, target: atMost(target.atMostMs, value, target.text) } : figure;
  });
}
