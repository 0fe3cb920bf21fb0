/** The SDK's clients of one identity: built once, connections reused, every request counted. */

import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { STSClient } from '@aws-sdk/client-sts';
import { ConfiguredRetryStrategy } from '@smithy/core/retry';
import type { Clock } from '../ports/clock.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { RetrySettings } from '../ports/secret-source.ts';
import type { CredentialsProvider } from './credentials.ts';
import type { EndpointOverrides } from './endpoints.ts';
import type { Pace } from './pace.ts';
import { REQUEST_STEP, requestStep } from './request-step.ts';

export interface SdkClientsOptions {
  readonly region: string;
  readonly credentials: CredentialsProvider;
  readonly endpoints: EndpointOverrides;
  /** Calls under way at the same time, and so connections. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Resolves when a request may be sent without going over our share of AWS's quota for it. */
  readonly turn: (operation: string) => Promise<void>;
  /** Told of the requests to Secrets Manager. */
  readonly pace: Pace;
  /** @default three attempts with the SDK's backoff */
  readonly retry?: RetrySettings | undefined;
}

/** A fixed wait, or the SDK's own backoff with another number of attempts. */
function retryOptions(retry: RetrySettings | undefined) {
  if (retry === undefined) return {};
  const { attempts, delayMs } = retry;
  if (delayMs === undefined) return { maxAttempts: attempts };
  return { maxAttempts: attempts, retryStrategy: new ConfiguredRetryStrategy(attempts, delayMs) };
}

export interface SdkClients {
  readonly secretsManager: SecretsManagerClient;
  readonly sts: STSClient;
  /** Closes the connections. */
  destroy(): void;
}

/** Three attempts of it fit into the deadline of a call. */
const CONNECT_TIMEOUT_MS = 3_000;
/**
 * The SDK's standard retry, which backs off from throttling, 5xx and lost connections, call by call. That an identity
 * calls less often while it is throttled is the work of its {@link Pace}.
 */
const ATTEMPTS = 3;

export function createSdkClients(options: SdkClientsOptions): SdkClients {
  const { region, credentials, endpoints, concurrency } = options;
  const agent = { keepAlive: true, maxSockets: concurrency };
  const common = { region, credentials, maxAttempts: ATTEMPTS, retryMode: 'standard', ...retryOptions(options.retry) };
  const requestHandler = { connectionTimeout: CONNECT_TIMEOUT_MS, httpAgent: agent, httpsAgent: agent };
  const secretsManager = new SecretsManagerClient({
    ...common,
    requestHandler,
    ...(endpoints.secretsManager !== undefined && { endpoint: endpoints.secretsManager }),
  });
  const sts = new STSClient({
    ...common,
    requestHandler,
    ...(endpoints.sts !== undefined && { endpoint: endpoints.sts }),
  });
  const { clock, metrics, turn, pace } = options;
  secretsManager.middlewareStack.add(requestStep({ clock, metrics, turn, pace }), REQUEST_STEP);
  sts.middlewareStack.add(requestStep({ clock, metrics, turn }), REQUEST_STEP);
  return {
    secretsManager,
    sts,
    destroy() {
      secretsManager.destroy();
      sts.destroy();
    },
  };
}
