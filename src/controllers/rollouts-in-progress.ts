/** Which workloads are replacing their pods because of us, in the whole cluster, as their own state tells. */

import { deadlineAtMs, isInProgress } from '../domain/workload-health.ts';
import type { Clock } from '../ports/clock.ts';
import type { ObjectKey } from '../ports/cluster.ts';
import { type Workload, workloadKey } from '../ports/workloads.ts';

export interface InProgressOptions {
  readonly clock: Clock;
  readonly deadlineMs: number;
  readonly most: number;
  /** Called when a place has become free. */
  readonly onFreed: () => void;
}

/** One whose pods have come no further for so long leaves its place to others: what is broken does not keep all waiting. */
const STALLED_MS = 2 * 60_000;

interface Place {
  readonly namespace: string;
  /** How far it is, to be compared. */
  readonly standsAt: string;
  readonly sinceMs: number;
  readonly untilMs: number;
}

function standsAt({ triggers, progress }: Workload): string {
  return JSON.stringify([triggers, progress]);
}

export class RolloutsInProgress {
  readonly #options: InProgressOptions;
  readonly #places = new Map<ObjectKey, Place>();

  constructor(options: InProgressOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#taken().length;
  }

  /**
   * How many more a namespace may begin. What has some already leaves the free ones to those that have none.
   * @param waiting namespaces in which a workload waits for a place
   */
  freeFor(namespace: string, waiting: Iterable<string>): number {
    const taken = this.#taken();
    const nowMs = this.#options.clock.nowMs();
    // What is stalled has had its turn.
    const open = [...this.#places.values()].filter(({ untilMs }) => untilMs > nowMs);
    const having = new Set(open.map((place) => place.namespace));
    const before = having.has(namespace) ? [...waiting].filter((other) => !having.has(other)).length : 0;
    return Math.max(0, this.#options.most - taken.length - before);
  }

  has(workload: Workload): boolean {
    const place = this.#places.get(workloadKey(workload));
    return place !== undefined && this.#endsAtMs(place) > this.#options.clock.nowMs();
  }

  /** When the next one stops to count by itself; undefined when there is none. */
  get nextFreeAtMs(): number | undefined {
    const endsMs = this.#taken().map((place) => this.#endsAtMs(place));
    return endsMs.length === 0 ? undefined : Math.min(...endsMs);
  }

  /** Taken before the API server is asked. */
  reserve(workload: Workload): void {
    const { clock, deadlineMs } = this.#options;
    const nowMs = clock.nowMs();
    const { namespace } = workload;
    this.#places.set(workloadKey(workload), { namespace, standsAt: '', sinceMs: nowMs, untilMs: nowMs + deadlineMs });
  }

  observe(workload: Workload): void {
    const { clock, deadlineMs } = this.#options;
    const nowMs = clock.nowMs();
    const key = workloadKey(workload);
    const untilMs = deadlineAtMs(workload, deadlineMs);
    if (untilMs === undefined || !isInProgress(workload, nowMs, deadlineMs)) {
      this.drop(key);
      return;
    }
    const before = this.#places.get(key);
    const place = { namespace: workload.namespace, standsAt: standsAt(workload), sinceMs: nowMs, untilMs };
    const isStill = before?.standsAt === place.standsAt;
    this.#places.set(key, isStill ? { ...place, sinceMs: before.sinceMs } : place);
  }

  drop(key: ObjectKey): void {
    if (this.#places.delete(key)) this.#options.onFreed();
  }

  #endsAtMs({ sinceMs, untilMs }: Place): number {
    return Math.min(untilMs, sinceMs + STALLED_MS);
  }

  #taken(): readonly Place[] {
    const nowMs = this.#options.clock.nowMs();
    return [...this.#places.values()].filter((place) => this.#endsAtMs(place) > nowMs);
  }
}
