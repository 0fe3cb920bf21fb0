/** Builds what brings new versions of Secrets to the pods, and what tells which pods have them. */

import type { ExternalSecret } from './api/external-secret.ts';
import type { Narrowed } from './api/narrow.ts';
import type { SecretConsumption } from './api/secret-consumption.ts';
import {
  type ConsumptionController,
  type ConsumptionControllerOptions,
  createConsumptionController,
} from './controllers/consumption-controller.ts';
import {
  createRolloutController,
  type RolloutController,
  type RolloutControllerOptions,
} from './controllers/rollout-controller.ts';
import { shardOf, shardOfKey } from './domain/shard-of.ts';
import type { KubeClient } from './kube/client.ts';
import type { DemandedView } from './kube/demanded-view.ts';
import { createSecretConsumptions } from './kube/secret-consumptions.ts';
import { createWorkloads, WORKLOAD_RESOURCES } from './kube/workloads.ts';
import { WorkerSlots } from './loop/worker-slots.ts';
import type { Observed } from './observe/metrics.ts';
import type { RunOptions } from './options.ts';
import type { SecretMetadata, Statuses, View } from './ports/cluster.ts';
import type { ConsumingPod } from './ports/pods.ts';
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

interface ConsumptionParts
  extends Pick<ConsumptionControllerOptions, 'writtenVersions' | 'extras' | 'events' | 'backoff' | 'clock' | 'log'> {
  readonly run: RunOptions;
  readonly observed: Observed;
  readonly client: KubeClient;
  readonly statuses: Statuses;
  readonly views: RolloutParts['views'];
  readonly pods: DemandedView<ConsumingPod>;
  readonly consumptions: DemandedView<Narrowed<SecretConsumption>>;
}

export function buildConsumption(options: ConsumptionParts): ConsumptionController {
  const { run, observed, client, statuses, views, pods, consumptions, ...parts } = options;
  // What an ExternalSecret that asks no more has left is found by it.
  if (run.consumption) consumptions.demand();
  return createConsumptionController({
    ...parts,
    isOn: run.consumption,
    view: views.externalSecrets.view,
    secrets: views.secrets.view,
    pods: pods.view,
    needPods: () => pods.demand(),
    told: consumptions.view,
    needTold: () => consumptions.demand(),
    consumptions: createSecretConsumptions({ client, statuses, namespaces: run.namespaces }),
    slots: new WorkerSlots(CONCURRENCY),
    shardOf: (key) => shardOfKey(key, run.shards),
    onOutcome: (key, outcome, durationMs) => observed.reconciles.reconciled('consumption', key, outcome, durationMs),
  });
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
