/**
 * Which workloads of a namespace are to be rolled out now, for new versions of the Secrets that they use, and when to look
 * again. Decided from what the cluster says and asked again whenever that changes: a rollout that was begun is seen by its
 * trigger, so that nothing is done twice or forgotten. Pure.
 */

import { WORKLOAD_KINDS, type Workload } from '../ports/workloads.ts';
import { type Gate, type GateSituation, type GateState, gateOf } from './rollout-gate.ts';
import type { NamedWorkload } from './rollout-request.ts';
import {
  type Feed,
  isConcerned,
  isTakenAway,
  type RolloutMemory,
  type Stands,
  standingOf,
} from './rollout-standing.ts';
import { healthOf, isIdle } from './workload-health.ts';

export interface RolloutState extends GateSituation {
  readonly workloads: readonly Workload[];
  readonly feeds: readonly Feed[];
  /** How long a new version waits for others of the same workload. */
  readonly windowMs: number;
  /** How many more workloads may be in progress. */
  readonly freeSlots: number;
  /** Whether it is one of those that are. */
  readonly hasSlot: (workload: Workload) => boolean;
}

export interface Rollout {
  readonly workload: Workload;
  readonly feeds: readonly Feed[];
}

/** Why workloads do not have a version, and what would be different if they could. */
export interface Hold extends Pick<Gate, 'failed' | 'reverted' | 'paused'> {
  readonly feed: Feed;
  /** Those whose own versions are held, and that some of its workloads would have to take together with this one. */
  readonly behind: readonly Feed[];
  /** Workloads that wait for these. */
  readonly waiting: number;
}

export interface RolloutPlan {
  readonly rollouts: readonly Rollout[];
  /** Since when their pods run has to be known before they go. */
  readonly toAsk: readonly { readonly workload: Workload; readonly feed: Feed }[];
  readonly held: readonly Hold[];
  /** Triggers of ours that somebody took away, whatever the pods have. */
  readonly takenAway: readonly { readonly workload: Workload; readonly feed: Feed }[];
  /** Named by an annotation, and not there. */
  readonly missing: readonly { readonly feed: Feed; readonly named: NamedWorkload }[];
  /** Undefined when only a change brings anything new. */
  readonly lookAgainAtMs: number | undefined;
  /** Whether a workload waits until others have ended. */
  readonly waitsForSlot: boolean;
}

/** A workload that has something to get, or of which that is not known. */
interface Candidate extends Rollout {
  readonly isWhole: boolean;
  readonly unknown: readonly Feed[];
}

/** What has a standing for each feed that concerns it. */
function standings(state: RolloutState): readonly Stands[] {
  return state.workloads.flatMap((workload) =>
    state.feeds
      .filter((feed) => isConcerned(feed, workload))
      .map((feed) => ({ workload, feed, standing: standingOf(feed, workload, state.memory) })),
  );
}

/** Healthy ones first: they tell most about a version. Then by how much harm one does, and by name. */
function inOrder(candidates: readonly Candidate[]): readonly Candidate[] {
  const rank = ({ isWhole, workload }: Candidate) => (isWhole ? 0 : 10) + WORKLOAD_KINDS.indexOf(workload.kind);
  const byName = (a: Candidate, b: Candidate) => (a.workload.name < b.workload.name ? -1 : 1);
  return candidates.toSorted((a, b) => rank(a) - rank(b) || byName(a, b));
}

/** Workloads with something to get, and what each of them is to get; paused ones are left alone. */
function candidatesOf({ nowMs, deadlineMs }: RolloutState, all: readonly Stands[]): readonly Candidate[] {
  const open = all.filter(({ standing }) => standing === 'pending' || standing === 'unknown');
  const byWorkload = Map.groupBy(open, ({ workload }) => workload);
  const candidates = [...byWorkload].flatMap(([workload, stands]) => {
    if (workload.isPaused) return [];
    const isWhole = healthOf(workload, nowMs, deadlineMs) === 'complete';
    const unknown = stands.flatMap(({ feed, standing }) => (standing === 'unknown' ? [feed] : []));
    return [{ workload, isWhole, unknown, feeds: stands.map(({ feed }) => feed) }];
  });
  return inOrder(candidates);
}

/** When the window of what a workload waits for is over, and it may be tried at all. */
function dueAtMs({ workload, feeds }: Rollout, { windowMs, memory }: RolloutState): number {
  const firstMs = Math.min(...feeds.map(({ mark }) => mark.sinceMs));
  return Math.max(firstMs + windowMs, memory.retryAtMs(workload) ?? 0);
}

/** Goes through the candidates, and takes places and turns as it lets them go. */
class Dispatch {
  readonly #state: RolloutState;
  readonly #gates: Map<Feed, GateState>;
  #freeSlots: number;
  waitsForSlot = false;

