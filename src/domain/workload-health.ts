/** How the last rollout of a workload goes, by what its own controller says of it. Pure. */

import type { Workload } from '../ports/workloads.ts';

/**
 * `idle`: it has no pods to replace, or replaces none by itself. `failed` may still recover.
 */
export type Health = 'idle' | 'complete' | 'rolling' | 'failed';

export function isIdle({ progress, updatesOnDelete }: Pick<Workload, 'progress' | 'updatesOnDelete'>): boolean {
  return updatesOnDelete || progress.desired === 0 || progress.toUpdate === 0;
}

/** It goes on when somebody lets it: a step of a Rollout that asks for approval, or what was paused on its way. */
export function waitsForSomebody({ isPaused, progress }: Pick<Workload, 'isPaused' | 'progress'>): boolean {
  return isPaused || progress.isWaiting;
}

/** The deadline counts from our own last change: a workload that somebody else rolls out has only its own. */
export function deadlineAtMs(workload: Workload, deadlineMs: number): number | undefined {
  const { triggeredAtMs } = workload;
  return triggeredAtMs === undefined || waitsForSomebody(workload) ? undefined : triggeredAtMs + deadlineMs;
}

export function healthOf(workload: Workload, nowMs: number, deadlineMs: number): Health {
  const { progress } = workload;
  if (isIdle(workload)) return 'idle';
  const { isObserved, desired, toUpdate, updated, available, old, hasFailed } = progress;
  if (isObserved && updated >= toUpdate && available >= desired && old <= 0) return 'complete';
  if (isObserved && hasFailed) return 'failed';
  return (deadlineAtMs(workload, deadlineMs) ?? Number.POSITIVE_INFINITY) <= nowMs ? 'failed' : 'rolling';
}

/**
 * Whether its own controller says that its pods were available with our last trigger, whatever has become of them since.
 * It says so of no pods, too: one that was scaled to zero on its way and back again proves nothing by that.
 */
export function isSaidToHaveSucceeded({ triggeredAtMs, progress }: Workload): boolean {
  return triggeredAtMs !== undefined && progress.isObserved && progress.hasSucceeded;
}

/** Whether it replaces its pods because of us, as far as is known: then it has one of the places that there are. */
export function isInProgress(workload: Workload, nowMs: number, deadlineMs: number): boolean {
  const isOurs = workload.triggeredAtMs !== undefined && Object.keys(workload.triggers).length > 0;
  return isOurs && healthOf(workload, nowMs, deadlineMs) === 'rolling';
}
