/** Which shard a namespace belongs to: the same answer in every process, and about as many namespaces in each shard. */

import type { StoreKey } from './store-standing.ts';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a over UTF-16 units, and the finalizer of MurmurHash3, without which similar names end in few shards. */
function hash(text: string): number {
  let h = FNV_OFFSET;
  for (let at = 0; at < text.length; at += 1) h = Math.imul(h ^ text.charCodeAt(at), FNV_PRIME);
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
