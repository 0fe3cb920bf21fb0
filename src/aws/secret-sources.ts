/** The sources of all identities in use: one for each, shared by everything that reads with it. */

import type { Audit } from '../ports/audit.ts';
import type { Clock } from '../ports/clock.ts';
import { SourceUnavailable } from '../ports/errors.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { SecretSources } from '../ports/secret-source.ts';
import { createDefaultChain } from './credentials.ts';
import { type Environment, endpointOverrides } from './endpoints.ts';
import { QuotaGuard } from './quota-guard.ts';
import { AwsSecretSource } from './secret-source.ts';

export interface AwsSecretSourcesOptions {
  /** Where the endpoint overrides are; the SDK's own variables are read by the SDK from the process. */
  readonly env: Environment;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /**
   * For a call with its retries.
   * @default 10_000
   */
  readonly deadlineMs?: number;
  /**
   * Calls of one identity under way at the same time.
   * @default 16
   */
  readonly concurrency?: number;
  /**
   * How much of AWS's quotas may be used, in (0, 1].
   * @default 0.5
   */
  readonly quotaShare?: number;
  /** Told of each request to Secrets Manager. @default nothing is recorded */
  readonly audit?: Audit | undefined;
}

const DEADLINE_MS = 10_000;
const CONCURRENCY = 16;
const QUOTA_SHARE = 0.5;

export function createAwsSecretSources(options: AwsSecretSourcesOptions): SecretSources {
  const { env, clock, deadlineMs = DEADLINE_MS, concurrency = CONCURRENCY } = options;
  const endpoints = endpointOverrides(env);
  const quotas = new QuotaGuard({ clock, share: options.quotaShare ?? QUOTA_SHARE });
  const defaultChain = createDefaultChain(endpoints.sts);
  const sources = new Map<string, AwsSecretSource>();
  let closed = false;

  const retain = (identityKeys: ReadonlySet<string>) => {
    for (const [key, source] of sources) {
      if (identityKeys.has(key)) continue;
      sources.delete(key);
      source.close();
    }
  };
  return {
    open(identity) {
      if (closed) throw new SourceUnavailable('AWS is not called any more, because the operator stops.');
      let source = sources.get(identity.key);
      if (source === undefined) {
        source = new AwsSecretSource({
          ...options,
          identity,
          defaultChain,
          endpoints,
          quotas,
          deadlineMs,
          concurrency,
        });
        sources.set(identity.key, source);
      }
      return source;
    },
    retain,
    close() {
      closed = true;
      retain(new Set());
    },
  };
}
