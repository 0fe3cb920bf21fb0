/** The operator without its adapters, on a cluster and an AWS in memory, in virtual time. */

import { expect } from 'vitest';
import type { ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import type { SecretStoreSpec } from '../../../src/api/secret-store.ts';
import { AccessPolicies } from '../../../src/controllers/access-policies.ts';
import { ExternalSecretReconciler } from '../../../src/controllers/external-secret.ts';
import { ExternalSecretStatuses } from '../../../src/controllers/external-secret-status.ts';
import { ExtraConditions } from '../../../src/controllers/extra-conditions.ts';
import { HeldShards } from '../../../src/controllers/held-shards.ts';
import { NamespaceLabels } from '../../../src/controllers/namespace-labels.ts';
import { ReverseIndex } from '../../../src/controllers/reverse-index.ts';
import { findStore, StoreReconciler } from '../../../src/controllers/store.ts';
import { StoreRegistry } from '../../../src/controllers/store-registry.ts';
import { createTargets } from '../../../src/controllers/targets.ts';
import { TemplateObjects } from '../../../src/controllers/template-objects.ts';
import { connectTriggers } from '../../../src/controllers/triggers.ts';
import type { ControllerIdentity } from '../../../src/domain/store-credentials.ts';
import { type Controller, createController } from '../../../src/loop/controller.ts';
import type { Reconcile } from '../../../src/loop/reconcile.ts';
import { WorkerSlots } from '../../../src/loop/worker-slots.ts';
import { Sweeper } from '../../../src/rotation/sweeper.ts';
import { VersionIndex } from '../../../src/rotation/version-index.ts';
import { ONE_KEY, storeSpec } from '../domain/manifests.ts';
import { createRecordingAudit } from '../recording-audit.ts';
import { createRecordingLog } from '../recording-log.ts';
import { createRecordingMetrics } from '../recording-metrics.ts';
import { createVirtualClock, type VirtualClock } from '../virtual-clock.ts';
import { FakeCluster, type Kind, type Manifest } from './fake-cluster.ts';
import { FakeAws } from './fake-sources.ts';
import { inlineRenderer } from './inline-renderer.ts';

export const HOUR_MS = 3_600_000;
/** {@link World.cost} of a cluster in which nothing changed. */
export const NOTHING = { secretWrites: 0, statusWrites: 0, reads: 0, probes: 0 };
const TURNS_UNTIL_QUIET = 40;

export interface WorldOptions {
  readonly statusIntervalMs?: number;
  readonly concurrency?: number;
  /** @default 20 */
  readonly deletionBrakePercent?: number;
  /** @default false */
  readonly requireAccessPolicy?: boolean;
  /** @default all */
  readonly controllerIdentity?: ControllerIdentity;
  /** Whether targets may be other than Secrets. @default true */
  readonly allowsGeneric?: boolean;
  /** The shards that are held. @default the only one that there is */
  readonly duty?: HeldShards;
  /** @default true */
  readonly isAudited?: boolean;
}

interface Running {
  readonly externalSecrets: Controller;
  readonly reconciler: ExternalSecretReconciler;
  stop(): Promise<void>;
}

export class World {
  readonly clock: VirtualClock = createVirtualClock();
  readonly cluster = new FakeCluster(this.clock);
  readonly aws = new FakeAws(this.clock);
  readonly log = createRecordingLog();
  readonly metrics = createRecordingMetrics();
  readonly audit = createRecordingAudit();
  readonly duty: HeldShards;
  /** Reconciles of ExternalSecrets as they ended. */
  readonly reconciled: string[] = [];
  #options: WorldOptions;
  #running: Running | undefined;

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    this.duty = options.duty ?? onlyShard();
  }

  /** A secret at AWS, the store `team/aws` for it, and an operator that runs. */
  static async withStore(options?: WorldOptions): Promise<World> {
    const world = new World(options);
    world.aws.put('prod/db', 'value-1');
    world.store();
    await world.start();
    return world;
  }

  /** A world in which `team/app` was synced, and everything it cost is forgotten. */
  static async synced(spec: ExternalSecretSpec = {}, options?: WorldOptions): Promise<World> {
    const world = await World.withStore(options);
    world.externalSecret('team/app', spec);
    await world.settle();
    world.forgetCalls();
    return world;
  }

  store(spec: SecretStoreSpec = storeSpec(), key = 'team/aws'): void {
    this.cluster.apply('SecretStore', key, spec);
  }

  /** `spec` adds to that of one key `password` from `prod/db`. */
  externalSecret(key = 'team/app', spec: ExternalSecretSpec = {}, manifest: Manifest = {}): void {
    this.cluster.apply('ExternalSecret', key, { ...ONE_KEY, ...spec }, manifest);
  }

  async start(): Promise<void> {
    this.cluster.disconnect();
    this.#running = run(this, this.#options);
    this.cluster.list();
    await this.settle();
  }

  /** A new process that knows only what the cluster says. */
  async restart(options: WorldOptions = {}): Promise<void> {
    await this.stop();
    this.#options = { ...this.#options, ...options };
    await this.start();
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = undefined;
    expect(this.clock.timers).toBe(0);
    if (this.#options.isAudited === false) return;
    expect(this.recordedWrites((kind) => kind === 'Secret')).toEqual(this.metrics.writes);
    expect(this.recordedWrites((kind) => kind !== 'Secret')).toEqual(this.cluster.objects.written);
  }

  /** How many writes the audit has recorded that went well: whoever writes a target without it shows here. */
  recordedWrites(isMeant: (kind: string) => boolean): Record<'create' | 'patch' | 'delete', number> {
    const counts = { create: 0, patch: 0, delete: 0 };
    const all = this.audit.of('write').filter(({ result, target }) => result === 'ok' && isMeant(target.kind));
    for (const { verb } of all) counts[verb] += 1;
    return counts;
  }

  async reconcile(key = 'team/app'): Promise<void> {
    this.#running?.externalSecrets.add(key);
    await this.settle();
  }

  /** Whether only somebody's doing can change what an ExternalSecret was told. */
  isStuck(key = 'team/app'): boolean {
    return this.#running?.reconciler.isStuck(key) ?? false;
  }

  /** Whether an ExternalSecret whose sources may have moved asks them when a window opens. */
  awaitsWindow(key = 'team/app'): boolean {
    return this.#running?.reconciler.awaitsWindow(key) ?? false;
  }

  /** How many ExternalSecrets wait with a deletion. */
  get heldDeletions(): number {
    return this.#running?.reconciler.heldDeletions ?? 0;
  }

  /** Lets everything run that does not wait for time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < TURNS_UNTIL_QUIET; turn += 1) await this.clock.settle();
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.settle();
  }

  forgetCalls(): void {
    this.aws.forgetCalls();
    this.cluster.secrets.calls.length = 0;
    this.cluster.objects.calls.length = 0;
    this.cluster.statusWrites.length = 0;
    this.cluster.notes.length = 0;
    this.reconciled.length = 0;
  }

  secret(key = 'team/app'): Record<string, string> | undefined {
    return this.cluster.secrets.data(key);
  }

  condition(key = 'team/app', kind: Kind = 'ExternalSecret'): { status?: string; reason?: string; message?: string } {
    const conditions = this.cluster.status(kind, key)?.['conditions'];
    const [first]: unknown[] = Array.isArray(conditions) ? conditions : [];
    return typeof first === 'object' && first !== null ? first : {};
  }

  expectCondition(status: 'True' | 'False', reason: string, message: string, key?: string, kind?: Kind): void {
    const condition = this.condition(key, kind);
    expect(condition).toMatchObject({ status, reason });
    expect(condition.message).toContain(message);
  }

  expectStore(status: 'True' | 'False', reason: string, message: string, key = 'team/aws'): void {
    this.expectCondition(status, reason, message, key, 'SecretStore');
  }

  expectSynced(key?: string): void {
    this.expectCondition('True', 'SecretSynced', 'secret synced', key);
  }

  /** What it cost since the last time: writes to the API server, and calls to Secrets Manager. */
  cost() {
    const { secrets, statusWrites } = this.cluster;
    const calls = { reads: this.aws.count('read'), probes: this.aws.count('probe') };
    return { secretWrites: secrets.writes.length, statusWrites: statusWrites.length, ...calls };
  }
}

function onlyShard(): HeldShards {
  const held = new HeldShards(1);
  held.begin(0, new AbortController().signal);
  return held;
}

function controllerOf(world: World, name: string, reconcile: Reconcile, concurrency: number): Controller {
  return createController({
    name,
    reconcile,
    slots: new WorkerSlots(concurrency),
    backoff: { firstMs: 1_000, longestMs: 300_000 },
    clock: world.clock,
    log: world.log,
    onOutcome: (key, outcome) => {
      if (name === 'externalsecret') world.reconciled.push(`${key} ${outcome}`);
    },
  });
}

/** The graph of src/operator.ts, with fakes for adapters. */
function run(world: World, options: WorldOptions): Running {
  const { clock, cluster, aws, log, metrics } = world;
  const audit = options.isAudited === false ? undefined : world.audit;
  const { stores, externalSecrets: view, secrets, configMaps, statuses, events } = cluster;
  const { serviceAccounts, namespaces, objects, kinds } = cluster;
  const absence = (key: string) => (findStore(stores, key) === undefined ? ({ kind: 'missing' } as const) : undefined);
  const labels = new NamespaceLabels({ namespaces, probe: () => cluster.listNamespaces(), clock });
  const labelsOf = labels.of;
  const registry = new StoreRegistry({ absence, labelsOf });
  const storeUsers = new ReverseIndex();
  const credentialUsers = new ReverseIndex();
  const index = new VersionIndex(() => 0.999);
  const sources = aws.sources();
  const shared = { clock, log, audit, registry, index, secrets, statuses, events, credentialUsers, sources };
  const { duty } = world;
  const storeReconciler = new StoreReconciler({
    ...shared,
    duty,
    views: stores,
    controllerClass: 'default',
    controllerIdentity: options.controllerIdentity ?? 'all',
    serviceAccounts,
    needServiceAccounts: () => {
      serviceAccounts.needed += 1;
    },
    isUsed: (key) => storeUsers.usersOf(key).length > 0,
  });
  const { view: secretView } = secrets;
  const templates = new TemplateObjects({ configMaps, configMapView: configMaps.view, secrets, secretView });
  const reconciler = new ExternalSecretReconciler({
    ...shared,
    view,
    externalSecrets: cluster.stored,
    targets: createTargets({ ...shared, objects, kinds, metrics, templates, renderer: inlineRenderer, secretView }),
    allowsGeneric: options.allowsGeneric ?? true,
    labels,
    status: new ExternalSecretStatuses({ ...shared, view, conditions: metrics, extras: new ExtraConditions() }),
    statusIntervalMs: options.statusIntervalMs ?? HOUR_MS,
    deletionBrakePercent: options.deletionBrakePercent ?? 20,
    onMoved: (keys) => addAll(keys),
    isPressed: () => queue.isPressed,
    access: new AccessPolicies({
      view: cluster.accessPolicies,
      labelsOf,
      isRequired: options.requireAccessPolicy ?? false,
    }),
    templates,
  });
  const storeQueue = controllerOf(world, 'store', storeReconciler.reconcile, 16);
  const queue = controllerOf(world, 'externalsecret', reconciler.reconcile, options.concurrency ?? 32);
  const addAll = (keys: readonly string[]) => {
    for (const key of keys) queue.add(key);
  };
  const isOwnWrite = (key: string, version: string) => reconciler.isOwnWrite(key, version);
  connectTriggers({
    ...shared,
    externalSecrets: view,
    stores,
    secrets: secrets.view,
    kinds: cluster.kinds,
    serviceAccounts: serviceAccounts.view,
    namespaces,
    accessPolicies: cluster.accessPolicies,
    storeUsers,
    configMaps: configMaps.view,
    needConfigMaps: () => {
      configMaps.needed += 1;
    },
    externalSecretQueue: queue,
    storeQueue,
    isOwnWrite,
  });
  const sourceOf = (identityKey: string) => registry.identities.get(identityKey);
  const sweeper = new Sweeper({ index, sourceOf, onMoved: addAll, clock, metrics, log });
  return startParts([storeQueue, queue], queue, sweeper, reconciler);
}

function startParts(
  controllers: readonly Controller[],
  externalSecrets: Controller,
  sweeper: Sweeper,
  reconciler: ExternalSecretReconciler,
): Running {
  const stop = new AbortController();
  const abort = new AbortController();
  const ended = Promise.all([
    ...controllers.map((one) => one.run(stop.signal, abort.signal)),
    sweeper.run(stop.signal),
  ]);
  return {
    externalSecrets,
    reconciler,
    async stop() {
      stop.abort();
      abort.abort();
      await ended;
      for (const controller of controllers) controller.close();
    },
  };
}
