/** A token bucket: how AWS limits requests a second while it lets short bursts pass. */

export interface TokenBucket {
  /** Takes one token; false when there is none. */
  take(nowMs: number): boolean;
}

/** Full at the beginning; it holds what comes in within one second. */
export function createTokenBucket(perSecond: number): TokenBucket {
  let tokens = perSecond;
  let filledAtMs = 0;
  return {
    take(nowMs) {
      tokens = Math.min(perSecond, tokens + (Math.max(0, nowMs - filledAtMs) / 1_000) * perSecond);
      filledAtMs = nowMs;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
