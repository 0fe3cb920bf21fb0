/**
 * In an integration test: the rig that the run's global setup started for the worker slot that the test's file runs in.
 * Files that run at the same time have rigs of their own: an operator sees the whole cluster.
 */

import { inject } from 'vitest';
import type { AwsAccess } from './aws-endpoint.ts';
import { type ClusterAccess, type ClusterClient, clusterClient } from './cluster-client.ts';

export interface Rig {
  readonly cluster: ClusterAccess;
  readonly ministack: AwsAccess;
  readonly moto: AwsAccess;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** One for each of `maxWorkers`. */
    rigs: readonly Rig[];
  }
}

/** The caller closes it. */
export function sharedCluster(): ClusterClient {
  return clusterClient(rig().cluster);
}

/** Evaluates IAM. */
export function sharedMinistack(): AwsAccess {
  return rig().ministack;
}

/** The second opinion on Secrets Manager; no IAM. */
export function sharedMoto(): AwsAccess {
  return rig().moto;
}

/** No two files that run at the same time have the same `VITEST_POOL_ID`, which counts from 1. */
function rig(): Rig {
  const slot = Number(process.env['VITEST_POOL_ID']);
  const found = inject('rigs')[slot - 1];
  if (found === undefined) {
    throw new Error(`no rig for worker slot ${slot}`);
  }
  return found;
}
