/** How a workload stands to one version of a Secret: whether its pods have it, or have to be replaced for it. Pure. */

import type { Workload } from '../ports/workloads.ts';
import { concerns, type RolloutRequest } from './rollout-request.ts';
import type { VersionMark } from './version-mark.ts';

/** An ExternalSecret that asks for rollouts, and what its Secret has. */
export interface Feed {
  /** Of the ExternalSecret. */
  readonly name: string;
  /** Its annotation on pod templates. */
  readonly trigger: string;
  readonly secret: string;
  readonly mark: VersionMark;
  readonly request: RolloutRequest;
  /** Somebody lets this version go on though a workload failed with it. */
  readonly isConfirmed: boolean;
}

/**
 * `current`: its template has the trigger of this version. `fresh`: it has not, but its pods started with this version.
 * `unknown`: its pods have to be asked. `reverted`: we set the trigger, and somebody took it away.
 */
export type Standing = 'current' | 'fresh' | 'pending' | 'unknown' | 'reverted';

/** What this process knows besides. */
export interface RolloutMemory {
  /** The version that this process has set as a trigger. */
  readonly hasSet: (workload: Workload, trigger: string) => string | undefined;
  /** What its pods told; undefined while they were not asked about this version. */
  readonly podsRun: (workload: Workload, feed: Feed) => 'fresh' | 'old' | undefined;
  /** True when it was seen complete since our last trigger: what happens to it later is not this version's doing. */
  readonly wasComplete: (workload: Workload) => boolean;
  /** When a rollout that could not be begun is tried again; undefined where none has failed. */
  readonly retryAtMs: (workload: Workload) => number | undefined;
}

/**
 * Times of the API server are whole seconds, its clock is not ours, and the kubelet reads Secrets from a cache: whoever
 * started only so much later has the version for sure.
 */
export const MARGIN_MS = 2_000;

/** Whether what began at this time has the version. Of a Secret's first one nobody can have read another. */
export function beganWith({ mark }: Pick<Feed, 'mark'>, atMs: number | undefined): boolean {
  if (atMs === undefined) return false;
  return mark.isFirst ? atMs >= mark.sinceMs : atMs > mark.sinceMs + MARGIN_MS;
}

export function isConcerned(feed: Feed, workload: Workload): boolean {
  return !workload.isDeleting && concerns(feed.request, feed.secret, workload);
}

export function standingOf(feed: Feed, workload: Workload, memory: RolloutMemory): Standing {
  if (workload.triggers[feed.trigger] === feed.mark.version) return 'current';
  if (memory.hasSet(workload, feed.trigger) === feed.mark.version) return 'reverted';
  if (beganWith(feed, workload.createdAtMs) || beganWith(feed, workload.restartedAtMs)) return 'fresh';
  // Nothing runs that could have another one, and what comes starts with this one.
  if (workload.progress.desired === 0) return 'fresh';
  const told = memory.podsRun(workload, feed);
  if (told === undefined) return 'unknown';
  return told === 'fresh' ? 'fresh' : 'pending';
}
