/** What is counted, in the words of those who count; the exposition format is observe's affair. */

export type CallResult = 'success' | 'error';

/**
 * What became of a message of the rotation queue: every user is up to date, nobody uses the secret, it is no event of a
 * secret, it cannot be read, or its users were not up to date in time.
 */
export type RotationEventOutcome = 'handled' | 'unconcerned' | 'unknown' | 'malformed' | 'abandoned';

/**
 * What became of a rollout of a workload for another version of its Secrets: it was begun, or the API server refused that;
 * it ended in health, or not in time.
 */
export type RolloutOutcome = 'started' | 'refused' | 'healthy' | 'unhealthy';

export interface Metrics {
  awsCall(operation: string, result: CallResult, durationMs: number): void;
  clusterCall(verb: string, resource: string, code: string, durationMs: number): void;
  /** A list/watch of `resource` had to start over or resume. */
  watchRestarted(resource: string, reason: string): void;
  secretWritten(operation: 'create' | 'patch' | 'delete'): void;
  /** A sweep found that secrets have moved to other versions. */
  rotationsSeen(count: number): void;
  /** Counts a message of the rotation queue each time it is delivered. */
  rotationEvent(outcome: RotationEventOutcome): void;
  /** From the event at AWS to the moment in which all who use the secret were up to date. */
  rotationEventHandled(latencyMs: number): void;
  rollout(outcome: RolloutOutcome): void;
}

/** Which ExternalSecrets are ready, as a gauge. */
export interface ConditionGauge {
  /** @param key `namespace/name` */
  ready(key: string, isReady: boolean): void;
  drop(key: string): void;
}
