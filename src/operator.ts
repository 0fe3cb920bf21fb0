/** Builds the whole graph, in order. */

import { createDefaultChain } from './aws/credentials.ts';
import { endpointOverrides } from './aws/endpoints.ts';
import { parseQueueUrl } from './aws/queue-url.ts';
import { createSqsRotationQueue } from './aws/rotation-queue.ts';
import { createAwsSecretSources } from './aws/secret-sources.ts';
import { buildConsumption, buildRollouts } from './build-rollouts.ts';
import { AccessPolicies } from './controllers/access-policies.ts';
import {
  type AccessPolicyStatusController,
  createAccessPolicyStatusController,
} from './controllers/access-policy-status.ts';
import {
  type ClusterExternalSecretController,
  createClusterExternalSecretController,
} from './controllers/cluster-external-secret-controller.ts';
import { ExternalSecretReconciler } from './controllers/external-secret.ts';
import { ExternalSecretStatuses } from './controllers/external-secret-status.ts';
import { ExtraConditions } from './controllers/extra-conditions.ts';
import { HeldShards } from './controllers/held-shards.ts';
import { NamespaceLabels } from './controllers/namespace-labels.ts';
import { ReverseIndex } from './controllers/reverse-index.ts';
import { findStore, StoreReconciler } from './controllers/store.ts';
import { StoreRegistry } from './controllers/store-registry.ts';
import { createTargets } from './controllers/targets.ts';
import { TemplateObjects } from './controllers/template-objects.ts';
import { connectTriggers } from './controllers/triggers.ts';
import { shardOfKey } from './domain/shard-of.ts';
import type { StoreKey, StoreStanding } from './domain/store-standing.ts';
import { createHoldShard, type HoldShard } from './hold-shard.ts';
import { createKubeClient, type KubeClient } from './kube/client.ts';
import { createConfigMaps } from './kube/config-maps.ts';
import { createConsumingPodView } from './kube/consuming-pods.ts';
import { createEvents, type EventSink } from './kube/events.ts';
import { createExternalSecrets } from './kube/external-secrets.ts';
import { createGenericObjects } from './kube/generic-objects.ts';
import { createNamespaceProbe } from './kube/list-permission.ts';
import {
  type ClusterExternalSecretViews,
  createClusterExternalSecretViews,
  createConfigMapView,
  createOperatorViews,
  createServiceAccountView,
  type OperatorViewsOptions,
} from './kube/operator-views.ts';
import { createSecretConsumptionView } from './kube/secret-consumptions.ts';
import { createSecrets } from './kube/secrets.ts';
import { createServiceAccounts } from './kube/service-accounts.ts';
import { createStatuses } from './kube/statuses.ts';
import { createWatchedKinds } from './kube/watched-kinds.ts';
import { createWorkloadViews } from './kube/workload-views.ts';
import { type Controller, createController } from './loop/controller.ts';
import { ShardedController } from './loop/sharded-controller.ts';
import { systemClock } from './loop/system-clock.ts';
import { WorkerSlots } from './loop/worker-slots.ts';
import type { AuditLog } from './observe/audit-log.ts';
import type { Observed } from './observe/metrics.ts';
import { SHARD_IN_URL } from './option-rules.ts';
import type { RunOptions } from './options.ts';
import type { BackoffLimits } from './ports/backoff.ts';
import type { Log } from './ports/log.ts';
import type { Renderer } from './ports/renderer.ts';
import type { SecretSources } from './ports/secret-source.ts';
import { createRenderer } from './rendering/renderer.ts';
import { Announcer } from './rotation/announcer.ts';
import { createEventConsumer } from './rotation/event-consumer.ts';
import type { RotationTarget } from './rotation/rotation-target.ts';
import { Sweeper } from './rotation/sweeper.ts';
import { VersionIndex } from './rotation/version-index.ts';

const BACKOFF: BackoffLimits = { firstMs: 1_000, longestMs: 5 * 60_000 };
/** Stores are few, and a slow one must not hold up the others. */
const STORE_CONCURRENCY = 16;
/** Each of them writes several ExternalSecrets at a time. */
const CLUSTER_EXTERNAL_SECRET_CONCURRENCY = 4;

export interface OperatorOptions {
  readonly run: RunOptions;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly observed: Observed;
  /** @default nothing is recorded */
  readonly audit?: AuditLog | undefined;
}

