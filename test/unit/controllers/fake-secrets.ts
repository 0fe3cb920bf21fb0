/** Secrets of an API server in memory: versions, preconditions, and who owns which field. */

import type { Clock } from '../../../src/ports/clock.ts';
import type { FieldOwner, NewSecret, SecretMetadata, SecretPatch, Secrets } from '../../../src/ports/cluster.ts';
import {
  ClusterConflict,
  ClusterNotFound,
  ClusterRejected,
  type KeyturnError,
  TargetImmutable,
} from '../../../src/ports/errors.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';
import { FakeView } from './fake-view.ts';

interface Stored {
  metadata: SecretMetadata;
  readonly immutable: boolean;
  readonly type: string;
  readonly data: Map<string, SecretValue>;
}

export type SecretOperation = 'create' | 'patch' | 'delete' | 'dataKeys' | 'read';

export interface SecretEdit {
  readonly data?: Readonly<Record<string, string | null>>;
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly annotations?: Readonly<Record<string, string | null>>;
  readonly controller?: SecretMetadata['controller'] | null;
  readonly immutable?: boolean;
  /** Of one that is not there yet. @default Opaque */
  readonly type?: string;
  /** Replaces all of them. */
  readonly finalizers?: readonly string[];
}

const NOBODY: Omit<FieldOwner, 'manager'> = { changedAtMs: 0, dataKeys: [], labels: [], annotations: [] };

/** A map after a merge patch, and the names whose value that changed. */
function merged(before: Readonly<Record<string, string>>, patch: Readonly<Record<string, string | null>>) {
  const after: Record<string, string> = { ...before };
  const changed: string[] = [];
  for (const [name, value] of Object.entries(patch)) {
    if (value === null ? before[name] === undefined : before[name] === value) continue;
    changed.push(name);
    if (value === null) delete after[name];
    else after[name] = value;
  }
  return { after, changed };
}

export class FakeSecrets implements Secrets {
  readonly view = new FakeView<SecretMetadata>();
  /** Calls as they came, `create team/app` for example, whether they changed anything or not. */
  readonly calls: string[] = [];
  /** False as where a cache or a proxy strips managedFields. */
  keepsManagedFields = true;
  /** By how much the clock of the API server is ahead of the operator's. */
  aheadMs = 0;
  readonly #clock: Clock;
  readonly #nextVersion: () => string;
  readonly #secrets = new Map<string, Stored>();
  #failures: { readonly operation: SecretOperation; readonly error: KeyturnError }[] = [];
  /** Runs before a call is looked at, as what others do while it is under way. */
  onCall: (operation: SecretOperation, key: string) => Promise<void> | void = () => {};

  constructor(clock: Clock, nextVersion: () => string) {
    this.#clock = clock;
    this.#nextVersion = nextVersion;
  }

  /** The next call of that kind fails. */
  failNext(operation: SecretOperation, error: KeyturnError, times = 1): void {
    for (let count = 0; count < times; count += 1) this.#failures.push({ operation, error });
  }

  recover(): void {
    this.#failures = [];
  }

  data(key: string): Record<string, string> | undefined {
    const data = this.#secrets.get(key)?.data;
    return data && Object.fromEntries([...data].map(([name, value]) => [name, value.revealText()]));
  }

  metadata(key: string): SecretMetadata | undefined {
    return this.#secrets.get(key)?.metadata;
  }

  typeOf(key: string): string | undefined {
    return this.#secrets.get(key)?.type;
  }

  isImmutable(key: string): boolean {
    return this.#secrets.get(key)?.immutable === true;
  }

