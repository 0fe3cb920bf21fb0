/** The SDK's clients of one identity: built once, connections reused, every request counted. */

import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { STSClient } from '@aws-sdk/client-sts';
import type { Clock } from '../ports/clock.ts';
import type { CallResult, Metrics } from '../ports/metrics.ts';
import type { CredentialsProvider } from './credentials.ts';
import type { EndpointOverrides } from './endpoints.ts';

export interface SdkClientsOptions {
  readonly region: string;
  readonly credentials: CredentialsProvider;
  readonly endpoints: EndpointOverrides;
  /** Calls under way at the same time, and so connections. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

export interface SdkClients {
  readonly secretsManager: SecretsManagerClient;
  readonly sts: STSClient;
  /** Closes the connections. */
  destroy(): void;
}

/** Three attempts of it fit into the deadline of a call. */
const CONNECT_TIMEOUT_MS = 3_000;
/** The SDK's standard retry, which backs off from throttling, 5xx and lost connections. */
const ATTEMPTS = 3;

export function createSdkClients(options: SdkClientsOptions): SdkClients {
  const { region, credentials, endpoints, concurrency } = options;
  const agent = { keepAlive: true, maxSockets: concurrency };
  const common = { region, credentials, maxAttempts: ATTEMPTS, retryMode: 'standard' };
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
  const step = { step: 'deserialize', priority: 'high', name: 'keyturnRequestCount' } as const;
  const count = requestCount(options);
  secretsManager.middlewareStack.add(count, step);
  sts.middlewareStack.add(count, step);
  return {
    secretsManager,
    sts,
    destroy() {
      secretsManager.destroy();
      sts.destroy();
    },
  };
}

/** A step inside the SDK's retry: each attempt is counted, as AWS's quotas and bill count them. */
function requestCount({ metrics, clock }: SdkClientsOptions) {
  return <Args, Result>(next: (args: Args) => Promise<Result>, context: { readonly commandName?: string }) =>
    async (args: Args): Promise<Result> => {
      const operation = context.commandName?.replace(/Command$/, '') ?? 'unknown';
      const startMs = clock.nowMs();
      let result: CallResult = 'error';
      try {
        const answer = await next(args);
        result = 'success';
        return answer;
      } finally {
        metrics.awsCall(operation, result, clock.nowMs() - startMs);
      }
    };
}
