/** A namespace with workloads whose pods start, become ready and break as a cluster's do, and a controller of rollouts on it. */

import type { ExternalSecret } from '../../../src/api/external-secret.ts';
import type { Narrowed } from '../../../src/api/narrow.ts';
import { ExtraConditions } from '../../../src/controllers/extra-conditions.ts';
import { createRolloutController } from '../../../src/controllers/rollout-controller.ts';
import { WorkerSlots } from '../../../src/loop/worker-slots.ts';
import type { EventNote, SecretMetadata } from '../../../src/ports/cluster.ts';
import type { KeyturnError } from '../../../src/ports/errors.ts';
import type { RolloutOutcome } from '../../../src/ports/metrics.ts';
import type { Workload, WorkloadKind } from '../../../src/ports/workloads.ts';
import { externalSecret } from '../domain/manifests.ts';
import { workload } from '../domain/workloads.ts';
import { createRecordingLog } from '../recording-log.ts';
import { createRecordingMetrics } from '../recording-metrics.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { FakeView } from './fake-view.ts';

const WINDOW_MS = 10_000;
const DEADLINE_MS = 60_000;
export const MOST = 2;
const KINDS = ['Deployment', 'Rollout', 'StatefulSet', 'DaemonSet'] as const;

interface Version {
  readonly id: string;
  readonly sinceMs: number;
}

interface ModelWorkload {
  readonly uses: readonly string[];
  triggers: Readonly<Record<string, string>>;
  triggeredAtMs: number | undefined;
  restartedAtMs: number | undefined;
  startedAtMs: number;
  desired: number;
  isPaused: boolean;
  isReady: boolean;
  /** How often we restarted it. */
  rollouts: number;
}

export interface Begun {
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
}

