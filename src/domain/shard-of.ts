/** Which shard a namespace belongs to: the same answer in every process, and about as many namespaces in each shard. */

import { fnv1a } from './fnv1a.ts';
import type { StoreKey } from './store-standing.ts';

/** With the finalizer of MurmurHash3, without which similar names end in few shards. */
function hash(text: string): number {
  let h = fnv1a(text);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** @param shards how many there are; the result is from 0 to one less */
export function shardOf(namespace: string, shards: number): number {
  return shards === 1 ? 0 : hash(namespace) % shards;
}

/** The shard of an object of a namespace, by its key `namespace/name`. */
export function shardOfKey(key: string, shards: number): number {
  return shardOf(key.slice(0, key.indexOf('/')), shards);
}

/** A ClusterSecretStore has no namespace and belongs to shard 0. */
export function shardOfStore(key: StoreKey, shards: number): number {
  const [kind, namespace = ''] = key.split('/');
  return kind === 'SecretStore' ? shardOf(namespace, shards) : 0;
}
