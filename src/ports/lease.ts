/** A Lease as leader election sees it. */

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