  constructor(state: RolloutState, gates: ReadonlyMap<Feed, Gate>) {
    this.#state = state;
    this.#gates = new Map(Array.from(gates, ([feed, gate]) => [feed, gate.state]));
    this.#freeSlots = state.freeSlots;
  }

  letsGo({ workload, feeds }: Rollout): boolean {
    // It starts no pod, so that it can do no harm and takes no place.
    if (isIdle(workload)) return true;
    const isFree = feeds.every((feed) => ['free', 'open'].includes(this.#gates.get(feed) ?? 'held'));
    if (!isFree) return false;
    const needsSlot = !this.#state.hasSlot(workload);
    if (needsSlot && this.#freeSlots <= 0) {
      this.waitsForSlot = true;
      return false;
    }
    if (needsSlot) this.#freeSlots -= 1;
    for (const feed of feeds) if (this.#gates.get(feed) === 'free') this.#gates.set(feed, 'busy');
    return true;
  }
}

/** Whether it lets nobody go until somebody does something. */
function isShut({ state, paused }: Gate): boolean {
  return state === 'held' || (state === 'busy' && paused.length > 0);
}

function holdsOf(gates: ReadonlyMap<Feed, Gate>, candidates: readonly Candidate[]): readonly Hold[] {
  const shut = new Set([...gates].flatMap(([feed, gate]) => (isShut(gate) ? [feed] : [])));
  const stuck = candidates.filter(({ workload, feeds }) => !isIdle(workload) && feeds.some((each) => shut.has(each)));
  return [...gates].flatMap(([feed, { failed, reverted, paused }]) => {
    const waiting = stuck.filter(({ feeds }) => feeds.includes(feed));
    const behind = shut.has(feed) ? [] : [...shut].filter((each) => waiting.some(({ feeds }) => feeds.includes(each)));
    if (waiting.length === 0 && reverted.length === 0) return [];
    return [{ feed, failed, reverted, paused, behind, waiting: waiting.length }];
  });
}

/** When pods that told of another version are to be asked once more, of what still needs them. */
function askAgainTimesMs(all: readonly Stands[], memory: RolloutMemory): readonly number[] {
  const asked = all.filter(({ standing }) => standing !== 'current' && standing !== 'unknown');
  return asked.flatMap(({ workload, feed }) => memory.askAgainAtMs(workload, feed) ?? []);
}

function windowEndMs({ mark }: Feed, { windowMs }: RolloutState): number {
  return mark.sinceMs + windowMs;
}

/** What is applied together with its ExternalSecret may come a moment later. */
function missingOf(state: RolloutState): RolloutPlan['missing'] {
  const { feeds, workloads, nowMs } = state;
  return feeds.flatMap((feed) => {
    if (feed.request.kind !== 'named' || windowEndMs(feed, state) > nowMs) return [];
    const isThere = ({ kind, name }: NamedWorkload) =>
      workloads.some((one) => one.name === name && (kind === undefined || one.kind === kind));
    return feed.request.workloads.filter((named) => !isThere(named)).map((named) => ({ feed, named }));
  });
}

export function planRollouts(state: RolloutState): RolloutPlan {
  const all = standings(state);
  const byFeed = Map.groupBy(all, ({ feed }) => feed);
  const gates = new Map(state.feeds.map((feed) => [feed, gateOf(feed, byFeed.get(feed) ?? [], state)]));
  const candidates = candidatesOf(state, all);
  const dispatch = new Dispatch(state, gates);
  const due = candidates.filter((each) => dueAtMs(each, state) <= state.nowMs);
  const known = due.filter(({ unknown }) => unknown.length === 0);
  const rollouts = known.filter((each) => dispatch.letsGo(each));
  const timesMs = [
    ...candidates.map((each) => dueAtMs(each, state)),
    ...askAgainTimesMs(all, state.memory),
    ...[...gates.values()].flatMap(({ deadlinesMs }) => deadlinesMs),
    ...state.feeds.flatMap((feed) => (feed.request.kind === 'named' ? windowEndMs(feed, state) : [])),
  ].filter((timeMs) => timeMs > state.nowMs);
  return {
    rollouts,
    toAsk: due.flatMap(({ workload, unknown }) => unknown.map((feed) => ({ workload, feed }))),
    held: holdsOf(gates, known),
    takenAway: all.filter(({ workload, feed }) => isTakenAway(feed, workload, state.memory)),
    missing: missingOf(state),
    lookAgainAtMs: timesMs.length === 0 ? undefined : Math.min(...timesMs),
    waitsForSlot: dispatch.waitsForSlot,
  };
}
