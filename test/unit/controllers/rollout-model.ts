/** A namespace with workloads whose pods start, become ready and break as a cluster's do, and a controller of rollouts on it. */

import type { ExternalSecret } from '../../../src/api/external-secret.ts';
import type { Narrowed } from '../../../src/api/narrow.ts';
import { ExtraConditions } from '../../../src/controllers/extra-conditions.ts';
import { createRolloutController } from '../../../src/controllers/rollout-controller.ts';
import { triggerValue } from '../../../src/domain/rollout-trigger.ts';
import { type MarkedVersion, markText } from '../../../src/domain/version-mark.ts';
import { WorkerSlots } from '../../../src/loop/worker-slots.ts';
import type { EventNote, SecretMetadata } from '../../../src/ports/cluster.ts';
import { ClusterUnavailable, type KeyturnError } from '../../../src/ports/errors.ts';
import type { RolloutOutcome } from '../../../src/ports/metrics.ts';
import type { Workload, WorkloadKind } from '../../../src/ports/workloads.ts';
import { externalSecret } from '../domain/manifests.ts';
import { workload } from '../domain/workloads.ts';
import { createRecordingLog } from '../recording-log.ts';
import { createRecordingMetrics } from '../recording-metrics.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { FakeView } from './fake-view.ts';

const WINDOW_MS = 10_000;
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
  /** Its controller says that its pods were available since our last trigger: of none of them, too. */
  hasSucceeded: boolean;
  /** How often we restarted it. */
  rollouts: number;
  /** Its template and pods before our last trigger, as long as they are there. */
  before: Pick<ModelWorkload, 'triggers' | 'startedAtMs'> | undefined;
}

const TEAM = 'team';

/** Workloads and feeds are named by `namespace/name`, or by their names alone in the namespace that most are in. */
function placeOf(named: string): { readonly namespace: string; readonly name: string } {
  const [first = '', second] = named.split('/');
  return second === undefined ? { namespace: TEAM, name: first } : { namespace: first, name: second };
}

function keyOf(named: string): string {
  const { namespace, name } = placeOf(named);
  return `${namespace}/${name}`;
}

function markedVersion({ id, sinceMs }: Version): MarkedVersion {
  return { version: id, sinceMs, isFirst: false };
}

