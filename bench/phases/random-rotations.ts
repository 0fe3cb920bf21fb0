/** Rotates secrets one by one at random times, as many people would who know nothing of each other. */

import type { WantedSync } from '../cluster/objects.ts';
import type { Stage } from '../stage.ts';

export interface RandomRotations {
  readonly withinMs: number;
  readonly how: 'byEvent' | 'silently';
}

/** @returns performance.now() just before each rotation, by name of the Secret */
export async function rotateAtRandomTimes(
  { aws, sleep }: Pick<Stage, 'aws' | 'sleep'>,
  sample: readonly WantedSync[],
  { withinMs, how }: RandomRotations,
): Promise<ReadonlyMap<string, number>> {
  const startedAtMs = performance.now();
  const times = sample.map(() => Math.random() * withinMs).sort((a, b) => a - b);
  const rotatedMs = new Map<string, number>();
  for (const [at, { name, secret }] of sample.entries()) {
    const waitMs = startedAtMs + (times[at] ?? 0) - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    rotatedMs.set(name, performance.now());
    await aws.rotate([secret], how);
  }
  return rotatedMs;
}

/** So many different ones, each equally likely. */
export function randomSample<T>(all: readonly T[], size: number): readonly T[] {
  const shuffled = all.map((value) => ({ value, order: Math.random() })).sort((a, b) => a.order - b.order);
  return shuffled.slice(0, size).map(({ value }) => value);
}
