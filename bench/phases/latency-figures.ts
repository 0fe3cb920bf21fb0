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

export function latencyFigures(
  name: string,
  latenciesMs: readonly number[],
  unit: 's' | 'ms',
  target?: LatencyTarget,
): readonly Figure[] {
  return SHARES.map(([shareName, share]) => {
    const ms = percentile(latenciesMs, share);
    const figure: Figure = { name: `${name} ${shareName}`, value: unit === 's' ? ms / 1_000 : ms, unit };
    return target?.of === shareName ? { ...figure, target: atMost(target.atMostMs, ms, target.text) } : figure;
  });
}
