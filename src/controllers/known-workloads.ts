/** All workloads of a namespace as they are now, our last writes included. */

import type { Clock } from '../ports/clock.ts';
import type { ViewChange } from '../ports/cluster.ts';
import { WORKLOAD_KINDS, type Workload, type Workloads, type WorkloadViews } from '../ports/workloads.ts';
import { ListProbe } from './list-probe.ts';
import { NamespaceKeys } from './namespace-keys.ts';
import { OwnWrites } from './own-writes.ts';
import type { KnownWorkloads } from './rollouts.ts';

export interface KnownWorkloadsOptions {
  readonly views: WorkloadViews;
  readonly workloads: Workloads;
  readonly clock: Clock;
  /** Called when one has changed, with what is known of it then. */
  readonly onChange: (change: ViewChange<Workload>) => void;
}

/** To be called before the views run. */
export function createKnownWorkloads({ views, workloads, clock, onChange }: KnownWorkloadsOptions): KnownWorkloads {
  const probe = new ListProbe((signal) => workloads.probe(signal), clock);
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
