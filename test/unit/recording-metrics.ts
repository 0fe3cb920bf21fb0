/** Metrics that keep what is counted. */

import type { ConditionGauge, Metrics } from '../../src/ports/metrics.ts';

export interface RecordingMetrics extends Metrics, ConditionGauge {
  readonly writes: { create: number; patch: number; delete: number };
  readonly rotations: readonly number[];
  /** Which ExternalSecrets are ready, by `namespace/name`. */
  readonly readiness: ReadonlyMap<string, boolean>;
}

export function createRecordingMetrics(): RecordingMetrics {
  const writes = { create: 0, patch: 0, delete: 0 };
  const rotations: number[] = [];
  const readiness = new Map<string, boolean>();
  return {
    writes,
    rotations,
    readiness,
    awsCall: () => {},
    clusterCall: () => {},
    watchRestarted: () => {},
    secretWritten: (operation) => {
      writes[operation] += 1;
    },
    rotationsSeen: (count) => {
      rotations.push(count);
    },
    rotationEvent: () => {},
    rotationEventHandled: () => {},
    rollout: () => {},
    ready: (key, isReady) => {
      readiness.set(key, isReady);
    },
    drop: (key) => {
      readiness.delete(key);
    },
  };
}
