/** The kinds of workloads as views, from the moment on that somebody asks for rollouts. Argo's is watched where it is served. */

import { type Clock, sleep } from '../ports/clock.ts';
import { ClusterNotFound } from '../ports/errors.ts';
import { WORKLOAD_KINDS, type WorkloadKind, type WorkloadViews } from '../ports/workloads.ts';
import { createDemandedView } from './demanded-view.ts';
import type { OperatorViewsOptions } from './operator-views.ts';
import { createServedKinds } from './served-kinds.ts';
import { createWatchedView } from './watched-view.ts';
import { readWorkload, WORKLOAD_RESOURCES } from './workloads.ts';

/** Argo Rollouts may be installed at any time, and is seldom. */
const ASK_AGAIN_MS = 5 * 60_000;
const RETRY_MS = 5_000;

/** Waits until a kind is served. Asked by discovery, as a list of what is not served may be denied before it is absent. */
async function whenServed(
  { client, clock }: Pick<OperatorViewsOptions, 'client' | 'clock'>,
  kind: WorkloadKind,
  onAbsent: () => void,
  signal: AbortSignal,
): Promise<void> {
  const kinds = createServedKinds(client, clock);
  for (;;) {
    try {
      await kinds.find(WORKLOAD_RESOURCES[kind].apiVersion, kind, signal);
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ClusterNotFound) onAbsent();
      await sleep(clock, error instanceof ClusterNotFound ? ASK_AGAIN_MS : RETRY_MS, signal);
    }
  }
}

export interface RunningWorkloadViews extends WorkloadViews {
  /** As a watched view. */
  run(signal: AbortSignal): Promise<void>;
}

function createViewOf(kind: WorkloadKind, options: OperatorViewsOptions & { readonly clock: Clock }) {
  const { namespaces, createView = createWatchedView, ...rest } = options;
  return createView({
    ...rest,
    source: {
      resource: WORKLOAD_RESOURCES[kind],
      namespaces: namespaces.length === 0 ? undefined : namespaces,
      absentIsEmpty: kind === 'Rollout',
    },
    project: (raw) => readWorkload(kind, raw),
  });
}

export function createWorkloadViews(options: OperatorViewsOptions): RunningWorkloadViews {
  const rollouts = createViewOf('Rollout', options);
  let isAbsent = false;
  const served = {
    ...rollouts,
    async run(signal: AbortSignal) {
      try {
        await whenServed(options, 'Rollout', () => (isAbsent = true), signal);
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
      isAbsent = false;
      await rollouts.run(signal);
    },
  };
  const demanded = {
    Deployment: createDemandedView(createViewOf('Deployment', options)),
    StatefulSet: createDemandedView(createViewOf('StatefulSet', options)),
    DaemonSet: createDemandedView(createViewOf('DaemonSet', options)),
    Rollout: createDemandedView(served),
  };
  return {
    view: (kind) => demanded[kind].view,
    get synced() {
      return WORKLOAD_KINDS.every((kind) => demanded[kind].view.synced || (kind === 'Rollout' && isAbsent));
    },
    demand() {
      for (const kind of WORKLOAD_KINDS) demanded[kind].demand();
    },
    async run(signal) {
      await Promise.all(WORKLOAD_KINDS.map((kind) => demanded[kind].run(signal)));
    },
  };
}
