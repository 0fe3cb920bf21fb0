import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClusterExternalSecret } from '../../../src/api/cluster-external-secret.ts';
import type { ExternalSecret } from '../../../src/api/external-secret.ts';
import { type Narrowed, narrowClusterExternalSecret, narrowExternalSecret } from '../../../src/api/narrow.ts';
import { createClusterExternalSecretController } from '../../../src/controllers/cluster-external-secret-controller.ts';
import { WorkerSlots } from '../../../src/loop/worker-slots.ts';
import type { Statuses } from '../../../src/ports/cluster.ts';
import { ClusterForbidden, ClusterRejected, ClusterUnavailable, type KeyturnError } from '../../../src/ports/errors.ts';
import type { ExternalSecrets, NamespaceMetadata, WantedExternalSecret } from '../../../src/ports/external-secrets.ts';
import { createRecordingLog } from '../recording-log.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { FakeView } from './fake-view.ts';

const HOUR_MS = 3_600_000;
const SPEC = { secretStoreRef: { name: 'aws' }, data: [{ secretKey: 'p', remoteRef: { key: 'db' } }] };

/** ClusterExternalSecrets, Namespaces and ExternalSecrets in memory, and the controller on them. */
class Cluster {
  readonly clock = createVirtualClock();
  readonly view = new FakeView<Narrowed<ClusterExternalSecret>>();
  readonly namespaces = new FakeView<NamespaceMetadata>();
  readonly externalSecretView = new FakeView<Narrowed<ExternalSecret>>();
  /** `operation namespace/name`, and `status name` and `finalizers name`. */
  readonly calls: string[] = [];
  readonly statusOf = new Map<string, Record<string, unknown>>();
  /** By namespace; stays until it is removed. */
  readonly failures = new Map<string, KeyturnError>();
  readonly #specs = new Map<string, object>();
  readonly #stop = new AbortController();
  readonly #cut = new AbortController();
  #version = 0;
  #running: Promise<void> = Promise.resolve();
  isSynced = true;

  start(): void {
    const controller = createClusterExternalSecretController({
      view: this.view,
      namespaces: this.namespaces,
      externalSecretView: this.externalSecretView,
      externalSecrets: this.externalSecrets,
      statuses: this.statuses,
      clock: this.clock,
      log: createRecordingLog(),
      slots: new WorkerSlots(4),
      backoff: { firstMs: 1_000, longestMs: 300_000 },
      onOutcome: () => {},
      whenSynced: (signal) =>
        this.isSynced
          ? Promise.resolve()
          : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    });
    this.#running = controller.run(this.#stop.signal, this.#cut.signal);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    expect(this.clock.timers).toBe(0);
  }

  apply(name: string, spec: object, annotations: Record<string, string> = {}, more: object = {}): void {
    this.#specs.set(name, { spec, annotations, more });
    this.#show(name);
  }

  namespace(name: string, labels: Record<string, string> = {}, more: Partial<NamespaceMetadata> = {}): void {
    const base = { name, uid: `ns-${name}`, resourceVersion: this.#next(), deleting: false, labels, finalizers: [] };
    this.namespaces.set(name, { ...base, ...more });
  }

  /** An ExternalSecret as somebody else makes it. */
  foreign(key: string): void {
    this.#put(key, { spec: SPEC });
  }

  edit(key: string, spec: object): void {
    const entry = this.externalSecretView.get(key);
    if (entry?.kind !== 'valid') throw new Error(`there is no ${key}`);
    const { controller, ...metadata } = entry.object.metadata;
    this.#put(key, { metadata: { ...metadata, ...this.#owner(controller) }, spec });
  }

  forget(): void {
    this.calls.length = 0;
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await this.clock.settle();
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.settle();
  }

