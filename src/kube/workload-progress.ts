/** Reads how far the pods of a workload are with its template, in the terms of its kind. */

import type { Progress, WorkloadKind } from '../ports/workloads.ts';
import { asList, asText, at } from './narrow.ts';

function asCount(value: unknown, absent = 0): number {
  return typeof value === 'number' ? value : absent;
}

/** Argo Rollouts writes it as text. */
function isObserved(raw: unknown): boolean {
  return Number(at(raw, 'status', 'observedGeneration') ?? 0) >= asCount(at(raw, 'metadata', 'generation'));
}

function status(raw: unknown, field: string): number {
  return asCount(at(raw, 'status', field));
}

function conditionOf(raw: unknown, type: string, reason: string): unknown {
  const conditions = asList(at(raw, 'status', 'conditions'));
  return conditions.find((each) => asText(at(each, 'type')) === type && asText(at(each, 'reason')) === reason);
}

/**
 * Where a template comes back whose ReplicaSet is there still, the Deployment goes on telling of the template before, for
 * a while or for good (syncRolloutStatus of its controller): what it says counts from our last change on.
 */
function isAvailableSince(raw: unknown, changedAtMs = 0): boolean {
  const updatedAt = at(conditionOf(raw, 'Progressing', 'NewReplicaSetAvailable'), 'lastUpdateTime');
  return Date.parse(asText(updatedAt)) >= changedAtMs;
}

function areSame(raw: unknown, field: string, other: string): boolean {
  const value = asText(at(raw, 'status', field));
  return value !== '' && value === asText(at(raw, 'status', other));
}

type Counts = Omit<Progress, 'isObserved'>;

/** As `kubectl rollout status` has it. */
function ofDeployment(raw: unknown, changedAtMs: number | undefined): Counts {
  const desired = asCount(at(raw, 'spec', 'replicas'), 1);
  const updated = status(raw, 'updatedReplicas');
  const available = status(raw, 'availableReplicas');
  const old = status(raw, 'replicas') - updated;
  const hasFailed = conditionOf(raw, 'Progressing', 'ProgressDeadlineExceeded') !== undefined;
  const hasSucceeded = isAvailableSince(raw, changedAtMs);
  return { desired, toUpdate: desired, updated, available, old, hasFailed, hasSucceeded, isWaiting: false };
}

function ofStatefulSet(raw: unknown): Counts {
  const desired = asCount(at(raw, 'spec', 'replicas'), 1);
  const partition = asCount(at(raw, 'spec', 'updateStrategy', 'rollingUpdate', 'partition'));
  const toUpdate = Math.max(0, desired - partition);
  const updated = status(raw, 'updatedReplicas');
  const available = status(raw, 'availableReplicas');
  // Set when the last pod of a revision is ready, which is available only so much later.
  const isReadyEnough = asCount(at(raw, 'spec', 'minReadySeconds')) === 0;
  const hasSucceeded = isReadyEnough && areSame(raw, 'currentRevision', 'updateRevision');
  return { desired, toUpdate, updated, available, old: 0, hasFailed: false, hasSucceeded, isWaiting: false };
}

/** Of a DaemonSet nothing tells whether its present template was ever healthy. */
function ofDaemonSet(raw: unknown): Counts {
  const desired = status(raw, 'desiredNumberScheduled');
  const updated = status(raw, 'updatedNumberScheduled');
  const available = status(raw, 'numberAvailable');
  const ends = { hasFailed: false, hasSucceeded: false, isWaiting: false };
  return { desired, toUpdate: desired, updated, available, old: 0, ...ends };
}

/** https://argo-rollouts.readthedocs.io/en/stable/features/specification/ and its `status.phase`. */
function ofRollout(raw: unknown): Counts {
  const desired = asCount(at(raw, 'spec', 'replicas'), 1);
  const phase = asText(at(raw, 'status', 'phase'));
  const updated = status(raw, 'updatedReplicas');
  const available = status(raw, 'availableReplicas');
  // Of what is healthy earlier pods may stay for a while, to go back quickly.
  const old = phase === 'Healthy' ? 0 : 1;
  const hasFailed = phase === 'Degraded';
  const hasSucceeded = areSame(raw, 'stableRS', 'currentPodHash');
  return {
    desired,
    toUpdate: desired,
    updated,
    available,
    old,
    hasFailed,
    hasSucceeded,
    isWaiting: phase === 'Paused',
  };
}

const READERS: Readonly<Record<WorkloadKind, (raw: unknown, changedAtMs: number | undefined) => Counts>> = {
  Deployment: ofDeployment,
  Rollout: ofRollout,
  StatefulSet: ofStatefulSet,
  DaemonSet: ofDaemonSet,
};

/** @param changedAtMs when we last changed its template; undefined for never */
export function readProgress(kind: WorkloadKind, raw: unknown, changedAtMs: number | undefined): Progress {
  return { isObserved: isObserved(raw), ...READERS[kind](raw, changedAtMs) };
}
