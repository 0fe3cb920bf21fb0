/** An API server in memory: ExternalSecrets, stores and Secrets, their status, and what was recorded of them. */

import type { ExternalSecret, ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import { type Narrowed, narrowExternalSecret, narrowSecretAccessPolicy, narrowStore } from '../../../src/api/narrow.ts';
import type { SecretAccessPolicy } from '../../../src/api/secret-access-policy.ts';
import type { ClusterSecretStore, SecretStore, SecretStoreSpec } from '../../../src/api/secret-store.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { EventNote, Events, ObjectIdentity, Statuses } from '../../../src/ports/cluster.ts';
import { ClusterConflict, ClusterNotFound, type KeyturnError } from '../../../src/ports/errors.ts';
import type { ExternalSecrets, NamespaceMetadata } from '../../../src/ports/external-secrets.ts';
import { FakeConfigMaps } from './fake-config-maps.ts';
import { FakeGenericObjects } from './fake-generic-objects.ts';
import { FakeSecrets } from './fake-secrets.ts';
import { FakeServiceAccounts } from './fake-service-accounts.ts';
import { FakeView } from './fake-view.ts';
import { FakeWatchedKinds } from './fake-watched-kinds.ts';

export type Kind = 'ExternalSecret' | 'SecretStore' | 'ClusterSecretStore' | 'SecretAccessPolicy';

/** An object as the API server would send it. */
interface Raw {
  readonly kind: Kind;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly deletionTimestamp?: string;
  };
  readonly spec: unknown;
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface Manifest {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
}

/** RFC 7396. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const before = typeof target === 'object' && target !== null && !Array.isArray(target) ? target : {};
  const after: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete after[name];
    else after[name] = mergePatch(after[name], value);
  }
  return after;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export class FakeCluster {
  readonly secrets: FakeSecrets;
  readonly configMaps: FakeConfigMaps;
  readonly serviceAccounts = new FakeServiceAccounts();
  /** Objects of other kinds than Secret that are targets. */
  readonly objects: FakeGenericObjects;
  readonly kinds: FakeWatchedKinds;
  readonly namespaces = new FakeView<NamespaceMetadata>();
  readonly accessPolicies = new FakeView<Narrowed<SecretAccessPolicy>>();
  readonly externalSecrets = new FakeView<Narrowed<ExternalSecret>>();
  readonly stores = {
    SecretStore: new FakeView<Narrowed<SecretStore | ClusterSecretStore>>(),
    ClusterSecretStore: new FakeView<Narrowed<SecretStore | ClusterSecretStore>>(),
  };
  /** Every note, repeated ones too. */
  readonly notes: EventNote[] = [];
  /** Objects whose status was written, in order; a write that changes nothing counts too. */
  readonly statusWrites: string[] = [];
  /** Past the view. */
  readonly stored: Pick<ExternalSecrets, 'isThere'> = {
    isThere: async ({ namespace, name, uid }) => {
      const [failure] = this.#lookFailures.splice(0, 1);
      if (failure !== undefined) throw failure;
      const metadata = this.#objects.get(`ExternalSecret/${namespace}/${name}`)?.metadata;
      return metadata?.uid === uid && metadata.deletionTimestamp === undefined;
    },
  };
  /** Why namespaces may not be listed, their view apart. */
  namespacesRefused: KeyturnError | undefined;
  /** How often it was asked whether they may. */
  namespaceProbes = 0;
  readonly #objects = new Map<string, Raw>();
  readonly #labels = new Map<string, Readonly<Record<string, string>>>();
  #version = 0;
  #statusFailures: KeyturnError[] = [];
  readonly #lookFailures: KeyturnError[] = [];

  constructor(clock: Clock) {
    this.secrets = new FakeSecrets(clock, () => this.#nextVersion());
    this.configMaps = new FakeConfigMaps(() => this.#nextVersion());
    this.objects = new FakeGenericObjects(clock);
    this.kinds = new FakeWatchedKinds(this.objects);
  }

  async listNamespaces(): Promise<void> {
    this.namespaceProbes += 1;
    if (this.namespacesRefused !== undefined) throw this.namespacesRefused;
  }

  apply(kind: Kind, key: string, spec: ExternalSecretSpec | SecretStoreSpec | object, manifest: Manifest = {}): void {
    const id = `${kind}/${key}`;
    const before = this.#objects.get(id);
    const [namespace, name] = key.includes('/') ? key.split('/') : [undefined, key];
    const isSameSpec = JSON.stringify(before?.spec) === JSON.stringify(spec);
    this.#put({
      kind,
      metadata: {
        name: name ?? '',
        ...(namespace === undefined ? {} : { namespace }),
        uid: before?.metadata.uid ?? `uid-${id}-${this.#nextVersion()}`,
        resourceVersion: this.#nextVersion(),
        generation: (before?.metadata.generation ?? 0) + (isSameSpec ? 0 : 1),
        ...manifest,
      },
      spec,
      ...(before?.status === undefined ? {} : { status: before.status }),
    });
  }

  delete(kind: Kind, key: string): void {
    const object = this.#objects.get(`${kind}/${key}`);
    if (object === undefined) return;
    if ((object.metadata.finalizers ?? []).length === 0) {
      this.#remove(object);
      return;
    }
    const metadata = {
      ...object.metadata,
      resourceVersion: this.#nextVersion(),
      deletionTimestamp: '2026-01-01T00:00:00Z',
    };
    this.#put({ ...object, metadata });
  }

  /** The status as it is stored; undefined for an object that is gone. */
  status(kind: Kind, key: string): Readonly<Record<string, unknown>> | undefined {
    const object = this.#objects.get(`${kind}/${key}`);
    return object && (object.status ?? {});
  }

  exists(kind: Kind, key: string): boolean {
    return this.#objects.has(`${kind}/${key}`);
  }

  /** Makes a namespace, or gives it other labels; undefined removes it. */
  label(namespace: string, labels: Readonly<Record<string, string>> | undefined): void {
    if (labels === undefined) this.#labels.delete(namespace);
    else this.#labels.set(namespace, labels);
    this.#showNamespace(namespace, false);
  }

  failNextLook(error: KeyturnError, times = 1): void {
    for (let count = 0; count < times; count += 1) this.#lookFailures.push(error);
  }

  failNextStatusWrite(error: KeyturnError, times = 1): void {
    for (let count = 0; count < times; count += 1) this.#statusFailures.push(error);
  }

  recover(): void {
    this.#statusFailures = [];
  }

  /** Nobody listens any more, and nothing has been listed. */
  disconnect(): void {
    const { externalSecrets, stores, secrets, configMaps, serviceAccounts, namespaces } = this;
    const others = [secrets.view, configMaps.view, serviceAccounts.view, namespaces, this.accessPolicies];
    for (const view of [externalSecrets, ...Object.values(stores), ...others]) view.reset();
    this.kinds.reset();
  }

  /** Tells everything as a first list, to whoever has begun to listen. */
  list(): void {
    for (const object of this.#objects.values()) this.#show(object, true);
    for (const key of this.secrets.keys()) this.secrets.view.set(key, this.secrets.metadata(key), true);
    for (const key of this.configMaps.keys()) this.configMaps.show(key, true);
    for (const key of this.serviceAccounts.keys()) this.serviceAccounts.show(key, true);
    for (const name of this.#labels.keys()) this.#showNamespace(name, true);
  }

  readonly events: Events = { record: (note) => this.notes.push(note) };

  readonly statuses: Statuses = {
    merge: async (identity, status, _hasStatus, signal) => {
      const object = this.#find(identity, signal);
      this.statusWrites.push(`${object.kind}/${keyOf(object)}`);
      const failure = this.#statusFailures.shift();
      if (failure !== undefined) throw failure;
      const merged = mergePatch(object.status ?? {}, JSON.parse(JSON.stringify(status)));
      if (!isRecord(merged) || JSON.stringify(merged) === JSON.stringify(object.status)) return;
      this.#put({ ...object, metadata: { ...object.metadata, resourceVersion: this.#nextVersion() }, status: merged });
    },
    setFinalizers: async (identity, resourceVersion, finalizers, signal) => {
      const object = this.#find(identity, signal);
      if (object.metadata.resourceVersion !== resourceVersion) throw new ClusterConflict('the object has changed');
      if (finalizers.length === 0 && object.metadata.deletionTimestamp !== undefined) return this.#remove(object);
      this.#put({ ...object, metadata: { ...object.metadata, resourceVersion: this.#nextVersion(), finalizers } });
    },
  };

  #showNamespace(name: string, initial: boolean): void {
    const labels = this.#labels.get(name);
    const metadata = {
      name,
      uid: `uid-${name}`,
      resourceVersion: this.#nextVersion(),
      deleting: false,
      finalizers: [],
    };
    this.namespaces.set(name, labels && { ...metadata, labels }, initial);
  }

  #find({ resource, namespace, name, uid }: ObjectIdentity, signal: AbortSignal): Raw {
    signal.throwIfAborted();
    const object = this.#objects.get(`${resource.kind}/${namespace === '' ? name : `${namespace}/${name}`}`);
    if (object === undefined) throw new ClusterNotFound('it is gone');
    if (object.metadata.uid !== uid) throw new ClusterConflict('another object has its name');
    return object;
  }

  #put(object: Raw): void {
    this.#objects.set(`${object.kind}/${keyOf(object)}`, object);
    this.#show(object, false);
  }

  #show(object: Raw, initial: boolean): void {
    const wire: unknown = JSON.parse(JSON.stringify(object));
    const key = keyOf(object);
    if (object.kind === 'ExternalSecret') this.externalSecrets.set(key, narrowExternalSecret(wire), initial);
    else if (object.kind === 'SecretStore') this.stores.SecretStore.set(key, narrowStore('SecretStore', wire), initial);
    else if (object.kind === 'SecretAccessPolicy')
      this.accessPolicies.set(key, narrowSecretAccessPolicy(wire), initial);
    else this.stores.ClusterSecretStore.set(key, narrowStore('ClusterSecretStore', wire), initial);
  }

  /** The owner reference of a target takes it along, as the garbage collector does. */
  #remove(object: Raw): void {
    const key = keyOf(object);
    this.#objects.delete(`${object.kind}/${key}`);
    if (object.kind === 'ExternalSecret') this.externalSecrets.set(key, undefined);
    else if (object.kind === 'SecretAccessPolicy') this.accessPolicies.set(key, undefined);
    else this.stores[object.kind].set(key, undefined);
    for (const secret of this.secrets.keys()) {
      if (this.secrets.metadata(secret)?.controller?.uid === object.metadata.uid) this.secrets.remove(secret);
    }
    this.objects.removeOwnedBy(object.metadata.uid);
  }

  #nextVersion(): string {
    this.#version += 1;
    return String(this.#version);
  }
}

function keyOf({ metadata }: Raw): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}
