/** In an integration test: the control plane and the AWS endpoints that the run's global setup started. */

import { inject } from 'vitest';
import type { AwsAccess } from './aws-endpoint.ts';
import { type ClusterAccess, type ClusterClient, clusterClient } from './cluster-client.ts';

declare module 'vitest' {
  interface ProvidedContext {
    cluster: ClusterAccess;
    ministack: AwsAccess;
    moto: AwsAccess;
  }
}

/** The caller closes it. */
export function sharedCluster(): ClusterClient {
  return clusterClient(inject('cluster'));
}

/** Evaluates IAM. */
export function sharedMinistack(): AwsAccess {
  return inject('ministack');
}

/** The second opinion on Secrets Manager; no IAM. */
export function sharedMoto(): AwsAccess {
  return inject('moto');
}
