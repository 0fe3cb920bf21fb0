/** A view that is listed once, for what looks at the cluster and ends: no watch is opened. */

import type { KubeClient } from './client.ts';
import { unanswered } from './errors.ts';
import { PAGE_SIZE, PARTIAL_LIST } from './list-watch.ts';
import type { ResourcePath } from './resource-path.ts';
import { createStore, type Store } from './store.ts';
import { type ListPage, parseListPage } from './watch-event.ts';
import { pathsOf, type WatchedView, type WatchedViewOptions, type WatchSource } from './watched-view.ts';

const PAGE_TIMEOUT_MS = 60_000;
/** A list whose pages took so long that the API server has forgotten where it was begins anew. */
const LISTS = 3;

type Page = Extract<ListPage, { kind: 'page' }>;
const NO_OBJECTS: Page = { kind: 'page', objects: [], resourceVersion: '', continueToken: '' };

type Feed = ReturnType<Store<unknown>['feed']>;

interface Listing {
  readonly client: KubeClient;
  readonly path: ResourcePath;
  readonly source: WatchSource;
}

/** Undefined where the API server does not know the continue token any more. */
async function fetchPage(
  { client, path, source }: Listing,
  continueToken: string,
  signal: AbortSignal,
): Promise<Page | undefined> {
  const { fieldSelector, metadataOnly = false, absentIsEmpty = false } = source;
  const request = {
    verb: 'list',
    path,
    query: {
      limit: String(PAGE_SIZE),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
      ...(continueToken === '' ? {} : { continue: continueToken }),
    },
    accept: metadataOnly ? PARTIAL_LIST : 'application/json',
    timeoutMs: PAGE_TIMEOUT_MS,
    signal,
  } as const;
  const result = await client.call(request);
  if (result.kind === 'failed') {
    if (result.status === 410 && continueToken !== '') return undefined;
    if (result.status === 404 && absentIsEmpty) return NO_OBJECTS;
    throw result.error;
  }
  const page = parseListPage(result.body);
  if (page.kind === 'garbage') throw unanswered(request, 'not a list').error;
  return page;
}

/** False where it has to begin anew. */
async function listInto(listing: Listing, feed: Feed, signal: AbortSignal): Promise<boolean> {
  feed({ kind: 'init' });
  let continueToken = '';
  do {
    const page = await fetchPage(listing, continueToken, signal);
    if (page === undefined) return false;
    for (const object of page.objects) feed({ kind: 'initApplied', object });
    continueToken = page.continueToken;
  } while (continueToken !== '');
  feed({ kind: 'initDone' });
  return true;
}

async function list(listing: Listing, feed: Feed, signal: AbortSignal): Promise<void> {
  for (let attempt = 0; attempt < LISTS; attempt += 1) {
    if (await listInto(listing, feed, signal)) return;
  }
  const request = { verb: 'list', path: listing.path } as const;
  throw unanswered(request, 'the list could not be read to its end').error;
}

/**
 * As a view that is watched, but that `run` ends when everything was listed.
 * `run` throws ClusterForbidden, ClusterNotFound (the kind is not served), ClusterRejected, ClusterUnavailable.
 */
export function createListedView<T>({ client, log, source, project }: WatchedViewOptions<T>): WatchedView<T> {
  const paths = pathsOf(source);
  const store = createStore({ project, log, resource: source.resource.plural, feeds: paths.length });
  const listed = Promise.withResolvers<void>();
  return {
    view: store.view,
    async run(signal) {
      await Promise.all(paths.map((path, index) => list({ client, path, source }, store.feed(index), signal)));
      listed.resolve();
    },
    whenSynced: () => listed.promise,
  };
}
