/** Objects of several kinds of an API server in memory: versions, preconditions, merge patches, and who owns which field. */

import { leafPaths, mergePatch, withoutNulls } from '../../../src/domain/json-merge-patch.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { ObjectName } from '../../../src/ports/cluster.ts';
import { ClusterConflict, ClusterNotFound, type KeyturnError } from '../../../src/ports/errors.ts';
import type {
  ContentOwner,
  FieldPath,
  GenericMetadata,
  GenericObject,
  GenericObjects,
  GenericPatch,
  NewGenericObject,
  SeenObject,
  ServedKind,
} from '../../../src/ports/generic-objects.ts';
import {
  encodeJson,
  isJsonObject,
  type Json,
  type JsonObject,
  parseJson,
  SecretJson,
} from '../../../src/ports/secret-json.ts';
import { FakeView } from './fake-view.ts';

const MANAGED_LABEL = 'reconcile.external-secrets.io/managed';

interface Stored {
  readonly metadata: GenericMetadata;
  readonly content: JsonObject;
}

export type GenericOperation = 'servedKind' | 'look' | 'read' | 'create' | 'patch' | 'delete';

type Names = Readonly<Record<string, string | null>>;

interface Change {
  readonly content: JsonObject;
  readonly labels: Names;
  readonly annotations: Names;
  readonly controller: GenericPatch['controller'];
}

/** https://www.rfc-editor.org/rfc/rfc7386#section-2 */
function patched(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  const result = new Map(isJsonObject(target) ? target : []);
  for (const [name, member] of patch) {
    if (member === null) result.delete(name);
    else result.set(name, patched(result.get(name), member));
  }
  return result;
}

function objectOf(json: Json | undefined): JsonObject {
  return isJsonObject(json) ? json : new Map();
}

/** A map after a merge patch, and the names whose value that changed. */
function merged(before: Readonly<Record<string, string>>, patch: Names) {
  const changed = Object.entries(patch).filter(([name, value]) => (before[name] ?? null) !== value);
  const after = Object.entries({ ...before, ...Object.fromEntries(changed) }).filter(
    (pair): pair is [string, string] => pair[1] !== null,
  );
  return { after: Object.fromEntries(after), changed: changed.map(([name]) => name) };
}

/** As the adapter: these are never written as content. */
function written(content: JsonObject): JsonObject {
  return new Map([...content].filter(([name]) => !['apiVersion', 'kind', 'metadata', 'status'].includes(name)));
}

function key(path: FieldPath): string {
  return JSON.stringify(path);
}

function valueAt(content: JsonObject, path: FieldPath): string {
  let here: Json | undefined = content;
  for (const name of path) here = isJsonObject(here) ? here.get(name) : undefined;
  return here === undefined ? '' : encodeJson(here);
}