function markedAs(version: Version): string {
  return triggerValue(markedVersion(version));
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
  /** Newest first. */
  readonly versions = new Map<string, readonly Version[]>();
  readonly bad = new Set<string>();
  /** Triggers that somebody took away from a workload, under the eyes of this process. */
  readonly undone = new Set<string>();
  /** Called before each rollout. */
  onBegin: (begun: Begun) => void = () => {};
  /** What the API server answers instead. */
  refuses: (name: string) => KeyturnError | undefined = () => undefined;
  /** Whether it does what it is asked, and its answer gets lost. */
  losesAnswers = false;
  extras = new ExtraConditions();
  podLists = 0;
  deadlineMs = 60_000;
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
      const rest = { triggers: {}, triggeredAtMs: undefined, restartedAtMs: undefined, rollouts: 0, before: undefined };
      this.workloads.set(name, {
        uses,
        startedAtMs,
        desired: 1,
        isPaused: false,
        isReady: true,
        hasSucceeded: true,
        ...rest,
      });
    }
    for (const feed of feeds) this.versions.set(feed, [{ id: this.#nextId(), sinceMs: startedAtMs - 1_000_000 }]);
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
      deadlineMs: this.deadlineMs,
      most: MOST,
      view: this.#externalSecrets,
      secrets: this.#secrets,
      views: { view: (kind) => this.#views[kind], demand: () => {}, synced: true },
      workloads: {
        trigger: async (seen, annotations) => this.#trigger(seen, annotations),
        pods: async (namespace) => this.#pods(namespace),
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
    this.undone.clear();
    for (const view of [this.#externalSecrets, this.#secrets, ...KINDS.map((kind) => this.#views[kind])]) view.reset();
    this.start();
  }

  rotate(feed: string, isBad = false): void {
    const id = this.#nextId();
    if (isBad) this.bad.add(id);
    this.#give(feed, id);
  }

  /** The version before is the present one again. */
  goBack(feed: string): void {
    const [, previous] = this.#versionsOf(feed);
    if (previous !== undefined) this.#give(feed, previous.id);
  }

  /** `kubectl rollout undo` of a rollout that has replaced no pod yet. */
  undo(name: string): void {
    const { before, triggers, isReady } = this.#of(name);
    if (before === undefined || isReady) return;
    for (const value of Object.values(triggers)) this.undone.add(`${name} ${value}`);
    this.change(name, { ...before, isReady: true, before: undefined });
  }

  /** New pods for a reason of somebody else's. */
  change(name: string, change: Partial<ModelWorkload>): void {
    const model = Object.assign(this.#of(name), change);
    if (model.isReady) model.hasSucceeded = true;
    this.#tell(name, false);
  }

  replacePods(name: string, change: Partial<ModelWorkload> = {}): void {
    this.change(name, { startedAtMs: this.clock.nowMs(), isReady: false, before: undefined, ...change });
  }

  /** Pods become ready, but for those that hold a bad version. */
  ready(): void {
    for (const [name, model] of this.workloads) {
      const isBad = this.holds(name).some((value) => this.bad.has(value.split(' ')[0] ?? ''));
      if (!model.isReady && !isBad) this.change(name, { isReady: true, before: undefined });
    }
  }

  /** The versions that its pods were started with, as triggers have them, as far as these are the present ones. */
  holds(name: string): readonly string[] {
    const { uses, startedAtMs } = this.#of(name);
    return uses.flatMap((feed) => {
      const [present, ...before] = this.#versionsOf(feed);
      const read = [present, ...before].find((each) => each !== undefined && startedAtMs >= each.sinceMs);
      return present !== undefined && read?.id === present.id ? [markedAs(present)] : [];
    });
  }

  isInProgress({ triggers, triggeredAtMs, isReady, isPaused, desired }: ModelWorkload): boolean {
    const isOurs = Object.keys(triggers).length > 0;
    return (
      isOurs &&
      !isReady &&
      !isPaused &&
      desired > 0 &&
      triggeredAtMs !== undefined &&
      triggeredAtMs + this.deadlineMs > this.clock.nowMs()
    );
  }

  #of(name: string): ModelWorkload {
    const found = this.workloads.get(name);
    if (found === undefined) throw new Error(`no workload ${name}`);
    return found;
  }

  #versionsOf(feed: string): readonly Version[] {
    const found = this.versions.get(feed);
    if (found === undefined) throw new Error(`no feed ${feed}`);
    return found;
  }

  #give(feed: string, id: string): void {
    this.versions.set(feed, [{ id, sinceMs: this.clock.nowMs() }, ...this.#versionsOf(feed)]);
    this.#tellFeed(feed, false);
  }

  #nextId(): string {
    this.#count += 1;
    return this.#count.toString(16).padStart(16, '0');
  }

  #trigger(seen: Workload, annotations: Readonly<Record<string, string>>): Workload {
    const name = seen.namespace === TEAM ? seen.name : `${seen.namespace}/${seen.name}`;
    const refusal = this.refuses(name);
    if (refusal !== undefined) throw refusal;
    this.onBegin({ name, annotations });
    const model = this.#of(name);
    const triggers = { ...model.triggers, ...annotations };
    // Managed fields have whole seconds.
    const triggeredAtMs = Math.floor(this.clock.nowMs() / 1_000) * 1_000;
    const before = model.isReady ? { triggers: model.triggers, startedAtMs: model.startedAtMs } : model.before;
    this.replacePods(name, { triggers, triggeredAtMs, hasSucceeded: false, rollouts: model.rollouts + 1, before });
    if (this.losesAnswers) throw new ClusterUnavailable('the answer is lost');
    return this.#shown(name);
  }

  #pods(namespace: string) {
    this.podLists += 1;
    return [...this.workloads]
      .filter(([name, { desired }]) => desired > 0 && placeOf(name).namespace === namespace)
      .map(([name, { startedAtMs }]) => ({
        owner: { kind: 'Deployment', name: placeOf(name).name } as const,
        createdAtMs: startedAtMs,
        startedAtMs,
        lastReadAtMs: startedAtMs,
      }));
  }

  #shown(name: string): Workload {
    const { uses, triggers, triggeredAtMs, restartedAtMs, desired, isPaused, isReady, hasSucceeded } = this.#of(name);
    const updated = isReady ? desired : 0;
    const hasFailed = false;
    const counts = {
      isObserved: true,
      desired,
      toUpdate: desired,
      updated,
      available: updated,
      old: 0,
      hasSucceeded,
    };
    return workload(placeOf(name).name, {
      namespace: placeOf(name).namespace,
      uid: `uid-${name}`,
      resourceVersion: String(this.#resourceVersion),
      secrets: uses.map((feed) => placeOf(feed).name),
      triggers,
      isPaused,
      ...(triggeredAtMs !== undefined && { triggeredAtMs }),
      ...(restartedAtMs !== undefined && { restartedAtMs }),
      progress: { ...counts, hasFailed, isWaiting: false },
    });
  }

  #tell(name: string, initial: boolean): void {
    this.#resourceVersion += 1;
    this.#views.Deployment.set(keyOf(name), this.#shown(name), initial);
  }

  #tellFeed(feed: string, initial: boolean): void {
    const [present = { version: '', sinceMs: 0, isFirst: false }, ...before] =
      this.#versionsOf(feed).map(markedVersion);
    const annotations = { 'keyturn.dev/version': markText({ ...present, before: before.slice(0, 3) }) };
    const metadata = { ...placeOf(feed), uid: `uid-${feed}`, resourceVersion: '1' };
    this.#secrets.set(
      keyOf(feed),
      { ...metadata, deleting: false, labels: {}, annotations, controller: undefined, fieldOwners: [] },
      initial,
    );
    const asking = { ...metadata, annotations: { 'keyturn.dev/rollout': 'auto' } };
    const object = externalSecret({ metadata: asking });
    if (initial) this.#externalSecrets.set(keyOf(feed), { kind: 'valid', object }, true);
  }
}
