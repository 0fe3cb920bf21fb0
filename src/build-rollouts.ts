/** Builds what brings new versions of Secrets to the pods. */

import type { ExternalSecret } from './api/external-secret.ts';
import type { Narrowed } from './api/narrow.ts';
import {
  createRolloutController,
  type RolloutController,
  type RolloutControllerOptions,
} from './controllers/rollout-controller.ts';
import { shardOf } from './domain/shard-of.ts';
import type { KubeClient } from './kube/client.ts';
import { createWorkloads, WORKLOAD_RESOURCES } from './kube/workloads.ts';
import { WorkerSlots } from './loop/worker-slots.ts';
import type { Observed } from './observe/metrics.ts';
import type { RunOptions } from './options.ts';
import type { SecretMetadata, View } from './ports/cluster.ts';
import type { WorkloadViews } from './ports/workloads.ts';

/** Namespaces whose workloads are looked at at the same time. */
const CONCURRENCY = 4;

interface RolloutParts extends Pick<RolloutControllerOptions, 'extras' | 'events' | 'backoff' | 'clock' | 'log'> {
  readonly run: RunOptions;
  readonly observed: Observed;
  readonly client: KubeClient;
  readonly views: {
    readonly externalSecrets: { readonly view: View<Narrowed<ExternalSecret>> };
    readonly secrets: { readonly view: View<SecretMetadata> };
  };
  readonly workloads: WorkloadViews;
}

function registerGauges(observed: Observed, rollouts: RolloutController): void {
  observed.gauge(
    'keyturn_rollouts_held',
    'ExternalSecrets with workloads that wait, because another is not healthy with the version.',
    () => rollouts.held,
  );
  observed.gauge(
    'keyturn_rollouts_in_progress',
    'Workloads that are being restarted for another version of their Secrets.',
    () => rollouts.inProgress,
  );
}

export function buildRollouts({ run, observed, client, views, workloads, ...parts }: RolloutParts): RolloutController {
  const { reconciles, metrics } = observed;
  const rollouts = createRolloutController({
    ...parts,
    isOn: run.rollouts,
    windowMs: run.rolloutWindowMs,
    deadlineMs: run.rolloutDeadlineMs,
    most: run.rolloutConcurrency,
    view: views.externalSecrets.view,
    secrets: views.secrets.view,
    views: workloads,
    workloads: createWorkloads({ client, namespaces: run.namespaces }),
    resourceOf: (kind) => WORKLOAD_RESOURCES[kind],
    metrics,
    slots: new WorkerSlots(CONCURRENCY),
    shardOf: (namespace) => shardOf(namespace, run.shards),
    onOutcome: (key, outcome, durationMs) => reconciles.reconciled('rollout', key, outcome, durationMs),
  });
  registerGauges(observed, rollouts);
  return rollouts;
}
