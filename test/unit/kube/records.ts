/** Log and metrics that keep what they are told. */

import type { Log } from '../../../src/ports/log.ts';
import type { Metrics } from '../../../src/ports/metrics.ts';

export interface RecordedLog extends Log {
  readonly lines: string[];
}

export function createRecordedLog(): RecordedLog {
  const lines: string[] = [];
  const keep = (level: string) => (fields: object, message: string) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  };
  return { lines, debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };
}

export interface RecordedMetrics extends Metrics {
  readonly calls: string[];
  readonly restarts: string[];
}

export function createRecordedMetrics(): RecordedMetrics {
  const calls: string[] = [];
  const restarts: string[] = [];
  return {
    calls,
    restarts,
    awsCall() {},
    clusterCall: (verb, resource, code) => calls.push(`${verb} ${resource} ${code}`),
    watchRestarted: (_resource, reason) => restarts.push(reason),
    secretWritten() {},
    rotationsSeen() {},
    rotationEvent() {},
    rotationEventHandled() {},
    rollout() {},
  };
}
