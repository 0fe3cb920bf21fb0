/** Metrics that a test can ask. */

import type { CallResult, Metrics } from '../../src/ports/metrics.ts';

export class CountingMetrics implements Metrics {
  readonly awsCalls: { readonly operation: string; readonly result: CallResult }[] = [];

  awsCall(operation: string, result: CallResult): void {
    this.awsCalls.push({ operation, result });
  }

  /** How many calls were made, each attempt counted, by operation. */
  get counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { operation } of this.awsCalls) counts[operation] = (counts[operation] ?? 0) + 1;
    return counts;
  }

  clusterCall(): void {}
  watchRestarted(): void {}
  secretWritten(): void {}
  rotationsSeen(): void {}
  rotationEvent(): void {}
  rotationEventHandled(): void {}
  rollout(): void {}
}
