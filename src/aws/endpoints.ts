/** Where AWS is called: the region's own endpoints, or those that the environment sets instead. */

export type Environment = Readonly<Record<string, string | undefined>>;

export interface EndpointOverrides {
  readonly secretsManager: string | undefined;
  readonly sts: string | undefined;
}

/** One label of a host name: what a region must be, since the endpoint's host is made of it. */
const HOST_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

/**
 * The endpoints that External Secrets Operator's variables set. They win over the SDK's own `AWS_ENDPOINT_URL`,
 * `AWS_ENDPOINT_URL_SECRETS_MANAGER` and `AWS_ENDPOINT_URL_STS`, which the SDK reads by itself.
 */
export function endpointOverrides(env: Environment): EndpointOverrides {
  return {
    secretsManager: env['AWS_SECRETSMANAGER_ENDPOINT'] || undefined,
    sts: env['AWS_STS_ENDPOINT'] || undefined,
  };
}

/**
 * Where SQS is called: at the host of the queue's URL, or where the SDK's own variables say. The SDK would take the URL's
 * host in any case, and say so on the console.
 */
export function queueEndpoint(env: Environment, queueUrl: string): string {
  return env['AWS_ENDPOINT_URL_SQS'] || env['AWS_ENDPOINT_URL'] || new URL(queueUrl).origin;
}

/** True for a name that can be a region: whether AWS has it only its DNS tells. */
export function isRegionName(region: string): boolean {
  return HOST_LABEL.test(region);
}
