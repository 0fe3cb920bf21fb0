/** The Leases of all shards: one for each, one for calls, and all of them in one list. */

import type { ShardLeases } from '../ports/lease.ts';
import type { KubeClient, KubeRequest } from './client.ts';
import { createLeaseStore } from './lease-store.ts';
import { asList, asText, at } from './narrow.ts';
import { inNamespace, LEASES } from './resource-path.ts';

/** Its value is the number of shards. */
const LABEL = 'keyturn.dev/shards';
const TIMEOUT_MS = 5_000;

export interface ShardLeasesOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  /** What the names begin with: `keyturn` gives `keyturn-0-of-3`. */
  readonly name: string;
  readonly shards: number;
}

export function createShardLeases({ client, namespace, name, shards }: ShardLeasesOptions): ShardLeases {
  const labels = { [LABEL]: String(shards) };
  const storeOf = (part: string) =>
    createLeaseStore({ client, lease: { namespace, name: `${name}-${part}-of-${shards}` }, labels });
  const stores = Array.from({ length: shards }, (_, shard) => storeOf(String(shard)));
  const call = storeOf('call');
  return {
    shards: stores,
    call,
    async list(signal) {
      const request: KubeRequest = {
        verb: 'list',
        path: inNamespace(LEASES, namespace),
        query: { labelSelector: `${LABEL}=${shards}` },
        timeoutMs: TIMEOUT_MS,
        signal,
      };
      const items = itemsByName(await client.request(request));
      return {
        shards: stores.map((store, shard) => store.takeIn(items.get(`${name}-${shard}-of-${shards}`))),
        call: call.takeIn(items.get(`${name}-call-of-${shards}`)),
      };
    },
  };
}

function itemsByName(body: unknown): ReadonlyMap<string, unknown> {
  return new Map(asList(at(body, 'items')).map((item) => [asText(at(item, 'metadata', 'name')), item]));
}
