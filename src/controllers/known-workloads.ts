/** All workloads of a namespace as they are now, our last writes included. */

import type { Clock } from '../ports/clock.ts';
import type { ViewChange } from '../ports/cluster.ts';
import { KeyturnError } from '../ports/errors.ts';
import { WORKLOAD_KINDS, type Workload, type Workloads, type WorkloadViews } from '../ports/workloads.ts';
import { NamespaceKeys } from './namespace-keys.ts';
import { OwnWrites } from './own-writes.ts';
import type { KnownWorkloads } from './rollouts.ts';

/** A list that has not come by then is asked for once by itself, so that its refusal can be told. */
const LISTED_WITHIN_MS = 5_000;

export interface KnownWorkloadsOptions {
  readonly views: WorkloadViews;
  readonly workloads: Workloads;
  readonly clock: Clock;
  /** Called when one has changed, with what is known of it then. */
  readonly onChange: (change: ViewChange<Workload>) => void;
}

/** Told to all who ask until the next attempt. */
class ListProbe {
  readonly #options: Pick<KnownWorkloadsOptions, 'workloads' | 'clock'>;
  #askedAtMs: number | undefined;
  #refusal: KeyturnError | undefined;

  constructor(options: Pick<KnownWorkloadsOptions, 'workloads' | 'clock'>) {
    this.#options = options;
  }

  async ask(signal: AbortSignal): Promise<void> {
    const nowMs = this.#options.clock.nowMs();
    this.#askedAtMs ??= nowMs;
    if (nowMs - this.#askedAtMs >= LISTED_WITHIN_MS) {
      this.#askedAtMs = nowMs;
      this.#refusal = await this.#attempt(signal);
    }
    if (this.#refusal !== undefined) throw this.#refusal;
  }

  async #attempt(signal: AbortSignal): Promise<KeyturnError | undefined> {
    try {
      await this.#options.workloads.probe(signal);
      return undefined;
    } catch (error) {
      if (error instanceof KeyturnError) return error;
      throw error;
    }
  }
}

/** To be called before the views run. */
export function createKnownWorkloads({ views, workloads, clock, onChange }: KnownWorkloadsOptions): KnownWorkloads {
  const probe = new ListProbe({ workloads, clock });
  const kinds = WORKLOAD_KINDS.map((kind) => {
    const view = views.view(kind);
    const keys = new NamespaceKeys(view);
    const own = new OwnWrites(view, clock);
    view.onChange((change) => onChange({ ...change, after: change.after && own.get(change.key) }));
    return { kind, keys, own };
  });
  return {
    of: (namespace) => kinds.flatMap(({ keys, own }) => keys.of(namespace).flatMap((key) => own.get(key) ?? [])),
    remember(workload) {
      const known = kinds.find(({ kind }) => kind === workload.kind);
      known?.own.remember(`${workload.namespace}/${workload.name}`, workload);
    },
    async areListed(signal) {
      views.demand();
      if (!views.synced) await probe.ask(signal);
      return views.synced;
    },
  };
}
