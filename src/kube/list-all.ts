/** Lists a collection once, page by page, without following it. */

import type { KubeClient } from './client.ts';
import { unanswered } from './errors.ts';
import type { ResourcePath } from './resource-path.ts';
import { parseListPage } from './watch-event.ts';

const PAGE_SIZE = 500;
const TIMEOUT_MS = 60_000;

/**
 * The objects as they came.
 * @throws ClusterForbidden, ClusterRejected, ClusterUnavailable; ClusterNotFound where the API server has no such kind
 */
export async function listAll(
  client: KubeClient,
  path: ResourcePath,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  let continueToken = '';
  do {
    const query = { limit: String(PAGE_SIZE), ...(continueToken !== '' && { continue: continueToken }) };
    const request = { verb: 'list', path, query, timeoutMs: TIMEOUT_MS, signal } as const;
    const page = parseListPage(await client.request(request));
    if (page.kind === 'garbage') throw unanswered(request, 'no list').error;
    for (const { raw } of page.objects) all.push(raw);
    ({ continueToken } = page);
  } while (continueToken !== '');
  return all;
}
