/** Fills a namespace with a store and ExternalSecrets, and empties it again. */

import { until } from '../../test/harness/until.ts';
import type { ApiClient } from './api-client.ts';
import { inParallel } from './in-parallel.ts';
import { textAt } from './json-field.ts';
import { createExternalSecret, createNamespace, createStore, secretsPath, type WantedSync } from './objects.ts';

/** Requests in flight: what is made here is not measured. */
const WIDTH = 32;
const REMOVAL_TIMEOUT_MS = 300_000;

/** @returns the uids of the ExternalSecrets by name */
export async function makeNamespace(
  api: ApiClient,
  namespace: string,
  wanted: readonly WantedSync[],
): Promise<ReadonlyMap<string, string>> {
  await api.text(createNamespace(namespace));
  for (const request of createStore(namespace)) await api.text(request);
  const uids = new Map<string, string>();
  await inParallel(wanted, WIDTH, async (each) => {
    uids.set(each.name, textAt(await api.json(createExternalSecret(each)), 'metadata', 'uid'));
  });
  return uids;
}

/**
 * Returns when nothing of it is left. The Secrets go first: of a Secret whose owner is gone before it, the garbage
 * collector asks one by one, for a long time.
 */
export async function removeNamespace(api: ApiClient, namespace: string): Promise<void> {
  await api.text({ method: 'DELETE', path: secretsPath(namespace) });
  const path = `/api/v1/namespaces/${namespace}`;
  await api.text({ method: 'DELETE', path });
  const isGone = async () => {
    const left = await api.json({ method: 'GET', path: `/api/v1/namespaces?fieldSelector=metadata.name=${namespace}` });
    return textAt(left, 'items', 0, 'metadata', 'name') === '';
  };
  await until(`namespace ${namespace} to be gone`, isGone, REMOVAL_TIMEOUT_MS);
}