  keys(): readonly string[] {
    return [...this.#secrets.keys()];
  }

  get writes(): readonly string[] {
    return this.calls.filter((call) => /^(create|patch|delete) /.test(call));
  }

  /** Somebody else makes or changes a Secret. */
  edit(key: string, edit: SecretEdit, manager = 'kubectl'): void {
    const [namespace = '', name = ''] = key.split('/');
    const { controller, type = 'Opaque' } = edit;
    const before = this.#secrets.get(key) ?? { ...this.#empty(namespace, name), type };
    this.#put(key, before, edit, controller === null ? undefined : (controller ?? before.metadata.controller), manager);
  }

  /** Somebody else deletes a Secret. */
  remove(key: string): void {
    if (this.#secrets.delete(key)) this.view.set(key, undefined);
  }

  async create(secret: NewSecret, fieldManager: string, signal: AbortSignal): Promise<SecretMetadata> {
    const key = `${secret.namespace}/${secret.name}`;
    await this.#begin('create', key, signal);
    if (this.#secrets.has(key)) throw new ClusterConflict('an object of that name exists');
    const { labels, annotations, controller, type, finalizers = [], immutable = false } = secret;
    const data = Object.fromEntries([...secret.data].map(([name, value]) => [name, value.revealText()]));
    return this.#put(
      key,
      { ...this.#empty(secret.namespace, secret.name), type },
      { data, labels, annotations, immutable, finalizers },
      controller,
      fieldManager,
    );
  }

  async patch(target: SecretMetadata, patch: SecretPatch, fieldManager: string, signal: AbortSignal) {
    const key = `${target.namespace}/${target.name}`;
    await this.#begin('patch', key, signal);
    const stored = this.#secrets.get(key);
    if (stored === undefined) throw new ClusterNotFound(`There is no Secret "${key}".`);
    const { uid, resourceVersion, controller: before } = stored.metadata;
    if (uid !== target.uid || resourceVersion !== target.resourceVersion)
      throw new ClusterConflict('the object has changed');
    const data: Record<string, string | null> = Object.fromEntries(patch.removedDataKeys.map((name) => [name, null]));
    for (const [name, value] of patch.data) data[name] = value.revealText();
    const controller = patch.controller === undefined ? before : (patch.controller ?? undefined);
    const { labels, annotations, finalizers, type = stored.type, immutable = false } = patch;
    if (type !== stored.type) throw new ClusterRejected('type: Invalid value: field is immutable');
    const edit = { data, labels, annotations, immutable, ...(finalizers === undefined ? {} : { finalizers }) };
    return this.#put(key, stored, edit, controller, fieldManager);
  }

  async delete(target: SecretMetadata, signal: AbortSignal): Promise<void> {
    const key = `${target.namespace}/${target.name}`;
    await this.#begin('delete', key, signal);
    const { uid, resourceVersion } = this.#secrets.get(key)?.metadata ?? target;
    if (uid !== target.uid || resourceVersion !== target.resourceVersion)
      throw new ClusterConflict('the object has changed');
    this.remove(key);
  }

  async dataKeys({ namespace, name }: { namespace: string; name: string }, signal: AbortSignal) {
    await this.#begin('dataKeys', `${namespace}/${name}`, signal);
    const stored = this.#secrets.get(`${namespace}/${name}`);
    return stored && [...stored.data.keys()];
  }

  async read({ namespace, name }: { namespace: string; name: string }, signal: AbortSignal) {
    await this.#begin('read', `${namespace}/${name}`, signal);
    const stored = this.#secrets.get(`${namespace}/${name}`);
    return stored && { resourceVersion: stored.metadata.resourceVersion, data: new Map(stored.data) };
  }

  async #begin(operation: SecretOperation, key: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.calls.push(`${operation} ${key}`);
    await this.onCall(operation, key);
    const at = this.#failures.findIndex((failure) => failure.operation === operation);
    const [failure] = at === -1 ? [] : this.#failures.splice(at, 1);
    if (failure !== undefined) throw failure.error;
  }

  #empty(namespace: string, name: string): Stored {
    const uid = `uid-secret-${this.#nextVersion()}`;
    const metadata = {
      namespace,
      name,
      uid,
      resourceVersion: '',
      deleting: false,
      labels: {},
      annotations: {},
      controller: undefined,
      fieldOwners: [],
    };
    return { metadata, immutable: false, type: 'Opaque', data: new Map() };
  }

  /** Applies a change as the API server does: what changes nothing leaves the version and the owners as they are. */
  #put(
    key: string,
    stored: Stored,
    edit: SecretEdit,
    controller: SecretMetadata['controller'],
    manager: string,
  ): SecretMetadata {
    const labels = merged(stored.metadata.labels, edit.labels ?? {});
    const annotations = merged(stored.metadata.annotations, edit.annotations ?? {});
    const before = Object.fromEntries([...stored.data].map(([name, value]) => [name, value.revealText()]));
    const data = merged(before, edit.data ?? {});
    if (stored.immutable && data.changed.length > 0) throw new TargetImmutable('the Secret is immutable');
    const immutable = stored.immutable || edit.immutable === true;
    const changed = { data: data.changed, labels: labels.changed, annotations: annotations.changed };
    const isFrozenNow = immutable && !stored.immutable;
    const { finalizers: earlier = [] } = stored.metadata;
    const { finalizers = earlier } = edit;
    const hasChanged =
      isFrozenNow || finalizers.join() !== earlier.join() || Object.values(changed).some((names) => names.length > 0);
    if (this.#secrets.has(key) && !hasChanged && controller?.uid === stored.metadata.controller?.uid)
      return stored.metadata;
    const present = { data: data.after, labels: labels.after, annotations: annotations.after };
    const after: Stored = {
      metadata: {
        ...stored.metadata,
        resourceVersion: this.#nextVersion(),
        labels: labels.after,
        annotations: annotations.after,
        controller,
        finalizers,
        fieldOwners: this.keepsManagedFields
          ? this.#owners(stored.metadata.fieldOwners, manager, changed, present, isFrozenNow)
          : [],
      },
      immutable,
      type: stored.type,
      data: new Map(Object.entries(data.after).map(([name, value]) => [name, SecretValue.fromText(value)])),
    };
    this.#secrets.set(key, after);
    this.view.set(key, after.metadata);
    return after.metadata;
  }

  /** Who changes a field takes it from whoever had it; a manager without fields is dropped. */
  #owners(
    before: readonly FieldOwner[],
    manager: string,
    changed: Readonly<Record<'data' | 'labels' | 'annotations', readonly string[]>>,
    present: Readonly<Record<'data' | 'labels' | 'annotations', Readonly<Record<string, string>>>>,
    isFrozenNow: boolean,
  ): readonly FieldOwner[] {
    const kept = before.map((owner) => ({
      ...owner,
      dataKeys: owner.dataKeys.filter((name) => !changed.data.includes(name)),
      labels: owner.labels.filter((name) => !changed.labels.includes(name)),
      annotations: owner.annotations.filter((name) => !changed.annotations.includes(name)),
    }));
    const own = kept.find((owner) => owner.manager === manager) ?? NOBODY;
    const after: FieldOwner = {
      manager,
      changedAtMs: Math.floor((this.#clock.nowMs() + this.aheadMs) / 1000) * 1000,
      dataKeys: [...own.dataKeys, ...changed.data.filter((name) => present.data[name] !== undefined)],
      labels: [...own.labels, ...changed.labels.filter((name) => present.labels[name] !== undefined)],
      annotations: [
        ...own.annotations,
        ...changed.annotations.filter((name) => present.annotations[name] !== undefined),
      ],
      ...(own.immutable || isFrozenNow ? { immutable: true } : {}),
    };
    return [...kept.filter((owner) => owner.manager !== manager), after].filter(
      ({ dataKeys, labels, annotations }) => dataKeys.length + labels.length + annotations.length > 0,
    );
  }
}
