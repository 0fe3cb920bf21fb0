/** How long to wait after failures in a row. */

export interface BackoffLimits {
  /** Wait after the first failure. */
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * Wait after the `failures`th failure in a row: doubled each time, capped, and then drawn from its upper half so
 * that what failed together does not come back together.
 * @param random in [0, 1)
 */
export function backoffMs(failures: number, limits: BackoffLimits, random: number): number {
  const fullMs = Math.min(limits.longestMs, limits.firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(fullMs * (0.5 + random / 2));
}
