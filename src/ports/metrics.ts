/** What is counted, in the words of those who count; the exposition format is observe's affair. */

export type CallResult = 'success' | 'error';

export interface Metrics {
  awsCall(operation: string, result: CallResult, durationMs: number): void;
  clusterCall(verb: string, resource: string, code: string, durationMs: number): void;
  /** A list/watch of `resource` had to start over or resume. */
  watchRestarted(resource: string, reason: string): void;
  secretWritten(operation: 'create' | 'patch'): void;
  /** A sweep found that secrets have moved to other versions. */
  rotationsSeen(count: number): void;
}

/** Which ExternalSecrets are ready, as a gauge. */
export interface ConditionGauge {
  ready(namespace: string, name: string, isReady: boolean): void;
  drop(namespace: string, name: string): void;
}
