/** The queue of namespaces with ExternalSecrets that ask for rollouts, and what wakes them. */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { Narrowed } from '../api/narrow.ts';
import { sameValue } from '../domain/same-value.ts';
import { asksForRollouts, versionMarks } from '../domain/version-mark.ts';
import { ShardedController, type ShardedControllerOptions } from '../loop/sharded-controller.ts';
import type { ViewChange } from '../ports/cluster.ts';
import { type Workload, type WorkloadViews, workloadKey } from '../ports/workloads.ts';
import { createKnownWorkloads } from './known-workloads.ts';
import { NamespaceKeys, namespaceOf } from './namespace-keys.ts';
import { GATHER_MS, RolloutReconciler, type RolloutsOptions } from './rollouts.ts';
import { RolloutsInProgress } from './rollouts-in-progress.ts';

export interface RolloutControllerOptions
  extends Omit<RolloutsOptions, 'asking' | 'known' | 'inProgress'>,
    Pick<ShardedControllerOptions, 'slots' | 'onOutcome'> {
  readonly views: WorkloadViews;
  /** Workloads in progress at a time. */
  readonly most: number;
  /** Of a namespace. */
  readonly shardOf: (namespace: string) => number;
}

export interface RolloutController {
  /** As {@link ShardedController.run}. */
  run(shard: number, stop: AbortSignal, cut: AbortSignal): Promise<void>;
  /** ExternalSecrets whose rollout is held. */
  readonly held: number;
  /** Workloads that are replacing their pods because of us. */
  readonly inProgress: number;
}

type Entry = Narrowed<ExternalSecret>;

function isAsking(entry: Entry | undefined): boolean {
  return entry?.kind === 'valid' && asksForRollouts(entry.object);
}

/** What of an ExternalSecret rollouts depend on. */
function wishesOf(entry: Entry | undefined): unknown {
  if (entry?.kind !== 'valid') return undefined;
  const { generation, annotations } = entry.object.metadata;
  return { generation, annotations };
}

/** To be called once, before the views run. */
export function createRolloutController(options: RolloutControllerOptions): RolloutController {
  const { view, secrets, views, workloads, clock, deadlineMs, most, extras } = options;
  const asking = new NamespaceKeys(view, isAsking);
  const wake = (namespace: string) => controller.add(namespace, { delayMs: GATHER_MS });
  const onFreed = () => {
    for (const namespace of reconciler.waiting) wake(namespace);
  };
  const inProgress = new RolloutsInProgress({ clock, deadlineMs, most, onFreed });
  const known = createKnownWorkloads({ views, workloads, clock, onChange: onWorkload });
  const reconciler = new RolloutReconciler({ ...options, asking, known, inProgress });
  const controller = new ShardedController({
    ...options,
    name: 'rollout',
    reconcile: reconciler.reconcile,
    keys: () => asking.namespaces(),
    isThere: (namespace) => asking.has(namespace),
    onForget: (namespace) => reconciler.forget(namespace),
  });

  function onWorkload({ key, before, after }: ViewChange<Workload>): void {
    if (after !== undefined) inProgress.observe(after);
    else if (before !== undefined) inProgress.drop(workloadKey(before));
    if (asking.has(namespaceOf(key))) wake(namespaceOf(key));
  }

  view.onChange(({ key, before, after }) => {
    if (!isAsking(after)) extras.forget(key, 'RolloutHeld');
    if (!isAsking(before) && !isAsking(after)) return;
    if (!sameValue(wishesOf(before), wishesOf(after))) wake(namespaceOf(key));
  });
  secrets.onChange(({ key, before, after }) => {
    const namespace = namespaceOf(key);
    if (asking.has(namespace) && !sameValue(versionMarks(before), versionMarks(after))) wake(namespace);
  });
  return {
    run: (shard, stop, cut) => controller.run(shard, stop, cut),
    get held() {
      return reconciler.held;
    },
    get inProgress() {
      return inProgress.count;
    },
  };
}
