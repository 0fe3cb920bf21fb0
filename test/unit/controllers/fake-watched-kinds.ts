/** Watches of kinds in memory: each is listed a moment after its first use, as the API server does, and then follows. */

import type { ObjectKey } from '../../../src/ports/cluster.ts';
import type { GenericMetadata, ServedKind, WatchedKinds } from '../../../src/ports/generic-objects.ts';
import type { FakeGenericObjects } from './fake-generic-objects.ts';
import { FakeView } from './fake-view.ts';

type Listener = Parameters<WatchedKinds['onChange']>[0];

interface Watch {
  readonly view: FakeView<GenericMetadata>;
  readonly users: Set<ObjectKey>;
}

export class FakeWatchedKinds implements WatchedKinds {
  /** True where the operator may not list: views are never filled. */
  denied = false;
  readonly #objects: FakeGenericObjects;
  readonly #watches = new Map<string, Watch>();
  readonly #followed = new Set<string>();
  #listeners: Listener[] = [];

  constructor(objects: FakeGenericObjects) {
    this.#objects = objects;
  }

  /** Kinds that are watched, and who uses them: `v1/ConfigMap: team/app`. */
  get inUse(): readonly string[] {
    return Array.from(this.#watches, ([id, { users }]) => `${id}: ${[...users].toSorted().join(', ')}`);
  }

  /** What a watch shows; undefined when there is none. */
  shown(kind: ServedKind): FakeView<GenericMetadata> | undefined {
    return this.#watches.get(idOf(kind))?.view;
  }

  use(user: ObjectKey, kind: ServedKind): FakeView<GenericMetadata> {
    const id = idOf(kind);
    if (this.#watches.get(id)?.users.has(user) !== true) this.release(user);
    const watch = this.#watches.get(id) ?? this.#begin(kind);
    watch.users.add(user);
    return watch.view;
  }

  release(user: ObjectKey): void {
    for (const [id, { users }] of this.#watches) {
      users.delete(user);
      if (users.size === 0) this.#watches.delete(id);
    }
  }

  onChange(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /** As before a new process has begun. */
  reset(): void {
    this.#watches.clear();
    this.#listeners = [];
  }

  #begin(kind: ServedKind): Watch {
    const id = idOf(kind);
    const view = new FakeView<GenericMetadata>();
    view.synced = false;
    const watch = { view, users: new Set<ObjectKey>() };
    this.#watches.set(id, watch);
    view.onChange((change) => {
      for (const listener of this.#listeners) listener(kind, change);
    });
    const source = this.#objects.view(kind);
    if (!this.#followed.has(id)) {
      source.onChange(({ key, after }) => {
        const shown = this.#watches.get(id)?.view;
        if (shown?.synced === true) shown.set(key, after);
      });
    }
    this.#followed.add(id);
    if (!this.denied) {
      setImmediate(() => {
        view.synced = true;
        for (const key of source.keys()) view.set(key, source.get(key), true);
      });
    }
    return watch;
  }
}

function idOf({ apiVersion, kind }: ServedKind): string {
  return `${apiVersion}/${kind}`;
}