  readonly externalSecrets: ExternalSecrets = {
    create: async (wanted) => this.#write('create', wanted),
    update: async (_uid, wanted) => this.#write('update', wanted),
    delete: async ({ namespace, name }) => {
      this.#call(`delete ${namespace}/${name}`, namespace);
      this.externalSecretView.set(`${namespace}/${name}`, undefined);
    },
    isThere: async ({ namespace, name }) => this.externalSecretView.get(`${namespace}/${name}`) !== undefined,
  };

  readonly statuses: Statuses = {
    merge: async ({ name }, status) => {
      this.#call(`status ${name}`, '');
      const merged = Object.entries({ ...this.statusOf.get(name), ...status }).filter(([, value]) => value !== null);
      this.statusOf.set(name, Object.fromEntries(merged));
      this.#show(name);
    },
    setFinalizers: async ({ name }, _version, finalizers) => {
      this.#call(`finalizers ${name} ${finalizers.join()}`, '');
      if (this.namespaces.get(name) === undefined) this.view.set(name, undefined);
      else this.namespaces.set(name, undefined);
    },
  };

  #call(text: string, namespace: string): void {
    this.calls.push(text);
    const failure = this.failures.get(namespace);
    if (failure !== undefined) throw failure;
  }

  #write(operation: string, { namespace, name, labels, annotations, controller, spec }: WantedExternalSecret): void {
    this.#call(`${operation} ${namespace}/${name}`, namespace);
    this.#put(`${namespace}/${name}`, { metadata: { labels, annotations, ...this.#owner(controller) }, spec });
  }

  #owner(controller: object | undefined): object {
    return controller === undefined ? {} : { ownerReferences: [{ ...controller, controller: true }] };
  }

  #put(key: string, { metadata = {}, spec }: { metadata?: object; spec: object }): void {
    const [namespace, name] = key.split('/');
    const version = this.#next();
    const whole = {
      uid: `es-${version}`,
      ...metadata,
      namespace,
      name,
      resourceVersion: version,
      generation: this.#version,
    };
    this.externalSecretView.set(key, narrowExternalSecret(JSON.parse(JSON.stringify({ metadata: whole, spec }))));
  }

  #show(name: string): void {
    const { spec, annotations, more } = { spec: {}, annotations: {}, more: {}, ...this.#specs.get(name) };
    const generation = JSON.stringify(spec).length;
    const metadata = { name, uid: `ces-${name}`, resourceVersion: this.#next(), generation, annotations, ...more };
    const raw: unknown = JSON.parse(JSON.stringify({ metadata, spec, status: this.statusOf.get(name) }));
    this.view.set(name, narrowClusterExternalSecret(raw));
  }

  #next(): string {
    this.#version += 1;
    return String(this.#version);
  }
}

let cluster: Cluster;
beforeEach(() => {
  cluster = new Cluster();
});
afterEach(async () => {
  await cluster.stop();
});

const TEAM = { externalSecretSpec: SPEC, namespaceSelectors: [{ matchLabels: { team: 'blue' } }] };
const BLUE = { team: 'blue' };

async function synced(): Promise<void> {
  cluster.namespace('one', BLUE);
  cluster.namespace('two', BLUE);
  cluster.apply('db', TEAM);
  cluster.start();
  await cluster.settle();
}