export class RolloutModel {
  readonly clock = createVirtualClock(1_700_000_000_000);
  readonly log = createRecordingLog();
  readonly events: EventNote[] = [];
  readonly outcomes: RolloutOutcome[] = [];
  readonly workloads = new Map<string, ModelWorkload>();
  readonly versions = new Map<string, Version>();
  readonly bad = new Set<string>();
  /** Called before each rollout. */
  onBegin: (begun: Begun) => void = () => {};
  /** What the API server answers instead. */
  refuses: (name: string) => KeyturnError | undefined = () => undefined;
  extras = new ExtraConditions();
  podLists = 0;
  readonly #externalSecrets = new FakeView<Narrowed<ExternalSecret>>();
  readonly #secrets = new FakeView<SecretMetadata>();
  readonly #views: Readonly<Record<WorkloadKind, FakeView<Workload>>> = {
    Deployment: new FakeView(),
    Rollout: new FakeView(),
    StatefulSet: new FakeView(),
    DaemonSet: new FakeView(),
  };
  #resourceVersion = 100;
  #count = 0;
  #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(workloads: Readonly<Record<string, readonly string[]>>, feeds: readonly string[]) {
    const startedAtMs = this.clock.nowMs() - 86_400_000;
    for (const [name, uses] of Object.entries(workloads)) {
      const rest = { triggers: {}, triggeredAtMs: undefined, restartedAtMs: undefined, rollouts: 0 };
      this.workloads.set(name, { uses, startedAtMs, desired: 1, isPaused: false, isReady: true, ...rest });
    }
    for (const feed of feeds) this.versions.set(feed, { id: this.#nextId(), sinceMs: startedAtMs - 1_000_000 });
  }

  start(): void {
    const { clock, log } = this;
    this.#stop = new AbortController();
    this.extras = new ExtraConditions();
    const metrics = {
      ...createRecordingMetrics(),
      rollout: (outcome: RolloutOutcome) => void this.outcomes.push(outcome),
    };
    const controller = createRolloutController({
      isOn: true,
      windowMs: WINDOW_MS,
      deadlineMs: DEADLINE_MS,
      most: MOST,
      view: this.#externalSecrets,
      secrets: this.#secrets,
      views: { view: (kind) => this.#views[kind], demand: () => {}, synced: true },
      workloads: {
        trigger: async (seen, annotations) => this.#trigger(seen, annotations),
        pods: async () => this.#pods(),
        probe: async () => {},
      },
      extras: this.extras,
      events: { record: (note) => void this.events.push(note) },
      metrics,
      backoff: { firstMs: 1_000, longestMs: 60_000 },
      slots: new WorkerSlots(4),
      clock,
      log,
      resourceOf: () => ({ apiVersion: 'apps/v1', plural: 'deployments' }),
      shardOf: () => 0,
      onOutcome: () => {},
    });
    for (const feed of this.versions.keys()) this.#tellFeed(feed, true);
    for (const name of this.workloads.keys()) this.#tell(name, true);
    this.#running = controller.run(0, this.#stop.signal, new AbortController().signal);
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Another process, which knows nothing. */
  async restart(): Promise<void> {
    await this.end();
    for (const view of [this.#externalSecrets, this.#secrets, ...KINDS.map((kind) => this.#views[kind])]) view.reset();
    this.start();
  }

  rotate(feed: string, isBad = false): void {
    const id = this.#nextId();
    if (isBad) this.bad.add(id);
    this.versions.set(feed, { id, sinceMs: this.clock.nowMs() });
    this.#tellFeed(feed, false);
  }

  /** New pods for a reason of somebody else's. */
  change(name: string, change: Partial<ModelWorkload>): void {
    Object.assign(this.#of(name), change);
    this.#tell(name, false);
  }

  replacePods(name: string, change: Partial<ModelWorkload> = {}): void {
    this.change(name, { startedAtMs: this.clock.nowMs(), isReady: false, ...change });
  }

  /** Pods become ready, but for those that hold a bad version. */
  ready(): void {
    for (const [name, model] of this.workloads) {
      if (!model.isReady && !this.holds(name).some((id) => this.bad.has(id))) this.change(name, { isReady: true });
    }
  }

  /** The versions that its pods were started with, as far as these are the present ones. */
  holds(name: string): readonly string[] {
    const { uses, startedAtMs } = this.#of(name);
    const versions = uses.flatMap((feed) => this.versions.get(feed) ?? []);
    return versions.filter(({ sinceMs }) => startedAtMs >= sinceMs).map(({ id }) => id);
  }

  isInProgress({ triggers, triggeredAtMs, isReady, desired }: ModelWorkload): boolean {
    const isOurs = Object.keys(triggers).length > 0;
    return (
      isOurs &&
      !isReady &&
      desired > 0 &&
      triggeredAtMs !== undefined &&
      triggeredAtMs + DEADLINE_MS > this.clock.nowMs()
    );
  }

  #of(name: string): ModelWorkload {
    const found = this.workloads.get(name);
    if (found === undefined) throw new Error(`no workload ${name}`);
    return found;
  }

  #nextId(): string {
    this.#count += 1;
    return this.#count.toString(16).padStart(16, '0');
  }

  #trigger(seen: Workload, annotations: Readonly<Record<string, string>>): Workload {
    const refusal = this.refuses(seen.name);
    if (refusal !== undefined) throw refusal;
    this.onBegin({ name: seen.name, annotations });
    const model = this.#of(seen.name);
    const triggers = { ...model.triggers, ...annotations };
    // Managed fields have whole seconds.
    const triggeredAtMs = Math.floor(this.clock.nowMs() / 1_000) * 1_000;
    this.replacePods(seen.name, { triggers, triggeredAtMs, rollouts: model.rollouts + 1 });
    return this.#shown(seen.name);
  }

  #pods() {
    this.podLists += 1;
    return [...this.workloads]
      .filter(([, { desired }]) => desired > 0)
      .map(([name, { startedAtMs }]) => ({ owner: { kind: 'Deployment', name } as const, startedAtMs }));
  }

  #shown(name: string): Workload {
    const { uses, triggers, triggeredAtMs, restartedAtMs, desired, isPaused, isReady } = this.#of(name);
    const updated = isReady ? desired : 0;
    const hasFailed = false;
    const counts = { isObserved: true, desired, toUpdate: desired, updated, available: updated, old: 0 };
    return workload(name, {
      createdAtMs: 0,
      resourceVersion: String(this.#resourceVersion),
      secrets: uses,
      triggers,
      isPaused,
      ...(triggeredAtMs !== undefined && { triggeredAtMs }),
      ...(restartedAtMs !== undefined && { restartedAtMs }),
      progress: { ...counts, hasFailed, isWaiting: false },
    });
  }

  #tell(name: string, initial: boolean): void {
    this.#resourceVersion += 1;
    this.#views.Deployment.set(`team/${name}`, this.#shown(name), initial);
  }

  #tellFeed(feed: string, initial: boolean): void {
    const version = this.versions.get(feed);
    if (version === undefined) return;
    const time = new Date(version.sinceMs).toISOString().replace(/\.\d+Z$/, 'Z');
    const annotations = { 'keyturn.dev/version': `${version.id} ${time}` };
    const metadata = { namespace: 'team', name: feed, uid: `uid-${feed}`, resourceVersion: '1' };
    this.#secrets.set(
      `team/${feed}`,
      { ...metadata, deleting: false, labels: {}, annotations, controller: undefined, fieldOwners: [] },
      initial,
    );
    const asking = { ...metadata, annotations: { 'keyturn.dev/rollout': 'auto' } };
    const object = externalSecret({ metadata: asking });
    if (initial) this.#externalSecrets.set(`team/${feed}`, { kind: 'valid', object }, true);
  }
}
