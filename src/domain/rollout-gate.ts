/** Whether more workloads may get a version: one goes alone, and the others when it is healthy with it. Pure. */

import type { Workload } from '../ports/workloads.ts';
import { type Feed, isTakenAway, type RolloutMemory, type Stands } from './rollout-standing.ts';
import { deadlineAtMs, healthOf, isSaidToHaveSucceeded, waitsForSomebody } from './workload-health.ts';

/** `free`: nobody has it yet, one may go. `busy`: one has gone. `open`: all may. `held`: it did somebody harm. */
export type GateState = 'free' | 'busy' | 'open' | 'held';

export interface Gate {
  readonly state: GateState;
  /** Those that got this version by us and did not become healthy with it. */
  readonly failed: readonly Workload[];
  /** Those that got it by us, had it taken away, and have pods with another, or with what is not known yet. */
  readonly reverted: readonly Workload[];
  /** Those that have begun with it, and go on when somebody lets them. */
  readonly paused: readonly Workload[];
  /** When those that are on their way will have failed. */
  readonly deadlinesMs: readonly number[];
}

export interface GateSituation {
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
function wasHealthyOnce(feed: Feed, workload: Workload, memory: RolloutMemory): boolean {
  const seen = memory.sawTrigger(workload, feed);
  if (memory.wasComplete(workload) || seen === 'healthy') return true;
  return seen !== 'idle' && seen !== 'failed' && isSaidToHaveSucceeded(workload);
}

/** Of one that has no pods with a version, or has them not by our trigger. */
function verdictWithoutTrigger({ feed, workload, standing }: Stands, memory: RolloutMemory): Verdict {
  // What is new, or was rolled out by others, may be broken for reasons of its own.
  if (!isTakenAway(feed, workload, memory) || memory.sawTrigger(workload, feed) === 'healthy') return 'silent';
  // Whoever took it away before it was healthy knows why, even where that brought pods with the version.
  return standing === 'fresh' ? 'failed' : 'givenUp';
}

/** What one workload says about a version. */
function verdictOf(stands: Stands, { memory, nowMs, deadlineMs }: GateSituation): Verdict {
  const { feed, workload, standing } = stands;
  const health = healthOf(workload, nowMs, deadlineMs);
  // Without pods it does no better than it did.
  if (health === 'idle') return memory.sawTrigger(workload, feed) === 'failed' ? 'failed' : 'silent';
  if (health === 'complete' && (standing === 'current' || standing === 'fresh')) return 'proof';
  if (standing !== 'current') return verdictWithoutTrigger(stands, memory);
  if (wasHealthyOnce(feed, workload, memory)) return 'proof';
  return health === 'failed' ? 'failed' : 'onItsWay';
}

/** @param concerned how each workload stands to the version that it is about */
export function gateOf(feed: Feed, concerned: readonly Stands[], situation: GateSituation): Gate {
  const judged = concerned.map((each) => ({ ...each, verdict: verdictOf(each, situation) }));
  const byVerdict = Map.groupBy(judged, ({ verdict }) => verdict);
  const workloadsOf = (some: readonly Stands[] = []) => some.map(({ workload }) => workload);
  const onTheirWay = workloadsOf(byVerdict.get('onItsWay'));
  return {
    state: stateOf(feed, byVerdict),
    failed: workloadsOf(byVerdict.get('failed')),
    reverted: workloadsOf(judged.filter(({ standing, verdict }) => standing === 'reverted' || verdict === 'givenUp')),
    paused: onTheirWay.filter(waitsForSomebody),
    deadlinesMs: onTheirWay.flatMap((workload) => deadlineAtMs(workload, situation.deadlineMs) ?? []),
  };
}