describe('a ClusterExternalSecret', () => {
  it('makes one ExternalSecret in each namespace, writes one status, and is quiet then', async () => {
    await synced();
    expect([...cluster.calls].sort()).toEqual(['create one/db', 'create two/db', 'status db']);
    expect(cluster.statusOf.get('db')).toEqual({
      externalSecretName: 'db',
      provisionedNamespaces: ['one', 'two'],
      conditions: [{ type: 'Ready', status: 'True' }],
    });
    cluster.forget();
    await cluster.advance(24 * HOUR_MS);
    expect(cluster.calls).toEqual([]);
  });

  it('does not look at statuses, nor at namespaces that it does not select', async () => {
    await synced();
    cluster.forget();
    cluster.namespace('three', { team: 'red' });
    cluster.namespace('one', { ...BLUE, more: 'labels' });
    await cluster.settle();
    expect(cluster.calls).toEqual([]);
  });

  it('follows a namespace that comes, goes, and changes its labels', async () => {
    await synced();
    cluster.forget();
    cluster.namespace('three', BLUE);
    await cluster.settle();
    cluster.namespace('one', {});
    await cluster.settle();
    expect(cluster.calls).toEqual(['create three/db', 'status db', 'delete one/db', 'status db']);
    cluster.forget();
    cluster.namespaces.set('two', undefined);
    cluster.externalSecretView.set('two/db', undefined);
    await cluster.settle();
    expect(cluster.calls).toEqual(['status db']);
    expect(cluster.statusOf.get('db')).toMatchObject({ provisionedNamespaces: ['three'] });
  });

  it('makes again what was deleted, and puts right what was changed', async () => {
    await synced();
    cluster.forget();
    cluster.externalSecretView.set('one/db', undefined);
    cluster.edit('two/db', { ...SPEC, refreshInterval: '1s' });
    await cluster.settle();
    expect([...cluster.calls].sort()).toEqual(['create one/db', 'update two/db']);
  });

  it('does not fight with somebody who changes it again and again', async () => {
    await synced();
    cluster.forget();
    for (let round = 0; round < 50; round += 1) {
      cluster.edit('two/db', { ...SPEC, refreshInterval: `${round}s` });
      await cluster.advance(100);
    }
    expect(cluster.calls.length).toBeLessThan(10);
    await cluster.advance(60_000);
    expect(cluster.externalSecretView.get('two/db')).toMatchObject({ object: { spec: SPEC } });
  });

  it('does not begin to fight when a Namespace of the same name goes', async () => {
    await synced();
    cluster.forget();
    const finalizers = ['externalsecrets.external-secrets.io/ces-db'];
    for (let round = 0; round < 50; round += 1) {
      cluster.edit('two/db', { ...SPEC, refreshInterval: `${round}s` });
      cluster.namespace('db', {}, { finalizers, deleting: true });
      cluster.namespaces.set('db', undefined);
      await cluster.advance(100);
    }
    expect(cluster.calls.length).toBeLessThan(10);
  });

  it("wakes up when somebody else's ExternalSecret is out of the way", async () => {
    cluster.namespace('one', BLUE);
    cluster.foreign('one/db');
    cluster.apply('db', TEAM);
    cluster.start();
    await cluster.settle();
    expect(cluster.calls).toEqual(['status db']);
    expect(cluster.statusOf.get('db')).toMatchObject({
      failedNamespaces: [{ namespace: 'one', reason: 'external secret already exists in namespace' }],
    });
    cluster.forget();
    await cluster.advance(24 * HOUR_MS);
    expect(cluster.calls).toEqual([]);
    cluster.externalSecretView.set('one/db', undefined);
    await cluster.settle();
    expect(cluster.calls).toEqual(['create one/db', 'status db']);
    expect(cluster.statusOf.get('db')).not.toHaveProperty('failedNamespaces');
  });

  it('passes its force-sync annotation on', async () => {
    await synced();
    cluster.forget();
    cluster.apply('db', TEAM, { 'external-secrets.io/force-sync': '1' });
    await cluster.settle();
    expect([...cluster.calls].sort()).toEqual(['update one/db', 'update two/db']);
  });
});

