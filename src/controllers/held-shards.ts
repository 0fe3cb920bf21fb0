/** The shards that this process works on now, and who of all processes writes to a store: the holder of its shard. */

import { shardOfStore } from '../domain/shard-of.ts';
import type { StoreKey } from '../domain/store-standing.ts';
import type { StoreDuty } from './store.ts';

interface Hold {
  readonly cut: AbortSignal;
  /** Under way at this moment. */
  readonly writes: Set<Promise<void>>;
}

export class HeldShards implements StoreDuty {
  readonly #shards: number;
  readonly #held = new Map<number, Hold>();

  /** @param shards how many there are */
  constructor(shards: number) {
    this.#shards = shards;
  }

  get size(): number {
    return this.#held.size;
  }

  get isNeeded(): boolean {
    return this.#held.size > 0;
  }

  /** @param cut when nothing of the shard may be written any more */
  begin(shard: number, cut: AbortSignal): void {
    this.#held.set(shard, { cut, writes: new Set() });
  }

  /** Resolves when nothing is written any more. */
  async end(shard: number): Promise<void> {
    const hold = this.#held.get(shard);
    this.#held.delete(shard);
    await Promise.allSettled(hold?.writes ?? []);
  }

  async write(key: StoreKey, signal: AbortSignal, act: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const hold = this.#held.get(shardOfStore(key, this.#shards));
    if (hold === undefined || hold.cut.aborted) return;
    const write = act(AbortSignal.any([signal, hold.cut]));
    hold.writes.add(write);
    try {
      await write;
    } catch (error) {
      // Whoever has the shard now writes what is to be written.
      if (!hold.cut.aborted || signal.aborted) throw error;
    } finally {
      hold.writes.delete(write);
    }
  }
}
