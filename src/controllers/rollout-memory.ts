/** What is remembered of the rollouts of one namespace. Nothing of it is needed: without it a question is asked once more. */

import { beganWith, type Feed, type RolloutMemory } from '../domain/rollout-standing.ts';
import { healthOf } from '../domain/workload-health.ts';
import { Backoff } from '../loop/backoff.ts';
import type { BackoffLimits } from '../ports/backoff.ts';
import type { RunningPod, Workload } from '../ports/workloads.ts';

/** That pods have an older version may change at any time: somebody deletes them. */
const OLD_FOR_MS = 30_000;

const MOST_SAID = 1_000;

interface Told {
  readonly version: string;
  readonly runs: 'fresh' | 'old';
  readonly atMs: number;
}

interface Failure {
  readonly retryAtMs: number;
  readonly count: number;
  readonly problem: string;
}

/** Of one workload, by its uid. */
interface Remembered {
  /** By triggers. */
  readonly set: Map<string, string>;
  readonly told: Map<string, Told>;
  /** The triggers with which it was seen complete. */
  completeWith?: string;
  /** The triggers that we set, while it is not known how that ends. */
  awaitedWith?: string;
  failure?: Failure;
}

export interface Ended {
  readonly workload: Workload;
  readonly outcome: 'healthy' | 'unhealthy';
}

function signature({ triggers }: Workload): string {
  return JSON.stringify(Object.entries(triggers).sort());
}

/** When the oldest container of its pods started; one whose containers have not started yet begins now. */
function runsSince({ kind, name }: Workload, pods: readonly RunningPod[], nowMs: number): number {
  const own = pods.filter(({ owner }) => owner.kind === kind && owner.name === name);
  return Math.min(...own.map(({ startedAtMs }) => startedAtMs ?? nowMs));
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

  readonly hasSet: RolloutMemory['hasSet'] = ({ uid }, trigger) => this.#workloads.get(uid)?.set.get(trigger);

  readonly podsRun: RolloutMemory['podsRun'] = ({ uid }, { trigger, mark }) => {
    const told = this.#workloads.get(uid)?.told.get(trigger);
    if (told?.version !== mark.version) return undefined;
    return told.runs === 'fresh' || this.#nowMs() - told.atMs < OLD_FOR_MS ? told.runs : undefined;
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
    const runs = beganWith(feed, runsSince(workload, pods, atMs)) ? 'fresh' : 'old';
    this.#of(workload).told.set(feed.trigger, { version: feed.mark.version, runs, atMs });
  }

  /** @param workload as it is with the triggers */
  began(workload: Workload, feeds: readonly Feed[]): void {
    const remembered = this.#of(workload);
    for (const { trigger, mark } of feeds) remembered.set.set(trigger, mark.version);
    remembered.awaitedWith = signature(workload);
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
    if (health === 'complete') this.#of(workload).completeWith = signature(workload);
    const remembered = this.#workloads.get(workload.uid);
    if (remembered?.awaitedWith === undefined || (health !== 'complete' && health !== 'failed')) return undefined;
    const isOurs = remembered.awaitedWith === signature(workload);
    delete remembered.awaitedWith;
    return isOurs ? { workload, outcome: health === 'complete' ? 'healthy' : 'unhealthy' } : undefined;
  }

  #of({ uid }: Workload): Remembered {
    const remembered = this.#workloads.get(uid) ?? { set: new Map(), told: new Map() };
    this.#workloads.set(uid, remembered);
    return remembered;
  }
}
