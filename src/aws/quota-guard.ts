/** Keeps the operator under a share of AWS's request quotas, which people's consoles and pipelines use too. */

import type { Clock } from '../ports/clock.ts';

/**
 * Requests a second that AWS allows to one account in one region, by operation
 * (https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html). Not adjustable.
 */
const QUOTAS_PER_SECOND: ReadonlyMap<string, number> = new Map([
  ['GetSecretValue', 10_000],
  ['DescribeSecret', 40_000],
  ['BatchGetSecretValue', 100],
  ['ListSecrets', 100],
]);

/** What may go out at once after a pause, in seconds of the rate: little, so that no second has much more than its share. */
const BURST_SECONDS = 0.2;

export interface QuotaGuardOptions {
  readonly clock: Clock;
  /** In (0, 1]: how much of each quota may be used. */
  readonly share: number;
}

/** Below zero while calls wait: each has taken a token that is not there yet. */
interface Bucket {
  tokens: number;
  refilledAtMs: number;
  readonly perSecond: number;
}

export class QuotaGuard {
  readonly #options: QuotaGuardOptions;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: QuotaGuardOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the operation may be called, in the order of asking; at once for one that has no quota.
   * @param scope the account and region whose quota is used
   */
  async take(scope: string, operation: string): Promise<void> {
    const bucket = this.#bucket(scope, operation);
    if (bucket === undefined) return;
    bucket.tokens -= 1;
    if (bucket.tokens >= 0) return;
    const waitMs = (-bucket.tokens / bucket.perSecond) * 1000;
    await new Promise<void>((resolve) => this.#options.clock.after(waitMs, resolve));
  }

  /** How long a call would have to wait; 0 when it would not. It takes nothing. */
  waitMs(scope: string, operation: string): number {
    const bucket = this.#bucket(scope, operation);
    if (bucket === undefined || bucket.tokens >= 1) return 0;
    return Math.ceil(((1 - bucket.tokens) / bucket.perSecond) * 1000);
  }

  /** The bucket, refilled. */
  #bucket(scope: string, operation: string): Bucket | undefined {
    const quota = QUOTAS_PER_SECOND.get(operation);
    if (quota === undefined) return undefined;
    const perSecond = quota * this.#options.share;
    const nowMs = this.#options.clock.nowMs();
    const key = `${operation} ${scope}`;
    const full = Math.max(1, perSecond * BURST_SECONDS);
    const bucket = this.#buckets.get(key) ?? { tokens: full, refilledAtMs: nowMs, perSecond };
    this.#buckets.set(key, bucket);
    const gained = ((nowMs - bucket.refilledAtMs) / 1000) * perSecond;
    bucket.tokens = Math.min(full, bucket.tokens + Math.max(0, gained));
    bucket.refilledAtMs = nowMs;
    return bucket;
  }
}
