/** A view that is fed from the API server: one store, and one list/watch for each namespace that it covers. */

import type { Clock } from '../ports/clock.ts';
import type { View } from '../ports/cluster.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { KubeClient } from './client.ts';
import { runListWatch, type WatchTiming } from './list-watch.ts';
import { type ClusterResource, everywhere, inNamespace, type NamespacedResource } from './resource-path.ts';
import { createStore, type Project } from './store.ts';

/** What is watched. `namespaces` absent means all of them; an empty list means none. */
export type WatchSource = {
  /** For example `metadata.name=db`. */
  readonly fieldSelector?: string;
  /** For example `app=web`. An object that loses the label is deleted, as far as the view tells. */
  readonly labelSelector?: string;
  /** The raw objects are `PartialObjectMetadata`. @default false */
  readonly metadataOnly?: boolean;
  /** A kind that the API server does not know has no objects. @default false */
  readonly absentIsEmpty?: boolean;
} & (
  | { readonly resource: NamespacedResource; readonly namespaces?: readonly string[] | undefined }
  | { readonly resource: ClusterResource }
);

export interface WatchedViewOptions<T> {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly source: WatchSource;
  readonly project: Project<T>;
  readonly timing?: WatchTiming;
  /** In [0, 1). @default Math.random */
  readonly random?: () => number;
}

export interface WatchedView<T> {
  readonly view: View<T>;
  /** Lists and watches until the signal is aborted, and resolves then. To be called once. */
  run(signal: AbortSignal): Promise<void>;
  /**
   * Resolves when the first list of every namespace is complete.
   * @throws the signal's reason when it is aborted before
   */
  whenSynced(signal: AbortSignal): Promise<void>;
}

export function createWatchedView<T>(options: WatchedViewOptions<T>): WatchedView<T> {
  const { source, project, log, ...rest } = options;
  const paths = pathsOf(source);
  const store = createStore({ project, log, resource: source.resource.plural, feeds: paths.length });
  const waiting = new Set<() => void>();

  function wake(): void {
    if (store.view.synced) {
      for (const resolve of waiting) {
        resolve();
      }
      waiting.clear();
    }
  }

  return {
    view: store.view,
    async run(signal) {
      const { fieldSelector, labelSelector, metadataOnly = false, absentIsEmpty = false } = source;
      const listWatches = paths.map((path, index) => {
        const feed = store.feed(index);
        const onOutput: typeof feed = (output) => {
          feed(output);
          if (output.kind === 'initDone') {
            wake();
          }
        };
        const selected = {
          ...(fieldSelector === undefined ? {} : { fieldSelector }),
          ...(labelSelector === undefined ? {} : { labelSelector }),
        };
        return runListWatch({ ...rest, ...selected, log, path, metadataOnly, absentIsEmpty, onOutput }, signal);
      });
      await Promise.all([...listWatches, whenAborted(signal)]);
    },
    whenSynced: (signal) => waitFor(() => store.view.synced, waiting, signal),
  };
}

/** A view of no namespace has nothing to run, and does not end before the others. */
function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** The collections that are to be listed. */
export function pathsOf(source: WatchSource) {
  if (source.resource.scope === 'cluster' || !('namespaces' in source) || source.namespaces === undefined) {
    return [everywhere(source.resource)];
  }
  const { resource, namespaces } = source;
  return [...new Set(namespaces)].map((namespace) => inNamespace(resource, namespace));
}

function waitFor(isDone: () => boolean, waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (isDone()) {
      resolve();
      return;
    }
    const wake = () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    };
    const onAbort = () => {
      waiting.delete(wake);
      reject(signal.reason);
    };
    if (signal.aborted) {
      onAbort();
      return;
    }
    waiting.add(wake);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