export class FakeGenericObjects implements GenericObjects {
  /** By `apiVersion/kind`. */
  readonly kinds = new Map<string, ServedKind>();
  /** Calls as they came, `patch ConfigMap team/app` for example. */
  readonly calls: string[] = [];
  /** Calls that have changed something. */
  readonly written = { create: 0, patch: 0, delete: 0 };
  /** By `apiVersion/kind`, as a merge patch of the content: what the kind fills in at each write, and leaves out. */
  readonly rules = new Map<string, object>();
  readonly #clock: Clock;
  readonly #stored = new Map<string, Stored>();
  readonly #views = new Map<string, FakeView<GenericMetadata>>();
  #failures: { readonly operation: GenericOperation; readonly error: KeyturnError }[] = [];
  #version = 100;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  serve(apiVersion: string, kind: string, more: Partial<ServedKind> = {}): ServedKind {
    const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];
    const served = { apiVersion, kind, plural: `${kind.toLowerCase()}s`, isNamespaced: true, verbs, ...more };
    this.kinds.set(`${apiVersion}/${kind}`, served);
    return served;
  }

  /** What carries the managed label, as a watch of the kind tells it. */
  view({ apiVersion, kind }: ServedKind): FakeView<GenericMetadata> {
    const id = `${apiVersion}/${kind}`;
    const view = this.#views.get(id) ?? new FakeView<GenericMetadata>();
    this.#views.set(id, view);
    return view;
  }

  /** The next call of that kind fails. */
  failNext(operation: GenericOperation, error: KeyturnError): void {
    this.#failures.push({ operation, error });
  }

  /** The content as JSON; undefined where there is no object. */
  content(kind: ServedKind, name: string): string | undefined {
    const stored = this.#stored.get(this.#id(kind, name));
    return stored && encodeJson(stored.content);
  }

  metadata(kind: ServedKind, name: string): GenericMetadata | undefined {
    return this.#stored.get(this.#id(kind, name))?.metadata;
  }

  /** Somebody else makes or changes an object: the content is a merge patch. */
  edit(
    kind: ServedKind,
    name: string,
    content: object,
    metadata: { labels?: Names; annotations?: Names; controller?: GenericPatch['controller'] } = {},
    manager = 'kubectl',
  ): void {
    const { labels = {}, annotations = {}, controller } = metadata;
    const [namespace = '', own = ''] = name.split('/');
    const before = this.#stored.get(this.#id(kind, name)) ?? this.#empty({ namespace, name: own });
    const patch = objectOf(parseJson(JSON.stringify(content)));
    this.#put(kind, before, { content: patch, labels, annotations, controller }, manager);
  }

  /** Somebody else deletes an object. */
  remove(kind: ServedKind, name: string): void {
    this.#stored.delete(this.#id(kind, name));
    this.view(kind).set(name, undefined);
  }

  /** The garbage collector deletes what an object owned that is gone. */
  removeOwnedBy(uid: string): void {
    const owned = [...this.#stored].filter(([, { metadata }]) => metadata.controller?.uid === uid);
    for (const [id, { metadata }] of owned) {
      const key = `${metadata.namespace}/${metadata.name}`;
      const kind = this.kinds.get(id.slice(0, -key.length - 1));
      if (kind !== undefined) this.remove(kind, key);
    }
  }

  async servedKind(apiVersion: string, kind: string, signal: AbortSignal): Promise<ServedKind> {
    this.#begin('servedKind', `${apiVersion}/${kind}`, signal);
    const served = this.kinds.get(`${apiVersion}/${kind}`);
    if (served === undefined) throw new ClusterNotFound(`The API server serves no kind "${kind}" in "${apiVersion}".`);
    return served;
  }

  async look(kind: ServedKind, name: ObjectName, signal: AbortSignal): Promise<GenericMetadata | undefined> {
    return this.#find('look', kind, name, signal)?.metadata;
  }

  async read(kind: ServedKind, name: ObjectName, signal: AbortSignal): Promise<GenericObject | undefined> {
    const stored = this.#find('read', kind, name, signal);
    return stored && { metadata: stored.metadata, content: new SecretJson(stored.content) };
  }

  async create(kind: ServedKind, object: NewGenericObject, fieldManager: string, signal: AbortSignal) {
    if (this.#find('create', kind, object, signal) !== undefined)
      throw new ClusterConflict('an object of that name exists');
    const { labels, annotations, controller } = object;
    const content = withoutNulls(written(object.content.reveal()));
    this.written.create += 1;
    return this.#put(kind, this.#empty(object), { content, labels, annotations, controller }, fieldManager);
  }

  async patch(
    kind: ServedKind,
    target: GenericMetadata,
    patch: GenericPatch,
    fieldManager: string,
    signal: AbortSignal,
  ) {
    const stored = this.#asSeen('patch', kind, target, signal);
    if (stored === undefined)
      throw new ClusterNotFound(`There is no ${kind.kind} "${target.namespace}/${target.name}".`);
    const after = this.#put(kind, stored, { ...patch, content: written(patch.content.reveal()) }, fieldManager);
    if (after.resourceVersion !== stored.metadata.resourceVersion) this.written.patch += 1;
    return after;
  }

  async delete(kind: ServedKind, target: SeenObject, signal: AbortSignal): Promise<void> {
    if (this.#asSeen('delete', kind, target, signal) !== undefined) this.written.delete += 1;
    this.remove(kind, `${target.namespace}/${target.name}`);
  }

  #id({ apiVersion, kind }: ServedKind, name: string): string {
    return `${apiVersion}/${kind}/${name}`;
  }

  #begin(operation: GenericOperation, what: string, signal: AbortSignal): void {
    signal.throwIfAborted();
    this.calls.push(`${operation} ${what}`);
    const at = this.#failures.findIndex((failure) => failure.operation === operation);
    const [failure] = at === -1 ? [] : this.#failures.splice(at, 1);
    if (failure !== undefined) throw failure.error;
  }

  #find(
    operation: GenericOperation,
    kind: ServedKind,
    { namespace, name }: ObjectName,
    signal: AbortSignal,
  ): Stored | undefined {
    this.#begin(operation, `${kind.kind} ${namespace}/${name}`, signal);
    return this.#stored.get(this.#id(kind, `${namespace}/${name}`));
  }

  /** Undefined where it is gone. */
  #asSeen(operation: GenericOperation, kind: ServedKind, target: SeenObject, signal: AbortSignal): Stored | undefined {
    const stored = this.#find(operation, kind, target, signal);
    const { uid, resourceVersion } = stored?.metadata ?? target;
    if (uid === target.uid && resourceVersion === target.resourceVersion) return stored;
    throw new ClusterConflict('the object has changed');
  }

  #nextVersion(): string {
    this.#version += 1;
    return String(this.#version);
  }

  #empty({ namespace, name }: ObjectName): Stored {
    const uid = `uid-object-${this.#nextVersion()}`;
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
    return { metadata, content: new Map() };
  }

  /** Applies a change as the API server does: what changes nothing leaves the version and the owners as they are. */
  #put(kind: ServedKind, before: Stored, change: Change, manager: string): GenericMetadata {
    const rule = parseJson(JSON.stringify(this.rules.get(`${kind.apiVersion}/${kind.kind}`) ?? {})) ?? null;
    const content = objectOf(patched(patched(before.content, change.content), rule));
    const labels = merged(before.metadata.labels, change.labels);
    const annotations = merged(before.metadata.annotations, change.annotations);
    const controller = change.controller === undefined ? before.metadata.controller : (change.controller ?? undefined);
    const isSame =
      mergePatch(before.content, content).size === 0 &&
      labels.changed.length + annotations.changed.length === 0 &&
      controller?.uid === before.metadata.controller?.uid;
    if (isSame && before.metadata.resourceVersion !== '') return before.metadata;
    const metadata: GenericMetadata = {
      ...before.metadata,
      resourceVersion: this.#nextVersion(),
      labels: labels.after,
      annotations: annotations.after,
      controller,
      fieldOwners: this.#owners(before, content, { labels: labels.changed, annotations: annotations.changed }, manager),
    };
    const name = `${metadata.namespace}/${metadata.name}`;
    this.#stored.set(this.#id(kind, name), { metadata, content });
    this.view(kind).set(name, metadata.labels[MANAGED_LABEL] === 'true' ? metadata : undefined);
    return metadata;
  }

  /** Who changes a field takes it from whoever had it; what is gone is nobody's. */
  #owners(
    { metadata, content: old }: Stored,
    content: JsonObject,
    changed: { readonly labels: readonly string[]; readonly annotations: readonly string[] },
    manager: string,
  ): readonly ContentOwner[] {
    const present = leafPaths(content);
    const taken = present.filter((path) => valueAt(old, path) !== valueAt(content, path));
    const isKept = (path: FieldPath) =>
      present.some((each) => key(each) === key(path)) && !taken.some((each) => key(each) === key(path));
    const names = (owned: readonly string[], moved: readonly string[]) => owned.filter((name) => !moved.includes(name));
    const others = metadata.fieldOwners.map((owner) => ({
      ...owner,
      labels: names(owner.labels, changed.labels),
      annotations: names(owner.annotations, changed.annotations),
      fields: owner.fields.filter(isKept),
    }));
    const own = others.find((owner) => owner.manager === manager);
    const after = {
      manager,
      changedAtMs: Math.floor(this.#clock.nowMs() / 1000) * 1000,
      labels: [...(own?.labels ?? []), ...changed.labels],
      annotations: [...(own?.annotations ?? []), ...changed.annotations],
      fields: [...(own?.fields ?? []), ...taken],
    };
    return [...others.filter((owner) => owner !== own), after]
      .map((owner) => ({ ...owner, size: owner.fields.length }))
      .filter(({ labels, annotations, fields }) => labels.length + annotations.length + fields.length > 0);
  }
}
