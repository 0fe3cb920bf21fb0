/** Whether more workloads may get a version: one goes alone, and the others when it is healthy with it. Pure. */

import type { Workload } from '../ports/workloads.ts';
import { type Feed, isConcerned, type RolloutMemory, standingOf } from './rollout-standing.ts';
import { deadlineAtMs, healthOf, waitsForSomebody } from './workload-health.ts';

/** `free`: nobody has it yet, one may go. `busy`: one has gone. `open`: all may. `held`: it did somebody harm. */
export type GateState = 'free' | 'busy' | 'open' | 'held';

export interface Gate {
  readonly state: GateState;
  /** Those that got this version by us and are not healthy with it. */
  readonly failed: readonly Workload[];
  /** Those that got it by us, had it taken away, and have pods with another. */
  readonly reverted: readonly Workload[];
  /** Those that have begun with it, and go on when somebody lets them. */
  readonly paused: readonly Workload[];
  /** When those that are on their way will have failed. */
  readonly deadlinesMs: readonly number[];
}

export interface GateSituation {
  readonly workloads: readonly Workload[];
  readonly memory: RolloutMemory;
  readonly nowMs: number;
  readonly deadlineMs: number;
}

type Verdict = 'proof' | 'failed' | 'givenUp' | 'onItsWay' | 'silent';

function stateOf(feed: Feed, verdicts: ReadonlyMap<Verdict, unknown>): GateState {
  if (feed.isConfirmed) return 'open';
  if (verdicts.has('failed') || verdicts.has('givenUp')) return 'held';
  if (verdicts.has('proof')) return 'open';
  return verdicts.has('onItsWay') ? 'busy' : 'free';
}

/** With our trigger: what happens to it later is not the doing of the version. */
function wasHealthyOnce(workload: Workload, memory: RolloutMemory): boolean {
  const { triggeredAtMs, progress } = workload;
  return memory.wasComplete(workload) || (triggeredAtMs !== undefined && progress.isObserved && progress.hasSucceeded);
}

/** What one workload says about a version. */
function verdictOf(feed: Feed, workload: Workload, { memory, nowMs, deadlineMs }: GateSituation): Verdict {
  const standing = standingOf(feed, workload, memory);
  // Whoever took it away before it was healthy knows why.
  if (standing === 'reverted') return memory.sawTrigger(workload, feed) === 'healthy' ? 'silent' : 'givenUp';
  if (standing !== 'current' && standing !== 'fresh') return 'silent';
  const health = healthOf(workload, nowMs, deadlineMs);
  if (health === 'complete') return 'proof';
  // What is new, or was rolled out by others, may be broken for reasons of its own.
  if (health === 'idle' || standing === 'fresh') return 'silent';
  if (wasHealthyOnce(workload, memory)) return 'proof';
  return health === 'failed' ? 'failed' : 'onItsWay';
}

export function gateOf(feed: Feed, situation: GateSituation): Gate {
  const concerned = situation.workloads.filter((workload) => isConcerned(feed, workload));
  const byVerdict = Map.groupBy(concerned, (workload) => verdictOf(feed, workload, situation));
  const onTheirWay = byVerdict.get('onItsWay') ?? [];
  return {
    state: stateOf(feed, byVerdict),
    failed: byVerdict.get('failed') ?? [],
    reverted: concerned.filter((workload) => standingOf(feed, workload, situation.memory) === 'reverted'),
    paused: onTheirWay.filter(waitsForSomebody),
    deadlinesMs: onTheirWay.flatMap((workload) => deadlineAtMs(workload, situation.deadlineMs) ?? []),
  };
}
