/** A namespace of its own for each test file. */

import { randomBytes } from 'node:crypto';
import type { ClusterClient } from './cluster-client.ts';

export interface FreshNamespace {
  readonly name: string;
  /** Starts its deletion, so that an operator of a later test does not see what is left in it. */
  remove(): Promise<void>;
}

/** Makes the namespace `<prefix>-<random>`. */
export async function freshNamespace(cluster: ClusterClient, prefix: string): Promise<FreshNamespace> {
  const name = `${prefix}-${randomBytes(4).toString('hex')}`;
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  const made = await cluster.request('POST', '/api/v1/namespaces', body);
  if (made.status !== 201) {
    throw new Error(`creating namespace ${name} answered ${made.status}: ${JSON.stringify(made.body)}`);
  }
  return {
    name,
    async remove() {
      await cluster.request('DELETE', `/api/v1/namespaces/${name}`);
    },
  };
}
