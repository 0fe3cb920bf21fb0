/** Workloads for tests, complete but for what the test is about. */

import type { Feed, RolloutMemory } from '../../../src/domain/rollout-standing.ts';
import { triggerOf, triggerValue } from '../../../src/domain/rollout-trigger.ts';
import type { Progress, Workload } from '../../../src/ports/workloads.ts';

export const NOW_MS = Date.parse('2026-06-01T12:00:00Z');
export const HOUR_MS = 3_600_000;
export const V1 = '1111111111111111';
export const V2 = '2222222222222222';

export const WHOLE: Progress = {
  isObserved: true,
  desired: 1,
  toUpdate: 1,
  updated: 1,
  available: 1,
  old: 0,
  hasFailed: false,
  hasSucceeded: false,
  isWaiting: false,
};
/** Its new pod is not available. */
export const ROLLING: Progress = { ...WHOLE, available: 0 };
export const FAILED: Progress = { ...ROLLING, hasFailed: true };

/** A Deployment that uses the Secret `db`. */
export function workload(name: string, parts: Partial<Workload> = {}): Workload {
  return {
    kind: 'Deployment',
    namespace: 'team',
    name,
    uid: `uid-${name}`,
    resourceVersion: '1',
    isDeleting: false,
    isPaused: false,
    hasTemplate: true,
    updatesOnDelete: false,
    secrets: ['db'],
    triggers: {},
    progress: WHOLE,
    ...parts,
  };
}

/** The ExternalSecret `db`, whose Secret has V2 for an hour. */
export function feed(parts: Partial<Feed> = {}): Feed {
  const name = parts.name ?? 'db';
  return {
    name,
    trigger: triggerOf(name),
    secret: name,
    mark: { version: V2, sinceMs: NOW_MS - HOUR_MS, isFirst: false },
    request: { kind: 'auto' },
    isConfirmed: false,
    ...parts,
  };
}

/** By us, when the Secret had it since an hour. */
export function triggered(version: string, of = 'db'): Pick<Workload, 'triggers' | 'triggeredAtMs'> {
  const value = triggerValue({ version, sinceMs: NOW_MS - HOUR_MS, isFirst: false });
  return { triggers: { [triggerOf(of)]: value }, triggeredAtMs: NOW_MS - 60_000 };
}

/** Of a process that knows nothing but that all pods are old. */
export const OLD_PODS: RolloutMemory = {
  sawTrigger: () => undefined,
  podsRun: () => 'old',
  askAgainAtMs: () => undefined,
  wasComplete: () => false,
  retryAtMs: () => undefined,
};
