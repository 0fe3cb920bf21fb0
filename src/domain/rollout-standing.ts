/** How a workload stands to one version of a Secret: whether its pods have it, or have to be replaced for it. Pure. */

import type { Workload } from '../ports/workloads.ts';
import { concerns, type RolloutRequest } from './rollout-request.ts';
import { isOfVersion, triggerValue } from './rollout-trigger.ts';
import type { MarkedVersion, VersionMark } from './version-mark.ts';

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
 * `unknown`: its pods have to be asked. `reverted`: it had the trigger, somebody took it away, and pods have another version.
 */
export type Standing = 'current' | 'fresh' | 'pending' | 'unknown' | 'reverted';

/** `healthy`: once, whatever came then. `failed`, and not healthy since. `idle`: without pods to replace, before either. */
export type SeenTrigger = 'seen' | 'idle' | 'failed' | 'healthy';

/** How one workload stands to one version. */
export interface Stands {
  readonly workload: Workload;
  readonly feed: Feed;
  readonly standing: Standing;
}

/** What this process knows besides. */
export interface RolloutMemory {
  /** Whether this process has seen the trigger of this version on it, and how far it came with that. */
  readonly sawTrigger: (workload: Workload, feed: Feed) => SeenTrigger | undefined;
  /** What its pods told; undefined while they were not asked about this version. */
  readonly podsRun: (workload: Workload, feed: Feed) => 'fresh' | 'old' | undefined;
  /** When they are to be asked once more; undefined while nothing has changed since. */
  readonly askAgainAtMs: (workload: Workload, feed: Feed) => number | undefined;
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

/** A kubelet reads what a container gets so long before it tells that it has started, on a node that is busy. */
export const STARTING_MS = 8_000;

/** A container, by the clock of its node; and its pod, by that of the API server. */
export interface Start {
  readonly startedAtMs: number;
  readonly podCreatedAtMs: number;
}

/** All containers of a pod. */
export interface Starts extends Start {
  /** After this nothing of it has read anything, by the clock of its node; infinite where files are brought to it all the time. */
  readonly lastReadAtMs: number;
}

/** When it read what it got: at the earliest, and when that was over. A node's clock may be late; it is no older than its pod. */
export function readingTimesMs({ startedAtMs, podCreatedAtMs }: Start): {
  readonly fromMs: number;
  readonly toMs: number;
} {
  return {
    fromMs: Math.max(podCreatedAtMs, startedAtMs - STARTING_MS),
    toMs: Math.max(podCreatedAtMs, startedAtMs),
  };
}

/**
 * Whether a pod whose containers started so has the version: since the Secret has it, or while it had it before, so that
 * who was not reached by a version that is taken back is left alone. What waited for the first one cannot have read before.
 */
export function startedWith({ mark }: Pick<Feed, 'mark'>, starts: Starts): boolean {
  const { fromMs, toMs } = readingTimesMs(starts);
  const lastReadAtMs = Math.max(starts.podCreatedAtMs, starts.lastReadAtMs);
  const all: readonly MarkedVersion[] = [mark, ...(mark.before ?? [])];
  return all.some((each, at) => {
    if (each.version !== mark.version || !beganWith({ mark: each }, each.isFirst ? toMs : fromMs)) return false;
    const next = all[at - 1];
    return next === undefined || lastReadAtMs + MARGIN_MS + STARTING_MS < next.sinceMs;
  });
}

export function isConcerned(feed: Feed, workload: Workload): boolean {
  return workload.hasTemplate && !workload.isDeleting && concerns(feed.request, feed.secret, workload);
}

/**
 * Whether its template was made for this version. Where a Secret went back to an earlier one and forth again, a trigger
 * of before says nothing: a container that was restarted in between has the other. Any later trigger gave new pods.
 */
function hasTrigger({ trigger, mark }: Pick<Feed, 'trigger' | 'mark'>, { triggers, triggeredAtMs }: Workload): boolean {
  const value = triggers[trigger];
  if (!isOfVersion(value, mark)) return false;
  return value === triggerValue(mark) || mark.isFirst || beganWith({ mark }, triggeredAtMs);
}

/** It had the trigger, and somebody took it away. */
export function isTakenAway(feed: Feed, workload: Workload, memory: RolloutMemory): boolean {
  const { trigger, mark } = feed;
  return memory.sawTrigger(workload, feed) !== undefined && workload.triggers[trigger] !== triggerValue(mark);
}

export function standingOf(feed: Feed, workload: Workload, memory: RolloutMemory): Standing {
  const wentBack = isTakenAway(feed, workload, memory);
  if (hasTrigger(feed, workload) && !wentBack) return 'current';
  if (beganWith(feed, workload.restartedAtMs)) return 'fresh';
  // Nothing runs that could have another one, and what comes starts with this one.
  if (workload.progress.desired === 0) return 'fresh';
  const told = memory.podsRun(workload, feed);
  if (told !== 'old') return told ?? 'unknown';
  return wentBack ? 'reverted' : 'pending';
}
