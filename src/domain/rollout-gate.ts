/** Whether more workloads may get a version: one goes alone, and the others when it is healthy with it. Pure. */

import type { Workload } from '../ports/workloads.ts';
import { type Feed, isConcerned, type RolloutMemory, standingOf } from './rollout-standing.ts';
import { deadlineAtMs, healthOf } from './workload-health.ts';

/** `free`: nobody has it yet, one may go. `busy`: one has gone. `open`: all may. `held`: it did somebody harm. */
export type GateState = 'free' | 'busy' | 'open' | 'held';

export interface Gate {
  readonly state: GateState;
  /** Those that got this version by us and are not healthy with it. */
  readonly failed: readonly Workload[];
  /** When those that are on their way will have failed. */
  readonly deadlinesMs: readonly number[];
}

export interface GateSituation {
  readonly workloads: readonly Workload[];
  readonly memory: RolloutMemory;
  readonly nowMs: number;
  readonly deadlineMs: number;
}

function stateOf(feed: Feed, isProven: boolean, hasFailed: boolean, isOnItsWay: boolean): GateState {
  if (feed.isConfirmed) return 'open';
  if (hasFailed) return 'held';
  if (isProven) return 'open';
  return isOnItsWay ? 'busy' : 'free';
}

type Verdict = 'proof' | 'failed' | 'onItsWay' | 'silent';

/** What one workload says about a version. */
function verdictOf(feed: Feed, workload: Workload, { memory, nowMs, deadlineMs }: GateSituation): Verdict {
  const standing = standingOf(feed, workload, memory);
  if (standing !== 'current' && standing !== 'fresh') return 'silent';
  const health = healthOf(workload, nowMs, deadlineMs);
  if (health === 'complete') return 'proof';
  // What is new, or was rolled out by others, may be broken for reasons of its own.
  if (health === 'idle' || standing === 'fresh') return 'silent';
  if (memory.wasComplete(workload)) return 'proof';
  return health === 'failed' ? 'failed' : 'onItsWay';
}

export function gateOf(feed: Feed, situation: GateSituation): Gate {
  const concerned = situation.workloads.filter((workload) => isConcerned(feed, workload));
  const byVerdict = Map.groupBy(concerned, (workload) => verdictOf(feed, workload, situation));
  const failed = byVerdict.get('failed') ?? [];
  const onTheirWay = byVerdict.get('onItsWay') ?? [];
  const deadlinesMs = onTheirWay.flatMap((workload) => deadlineAtMs(workload, situation.deadlineMs) ?? []);
  const state = stateOf(feed, byVerdict.has('proof'), failed.length > 0, onTheirWay.length > 0);
  return { state, failed, deadlinesMs };
}
