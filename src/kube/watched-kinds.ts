/** A view for each kind that somebody uses as a target besides Secrets, begun at its first use and ended after its last. */

import { MANAGED_LABEL, MANAGED_VALUE } from '../api/groups.ts';
import type { ObjectKey, View, ViewChange } from '../ports/cluster.ts';
import type { GenericMetadata, ServedKind, WatchedKinds } from '../ports/generic-objects.ts';
import { readGenericMetadata } from './generic-metadata.ts';
import { createWatchedView, type WatchedViewOptions } from './watched-view.ts';

/** Each is a connection to the API server, and nobody has reason for as many. */
const MOST_KINDS = 50;

export interface WatchedKindsOptions extends Omit<WatchedViewOptions<GenericMetadata>, 'source' | 'project'> {
  /** Empty for all of them. */
  readonly namespaces: readonly string[];
}

export interface OpenWatchedKinds extends WatchedKinds {
  /** Ends all watches. */
  close(): void;
}

interface Watched {
  readonly view: View<GenericMetadata>;
  readonly users: Set<ObjectKey>;
  end(): void;
}

type Listener = (kind: ServedKind, change: ViewChange<GenericMetadata>) => void;

/** Another plural of the same kind is another resource: its CustomResourceDefinition was made anew. */
function idOf({ apiVersion, plural }: ServedKind): string {
  return `${apiVersion}/${plural}`;
}

export function createWatchedKinds(options: WatchedKindsOptions): OpenWatchedKinds {
  const { namespaces, ...rest } = options;
  const closing = new AbortController();
  const watched = new Map<string, Watched>();
  const usedBy = new Map<ObjectKey, string>();
  const listeners: Listener[] = [];
  const refused = new Set<string>();

  function begin(kind: ServedKind): Watched {
    const { apiVersion, plural } = kind;
    const ending = new AbortController();
    const { view, run } = createWatchedView({
      ...rest,
      source: {
        resource: { apiVersion, plural, scope: 'namespaced' },
        namespaces: namespaces.length === 0 ? undefined : namespaces,
        labelSelector: `${MANAGED_LABEL}=${MANAGED_VALUE}`,
        metadataOnly: true,
      },
      project: readGenericMetadata,
    });
    view.onChange((change) => {
      for (const listener of listeners) listener(kind, change);
    });
    run(AbortSignal.any([closing.signal, ending.signal])).catch(() =>
      rest.log.error({ kind: idOf(kind) }, 'a watch has failed'),
    );
    return { view, users: new Set(), end: () => ending.abort() };
  }

  /** Told once: the objects are written all the same. */
  function refuse(id: string): undefined {
    const isNews = refused.size !== refused.add(id).size;
    const fields = { kind: id, most: MOST_KINDS };
    if (isNews) rest.log.warn(fields, 'too many kinds of targets: changes by others are not noticed of this one');
    return undefined;
  }

  function release(user: ObjectKey): void {
    const id = usedBy.get(user) ?? '';
    const found = watched.get(id);
    usedBy.delete(user);
    found?.users.delete(user);
    if (found?.users.size !== 0) return;
    watched.delete(id);
    found.end();
  }

  return {
    use(user, kind) {
      const id = idOf(kind);
      if (usedBy.get(user) !== id) release(user);
      if (!watched.has(id) && watched.size >= MOST_KINDS) return refuse(id);
      const found = watched.get(id) ?? begin(kind);
      watched.set(id, found);
      found.users.add(user);
      usedBy.set(user, id);
      return found.view;
    },
    release,
    onChange: (listener) => listeners.push(listener),
    close: () => closing.abort(),
  };
}