/** All that is known of the cluster. */
export function createViews(options: OperatorViewsOptions) {
  return {
    views: createOperatorViews(options),
    /** Run as the others do, but nothing waits for them other than what they are for. */
    clusterExternalSecretViews: createClusterExternalSecretViews(options),
    /** ConfigMaps are watched from the first one on that holds templates. */
    configMaps: createConfigMapView(options),
    /** ServiceAccounts are watched from the first store on that reads by one. */
    serviceAccounts: createServiceAccountView(options),
    /** Kinds of targets besides Secrets are watched while they are in use. */
    kinds: createWatchedKinds(options),
    /** Workloads are watched from the first ExternalSecret on that asks for rollouts. */
    workloads: createWorkloadViews(options),
    /** Pods are watched from the first one on that asks which of them hold which version, and what is told of it. */
    pods: createConsumingPodView(options),
    consumptions: createSecretConsumptionView(options),
  };
}

type Watched = ReturnType<typeof createViews>;

/** The parts that run. */
export interface Operator extends Watched {
  readonly client: KubeClient;
  readonly events: EventSink;
  readonly sources: SecretSources;
  readonly stores: Controller;
  readonly sweeper: Sweeper;
  readonly renderer: Renderer;
  /** Works on the namespaces of one shard. */
  readonly holdShard: HoldShard;
}

/** What is shared by the two controllers, and by a plan of what they would do. */
export type Shared = ReturnType<typeof buildShared>;

export function buildShared({ run, env, log, observed, audit }: OperatorOptions, client: KubeClient, watched: Watched) {
  const clock = systemClock;
  const { metrics } = observed;
  const { views, configMaps, serviceAccounts, clusterExternalSecretViews } = watched;
  const { requireAccessPolicy: isRequired } = run;
  const probe = createNamespaceProbe(client);
  const labels = new NamespaceLabels({ namespaces: clusterExternalSecretViews.namespaces.view, probe, clock });
  const stores = { SecretStore: views.secretStores.view, ClusterSecretStore: views.clusterSecretStores.view };
  const secrets = createSecrets(client);
  const templates = new TemplateObjects({
    configMaps: createConfigMaps(client),
    configMapView: configMaps.view,
    secrets,
    secretView: views.secrets.view,
  });
  return {
    clock,
    log,
    audit,
    views,
    stores,
    controllerClass: run.controllerClass,
    allowsGeneric: run.unsafeAllowGenericTargets,
    controllerIdentity: run.allowControllerIdentity,
    events: createEvents({ client, clock, log }),
    externalSecrets: createExternalSecrets(client),
    secrets,
    objects: createGenericObjects(client, clock),
    kinds: watched.kinds,
    templates,
    access: new AccessPolicies({ view: views.secretAccessPolicies.view, labelsOf: labels.of, isRequired }),
    labels,
    renderer: createRenderer({
      clock,
      delimiters: { left: run.templateLeftDelimiter, right: run.templateRightDelimiter },
    }),
    statuses: createStatuses(client),
    sources: createAwsSecretSources({ env, clock, metrics, quotaShare: run.awsQuotaPercent / 100, audit }),
    registry: new StoreRegistry({
      absence: (key) => absenceOf(key, findStore(stores, key) !== undefined, run.namespaces),
      labelsOf: labels.of,
    }),
    serviceAccounts: createServiceAccounts(client),
    needServiceAccounts: () => serviceAccounts.demand(),
    storeUsers: new ReverseIndex(),
    credentialUsers: new ReverseIndex(),
    index: new VersionIndex(),
    extras: new ExtraConditions(),
    duty: new HeldShards(run.shards),
  };
}

function absenceOf(key: StoreKey, exists: boolean, namespaces: readonly string[]): StoreStanding | undefined {
  if (exists) return undefined;
  if (namespaces.length === 0 || !key.startsWith('ClusterSecretStore/')) return { kind: 'missing' };
  return {
    kind: 'notReady',
    message: 'this operator runs with --namespace and reads no ClusterSecretStores; use a SecretStore',
  };
}

function buildStoreController(shared: Shared, { observed }: OperatorOptions): Controller {
  const reconciler = new StoreReconciler({
    ...shared,
    views: shared.stores,
    isUsed: (key) => shared.storeUsers.usersOf(key).length > 0,
  });
  return createController({
    name: 'store',
    reconcile: reconciler.reconcile,
    slots: new WorkerSlots(STORE_CONCURRENCY),
    backoff: BACKOFF,
    clock: shared.clock,
    log: shared.log,
    onOutcome: (key, outcome, durationMs) => observed.reconciles.reconciled('store', key, outcome, durationMs),
  });
}

