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

export class RolloutsInProgress {
  readonly #options: InProgressOptions;
  /** Until when each counts. */
  readonly #untilMs = new Map<ObjectKey, number>();

  constructor(options: InProgressOptions) {
    this.#options = options;
  }

  get count(): number {
    const nowMs = this.#options.clock.nowMs();
    return this.#untilMs.values().reduce((sum, untilMs) => (untilMs > nowMs ? sum + 1 : sum), 0);
  }

  get free(): number {
    return Math.max(0, this.#options.most - this.count);
  }

  /** When the next one stops to count by itself; undefined when there is none. */
  get nextFreeAtMs(): number | undefined {
    const nowMs = this.#options.clock.nowMs();
    const later = [...this.#untilMs.values()].filter((untilMs) => untilMs > nowMs);
    return later.length === 0 ? undefined : Math.min(...later);
  }

  /** Taken before the API server is asked. */
  reserve(workload: Workload): void {
    const { clock, deadlineMs } = this.#options;
    this.#untilMs.set(workloadKey(workload), clock.nowMs() + deadlineMs);
  }

  observe(workload: Workload): void {
    const { clock, deadlineMs } = this.#options;
    const untilMs = deadlineAtMs(workload, deadlineMs);
    const counts = untilMs !== undefined && isInProgress(workload, clock.nowMs(), deadlineMs);
    if (counts) this.#untilMs.set(workloadKey(workload), untilMs);
    else this.drop(workloadKey(workload));
  }

  drop(key: ObjectKey): void {
    if (this.#untilMs.delete(key)) this.#options.onFreed();
  }
}
