/** What is remembered of the rollouts of one namespace. Nothing of it is needed: without it a question is asked once more. */

import {
  beganWith,
  type Feed,
  MARGIN_MS,
  type RolloutMemory,
  type SeenTrigger,
  STARTING_MS,
  startedWith,
} from '../domain/rollout-standing.ts';
import { triggerValue } from '../domain/rollout-trigger.ts';
import { type Health, healthOf, isInProgress, isSaidToHaveSucceeded } from '../domain/workload-health.ts';
import { Backoff } from '../loop/backoff.ts';
import type { BackoffLimits } from '../ports/backoff.ts';
import type { RunningPod, Workload } from '../ports/workloads.ts';

/** Pods that had an older version are asked once more when their workload has changed, and no more often than so. */
const ASK_EVERY_MS = 30_000;

const MOST_SAID = 1_000;
/** Triggers of one workload, of which the oldest are forgotten. */
const MOST_SEEN = 100;

interface Told {
  /** Of which the pods were asked, as a trigger has it. */
  readonly value: string;
  readonly runs: 'fresh' | 'old';
  readonly atMs: number;
  /** The workload's then: whose pods are replaced changes. */
  readonly resourceVersion: string;
}

interface Failure {
  readonly retryAtMs: number;
  readonly count: number;
  readonly problem: string;
}

/** Of one workload, by its uid. */
interface Remembered {
  /** By triggers with their values. */
  readonly seen: Map<string, SeenTrigger>;
  /** By triggers. */
  readonly told: Map<string, Told>;
  /** The triggers with which it was seen complete. */
  completeWith?: string;
  /** The triggers that were set, while it is not known how that ends. */
  awaitedWith?: string;
  /** Those of which it was told how it ended. */
  endedWith?: string;
  failure?: Failure;
}

export interface Ended {
  readonly workload: Workload;
  readonly outcome: 'healthy' | 'unhealthy';
}

/**
 * Whatever starts later has the version as well, once what starts has it for sure: what was about to start before that may
 * never be ready, and so change nothing of its workload.
 */
function askedAgainAtMs({ runs, atMs, ...told }: Told, mark: Feed['mark'], resourceVersion: string) {
  if (runs === 'old') return told.resourceVersion === resourceVersion ? undefined : atMs + ASK_EVERY_MS;
  return beganWith({ mark }, atMs - STARTING_MS) ? undefined : mark.sinceMs + MARGIN_MS + STARTING_MS + 1;
}

/** Once healthy is healthy: what fails later fails for another reason. */
function seenAfter(workload: Workload, health: Health, before: SeenTrigger = 'seen'): SeenTrigger {
  if (before === 'healthy' || health === 'complete') return 'healthy';
  if (before === 'seen' && health !== 'idle' && isSaidToHaveSucceeded(workload)) return 'healthy';
  if (health === 'failed') return 'failed';
  return health === 'idle' && before === 'seen' ? 'idle' : before;
}

function signature({ triggers }: Workload): string {
  return JSON.stringify(Object.entries(triggers).sort());
}

/** Whether all its pods started with the version; one whose containers have not started yet begins now. */
function runWith({ kind, name, progress }: Workload, feed: Feed, pods: readonly RunningPod[], nowMs: number): boolean {
  const own = pods.filter(({ owner }) => owner.kind === kind && owner.name === name);
  // It says that it has some: they are not known by their owners.
  if (own.length === 0 && progress.available > 0) return false;
  return own.every(({ createdAtMs, startedAtMs, lastReadAtMs }) =>
    startedAtMs === undefined
      ? beganWith(feed, nowMs)
      : startedWith(feed, { startedAtMs, podCreatedAtMs: createdAtMs, lastReadAtMs }),
  );
}

export class NamespaceRollouts implements RolloutMemory {
  readonly #workloads = new Map<string, Remembered>();
  /** What was told once, of this namespace. */
  readonly #said = new Set<string>();
  readonly #backoff: Backoff;
  readonly #nowMs: () => number;

  constructor(limits: BackoffLimits, nowMs: () => number) {
    this.#backoff = new Backoff(limits);
    this.#nowMs = nowMs;
  }

  readonly sawTrigger: RolloutMemory['sawTrigger'] = ({ uid }, { trigger, mark }) =>
    this.#workloads.get(uid)?.seen.get(`${trigger} ${triggerValue(mark)}`);

  readonly podsRun: RolloutMemory['podsRun'] = ({ uid, resourceVersion }, { trigger, mark }) => {
    const told = this.#toldOf(uid, trigger, mark);
    const againAtMs = told && askedAgainAtMs(told, mark, resourceVersion);
    return againAtMs === undefined || this.#nowMs() < againAtMs ? told?.runs : undefined;
  };