function buildExternalSecretController(shared: Shared, options: OperatorOptions, ended: (key: string) => void) {
  const { clock, log, views } = shared;
  const { run, observed } = options;
  const { conditions, reconciles } = observed;
  const view = views.externalSecrets.view;
  const reconciler = new ExternalSecretReconciler({
    ...shared,
    view,
    targets: createTargets({ ...shared, secretView: views.secrets.view, metrics: observed.metrics }),
    status: new ExternalSecretStatuses({ ...shared, view, conditions }),
    statusIntervalMs: run.statusIntervalMs,
    deletionBrakePercent: run.deletionBrakePercent,
    onMoved: (keys) => addAll(controller, keys),
    isPressed: () => controller.isPressed,
  });
  const controller = new ShardedController({
    name: 'externalsecret',
    reconcile: reconciler.reconcile,
    slots: new WorkerSlots(run.concurrency),
    backoff: BACKOFF,
    clock,
    log,
    shardOf: (key) => shardOfKey(key, run.shards),
    keys: () => view.keys(),
    isThere: (key) => view.get(key) !== undefined,
    onOutcome: (key, outcome, durationMs) => {
      reconciles.reconciled('externalsecret', key, outcome, durationMs);
      ended(key);
    },
    onForget: (key) => {
      reconciler.forget(key);
      reconciles.dropObject(key);
      ended(key);
    },
  });
  return { controller, reconciler };
}

function buildClusterExternalSecrets(
  shared: Shared,
  { observed }: OperatorOptions,
  { clusterExternalSecrets, namespaces }: ClusterExternalSecretViews,
): ClusterExternalSecretController {
  return createClusterExternalSecretController({
    ...shared,
    view: clusterExternalSecrets.view,
    namespaces: namespaces.view,
    externalSecretView: shared.views.externalSecrets.view,
    whenSynced: async (signal) => {
      await Promise.all([clusterExternalSecrets.whenSynced(signal), namespaces.whenSynced(signal)]);
    },
    slots: new WorkerSlots(CLUSTER_EXTERNAL_SECRET_CONCURRENCY),
    backoff: BACKOFF,
    onOutcome: (key, outcome, durationMs) =>
      observed.reconciles.reconciled('clusterexternalsecret', key, outcome, durationMs),
  });
}

function buildAccessPolicyStatus(shared: Shared, { observed }: OperatorOptions): AccessPolicyStatusController {
  const { views } = shared;
  return createAccessPolicyStatusController({
    ...shared,
    view: views.secretAccessPolicies.view,
    externalSecretView: views.externalSecrets.view,
    slots: new WorkerSlots(1),
    backoff: BACKOFF,
    onOutcome: (key, outcome, durationMs) =>
      observed.reconciles.reconciled('secretaccesspolicy', key, outcome, durationMs),
  });
}

function addAll(controller: Pick<Controller, 'add'>, keys: readonly string[]): void {
  for (const key of keys) controller.add(key);
}

/** Each shard has a queue of its own: a message goes to one consumer only, and all holders have to hear of it. */
function buildRotationEvents({ run, env, log, observed }: OperatorOptions, target: RotationTarget) {
  const { rotationQueueUrl, shards } = run;
  if (rotationQueueUrl === undefined) return undefined;
  const { metrics } = observed;
  const clock = systemClock;
  const credentials = createDefaultChain(endpointOverrides(env).sts);
  const region = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'];
  const urlOf = (shard: number) => rotationQueueUrl.replaceAll(SHARD_IN_URL, String(shard));
  for (let shard = 0; shard < shards; shard += 1) parseQueueUrl(urlOf(shard), region);
  return async (shard: number, signal: AbortSignal) => {
    const queue = createSqsRotationQueue({ queueUrl: urlOf(shard), region, credentials, env, clock, metrics });
    await createEventConsumer({ queue, target, clock, metrics, log }).run(signal);
    queue.close();
  };
}

