/** Leases as those see them who work by turns. */

export interface LeaseRecord {
  /** Empty when nobody holds it. */
  readonly holder: string;
  readonly durationMs: number;
  readonly renewedAtMs: number;
  readonly transitions: number;
}

export interface StoredLease extends LeaseRecord {
  /** For compare-and-swap. */
  readonly resourceVersion: string;
}

/** Both methods may throw ClusterForbidden and ClusterUnavailable. */
export interface LeaseStore {
  read(signal: AbortSignal): Promise<StoredLease | undefined>;
  /**
   * Writes over the lease of that version, or creates it where `expected` is undefined.
   * @throws ClusterConflict when somebody else wrote first.
   */
  write(record: LeaseRecord, expected: string | undefined, signal: AbortSignal): Promise<StoredLease>;
}

/** The leases of all shards as they stood at one moment; undefined for one that there is not. */
export interface ShardLeasesSeen {
  readonly shards: readonly (StoredLease | undefined)[];
  readonly call: StoredLease | undefined;
}

/** What replicas share out among themselves: a lease for each shard. */
export interface ShardLeases {
  readonly shards: readonly LeaseStore[];
  /** Held for a moment by a replica that has less than its share, so that the others see it. */
  readonly call: LeaseStore;
  /** All of them in one request. @throws ClusterForbidden, ClusterUnavailable */
  list(signal: AbortSignal): Promise<ShardLeasesSeen>;
}