  readonly askAgainAtMs: RolloutMemory['askAgainAtMs'] = ({ uid, resourceVersion }, { trigger, mark }) => {
    const told = this.#toldOf(uid, trigger, mark);
    return told && askedAgainAtMs(told, mark, resourceVersion);
  };

  readonly wasComplete: RolloutMemory['wasComplete'] = (workload) =>
    this.#workloads.get(workload.uid)?.completeWith === signature(workload);

  readonly retryAtMs: RolloutMemory['retryAtMs'] = ({ uid }) => this.#workloads.get(uid)?.failure?.retryAtMs;

  /** The last failure to begin a rollout, once it is no passing one. */
  problemOf({ uid }: Workload): string | undefined {
    const failure = this.#workloads.get(uid)?.failure;
    return failure !== undefined && failure.count > 1 ? failure.problem : undefined;
  }

  learn(workload: Workload, feed: Feed, pods: readonly RunningPod[]): void {
    const atMs = this.#nowMs();
    const runs = runWith(workload, feed, pods, atMs) ? 'fresh' : 'old';
    const { resourceVersion } = workload;
    this.#of(workload).told.set(feed.trigger, { value: triggerValue(feed.mark), runs, atMs, resourceVersion });
  }

  /** @param workload as it is with the triggers */
  began(workload: Workload): void {
    const remembered = this.#of(workload);
    remembered.awaitedWith = signature(workload);
    this.#see(workload, 'rolling');
    delete remembered.failure;
    this.#backoff.forget(workload.uid);
  }

  failed(workload: Workload, problem: string): void {
    const remembered = this.#of(workload);
    const count = (remembered.failure?.count ?? 0) + 1;
    remembered.failure = { retryAtMs: this.#nowMs() + this.#backoff.failedMs(workload.uid), count, problem };
  }

  /** Takes in how all workloads of the namespace are now. @returns what has come to an end of what we began */
  observe(workloads: readonly Workload[], deadlineMs: number): readonly Ended[] {
    const there = new Set(workloads.map(({ uid }) => uid));
    for (const uid of this.#workloads.keys()) if (!there.has(uid)) this.#workloads.delete(uid);
    return workloads.flatMap((workload) => this.#observed(workload, deadlineMs) ?? []);
  }

  /** True the first time; of what was said long ago once more. */
  isNews(what: string): boolean {
    if (this.#said.size >= MOST_SAID) this.#said.clear();
    return this.#said.size !== this.#said.add(what).size;
  }

  #observed(workload: Workload, deadlineMs: number): Ended | undefined {
    if (Object.keys(workload.triggers).length === 0) return undefined;
    const health = healthOf(workload, this.#nowMs(), deadlineMs);
    this.#see(workload, health);
    const remembered = this.#of(workload);
    if (this.#wasBegunByOthers(workload, deadlineMs)) remembered.awaitedWith ??= signature(workload);
    if (remembered.awaitedWith === undefined || (health !== 'complete' && health !== 'failed')) return undefined;
    const isOurs = remembered.awaitedWith === signature(workload);
    delete remembered.awaitedWith;
    remembered.endedWith = signature(workload);
    return isOurs ? { workload, outcome: health === 'complete' ? 'healthy' : 'unhealthy' } : undefined;
  }

  /** By another process, or by a write of ours whose answer was lost; and it is not known how it ended. */
  #wasBegunByOthers(workload: Workload, deadlineMs: number): boolean {
    const { completeWith, endedWith } = this.#of(workload);
    const isKnown = workload.progress.hasSucceeded || [completeWith, endedWith].includes(signature(workload));
    return !isKnown && isInProgress(workload, this.#nowMs(), deadlineMs);
  }

  #toldOf(uid: string, trigger: string, mark: Feed['mark']): Told | undefined {
    const told = this.#workloads.get(uid)?.told.get(trigger);
    return told?.value === triggerValue(mark) ? told : undefined;
  }

  #see(workload: Workload, health: Health): void {
    const remembered = this.#of(workload);
    if (health === 'complete') remembered.completeWith = signature(workload);
    for (const [trigger, value] of Object.entries(workload.triggers)) {
      const key = `${trigger} ${value}`;
      remembered.seen.set(key, seenAfter(workload, health, remembered.seen.get(key)));
    }
    for (const key of remembered.seen.keys()) if (remembered.seen.size > MOST_SEEN) remembered.seen.delete(key);
  }

  #of({ uid }: Workload): Remembered {
    const remembered = this.#workloads.get(uid) ?? { seen: new Map(), told: new Map() };
    this.#workloads.set(uid, remembered);
    return remembered;
  }
}