function registerGauges(
  { events, duty }: Shared,
  { observed, audit }: OperatorOptions,
  externalSecrets: Pick<Controller, 'depth'>,
  reconciler: Pick<ExternalSecretReconciler, 'heldDeletions'>,
): void {
  observed.gauge('keyturn_queue_depth', 'ExternalSecrets that wait for a worker.', () => externalSecrets.depth);
  observed.gauge(
    'keyturn_deletions_held',
    'ExternalSecrets whose deletions wait, because too much vanished at once.',
    () => reconciler.heldDeletions,
  );
  observed.gauge('keyturn_events_dropped', 'Kubernetes Events given up since the start.', () => events.dropped);
  if (audit !== undefined) {
    observed.gauge(
      'keyturn_audit_records_dropped',
      'Records of the audit that could not be kept, since the start.',
      () => {
        return audit.dropped;
      },
    );
  }
  observed.gauge('keyturn_shards_held', 'Shards of the namespaces that this process works on.', () => duty.size);
}

function connectQueues(
  shared: Shared,
  { views, clusterExternalSecretViews, configMaps, serviceAccounts, kinds }: Watched,
  queues: { readonly stores: Controller; readonly externalSecrets: Pick<Controller, 'add'> },
  reconciler: Pick<ExternalSecretReconciler, 'isOwnWrite'>,
): void {
  connectTriggers({
    externalSecrets: views.externalSecrets.view,
    stores: shared.stores,
    secrets: views.secrets.view,
    kinds,
    configMaps: configMaps.view,
    needConfigMaps: () => configMaps.demand(),
    serviceAccounts: serviceAccounts.view,
    namespaces: clusterExternalSecretViews.namespaces.view,
    accessPolicies: views.secretAccessPolicies.view,
    registry: shared.registry,
    credentialUsers: shared.credentialUsers,
    storeUsers: shared.storeUsers,
    externalSecretQueue: queues.externalSecrets,
    storeQueue: queues.stores,
    isOwnWrite: (key, resourceVersion) => reconciler.isOwnWrite(key, resourceVersion),
  });
  shared.extras.onChange = (key) => queues.externalSecrets.add(key, { priority: 'low' });
}

/**
 * @throws NoClusterConfig when no API server is configured.
 * @throws InvalidSpec when the URL of the rotation queue is not a queue's.
 */
export function buildOperator(options: OperatorOptions): Operator {
  const { run, env, log, observed } = options;
  const { metrics } = observed;
  const clock = systemClock;
  const client = createKubeClient({ kubeconfigPath: run.kubeconfig, env, clock, log, metrics });
  const watched = createViews({ client, clock, log, metrics, namespaces: run.namespaces });
  const { clusterExternalSecretViews } = watched;
  const shared = buildShared(options, client, watched);
  const stores = buildStoreController(shared, options);
  const { controller: externalSecrets, reconciler } = buildExternalSecretController(shared, options, (key) => {
    announcer.progressed(key);
    consumption.lookedAt(key);
  });
  const announcer = new Announcer({
    index: shared.index,
    clock,
    written: (key, source) => reconciler.written(key, source),
    isStuck: (key) => reconciler.isStuck(key),
    awaitsWindow: (key) => reconciler.awaitsWindow(key),
    expectReads: ({ identityKey, ref }, count) => shared.registry.identities.get(identityKey)?.expectReads(ref, count),
    wake: (keys) => addAll(externalSecrets, keys),
  });
  connectQueues(shared, watched, { stores, externalSecrets }, reconciler);
  const sweeper = new Sweeper({
    index: shared.index,
    sourceOf: (identityKey) => shared.registry.identities.get(identityKey),
    onMoved: (keys) => addAll(externalSecrets, keys),
    clock,
    metrics,
    log,
  });
  const consumeEvents = buildRotationEvents(options, announcer);
  const clusterExternalSecrets = buildClusterExternalSecrets(shared, options, clusterExternalSecretViews);
  const accessPolicies = buildAccessPolicyStatus(shared, options);
  const toPods = { ...shared, ...options, ...watched, client, backoff: BACKOFF };
  const rollouts = buildRollouts(toPods);
  const writtenVersions = (key: string) => reconciler.writtenVersions(key);
  const consumption = buildConsumption({ ...toPods, writtenVersions });
  const parts = {
    stores,
    externalSecrets,
    clusterExternalSecrets,
    accessPolicies,
    rollouts,
    consumption,
    consumeEvents,
  };
  const holdShard = createHoldShard({ ...shared, ...parts, shards: run.shards });
  registerGauges(shared, options, externalSecrets, reconciler);
  const { events, sources, renderer } = shared;
  return { client, ...watched, events, sources, stores, sweeper, renderer, holdShard };
}