describe('a failure', () => {
  it('that is final is told, hurts its namespace only, and is tried again with a growing wait', async () => {
    cluster.failures.set('one', new ClusterRejected('a policy denied it'));
    await synced();
    expect(cluster.statusOf.get('db')).toEqual({
      externalSecretName: 'db',
      provisionedNamespaces: ['two'],
      failedNamespaces: [{ namespace: 'one', reason: 'a policy denied it' }],
      conditions: [{ type: 'Ready', status: 'False', message: 'one or more namespaces failed' }],
    });
    cluster.forget();
    await cluster.advance(HOUR_MS);
    expect(new Set(cluster.calls)).toEqual(new Set(['create one/db']));
    expect(cluster.calls.length).toBeLessThan(25);
    cluster.failures.clear();
    await cluster.advance(600_000);
    expect(cluster.statusOf.get('db')).toMatchObject({ provisionedNamespaces: ['one', 'two'] });
  });

  it('to remove one is told too', async () => {
    await synced();
    cluster.failures.set('one', new ClusterForbidden('no right to delete'));
    cluster.namespace('one', {});
    await cluster.settle();
    expect(cluster.statusOf.get('db')).toMatchObject({
      provisionedNamespaces: ['two'],
      failedNamespaces: [{ namespace: 'one', reason: 'no right to delete' }],
    });
  });

  it('of the API server is tried again, without a word in the status', async () => {
    cluster.failures.set('one', new ClusterUnavailable('it is away'));
    await synced();
    expect(cluster.statusOf.get('db')).toMatchObject({
      conditions: [{ status: 'True' }],
      provisionedNamespaces: ['two'],
    });
    cluster.failures.clear();
    await cluster.advance(2_000);
    expect(cluster.statusOf.get('db')).toMatchObject({ provisionedNamespaces: ['one', 'two'] });
  });

  it('of the spec is told once, and nothing is taken away', async () => {
    await synced();
    cluster.forget();
    cluster.apply('db', { ...TEAM, refreshTime: '1d' });
    cluster.namespace('three', BLUE);
    await cluster.advance(HOUR_MS * 3);
    expect(cluster.calls).toEqual(['status db']);
    expect(cluster.statusOf.get('db')).toMatchObject({
      provisionedNamespaces: ['one', 'two'],
      conditions: [{ status: 'False', message: expect.stringContaining('spec.refreshTime') }],
    });
  });

  it('to know the form of one object leaves the others alone', async () => {
    cluster.apply('broken', { externalSecretSpec: 'x' });
    await synced();
    expect(cluster.statusOf.get('broken')).toMatchObject({
      conditions: [{ status: 'False', message: expect.stringContaining('externalSecretSpec') }],
    });
    expect(cluster.statusOf.get('db')).toMatchObject({ conditions: [{ status: 'True' }] });
  });
});

describe('finalizers of External Secrets Operator', () => {
  const NAMESPACE = ['externalsecrets.external-secrets.io/ces-db', 'example.com/keep'];

  it('go from a Namespace only when it is being deleted', async () => {
    cluster.namespace('one', BLUE, { finalizers: NAMESPACE });
    cluster.start();
    await cluster.settle();
    expect(cluster.calls).toEqual([]);
    cluster.namespace('one', BLUE, { finalizers: NAMESPACE, deleting: true });
    await cluster.settle();
    expect(cluster.calls).toEqual(['finalizers one example.com/keep']);
  });

  it('go from what was being deleted before the start', async () => {
    cluster.namespace('one', {}, { finalizers: NAMESPACE, deleting: true });
    const finalizers = ['externalsecrets.external-secrets.io/clusterexternalsecret-cleanup'];
    const deletionTimestamp = '2026-01-01T00:00:00Z';
    cluster.apply('db', TEAM, {}, { finalizers, deletionTimestamp });
    cluster.start();
    await cluster.settle();
    expect([...cluster.calls].sort()).toEqual(['finalizers db ', 'finalizers one example.com/keep']);
  });
});

describe('a cluster that does not serve the kind', () => {
  it('is waited for without an end, and left at once', async () => {
    cluster.isSynced = false;
    cluster.namespace('one', BLUE);
    cluster.start();
    cluster.apply('db', TEAM);
    await cluster.advance(HOUR_MS);
    expect(cluster.calls).toEqual([]);
  });
});
