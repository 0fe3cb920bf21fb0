/** A world whose operator talks to the API server and to AWS through fault proxies, and which requests are which. */

import { expect } from 'vitest';
import type { ClusterClient } from '../harness/cluster-client.ts';
import { type FaultProxy, inFrontOfApiServer, type Match, startFaultProxy } from '../harness/fault-proxy.ts';
import { createIamUser } from '../harness/iam.ts';
import type { LogLine, OperatorProcess } from '../harness/operator-process.ts';
import { sharedCluster } from '../harness/shared.ts';
import { startWorld, type World, type WorldOptions } from './operator-world.ts';

export interface ProxiedWorld {
  readonly world: World;
  readonly apiProxy: FaultProxy;
  readonly awsProxy: FaultProxy;
  stop(): Promise<void>;
}

export async function startProxiedWorld(
  options: Pick<WorldOptions, 'args' | 'env'> & { readonly cluster?: ClusterClient } = {},
): Promise<ProxiedWorld> {
  const cluster = options.cluster ?? sharedCluster();
  const apiProxy = await startFaultProxy(inFrontOfApiServer(cluster.access));
  const world = await startWorld({ ...options, cluster, apiServerUrl: apiProxy.url, throughAwsProxy: true });
  return {
    world,
    apiProxy,
    awsProxy: world.awsProxy,
    async stop() {
      await world.stop();
      await apiProxy.stop();
      if (options.cluster === undefined) {
        await cluster.close();
      }
    },
  };
}

/** A namespace with a store `aws` that has an AWS user of its own, so that its reads can be told from all others. */
export async function namespaceOfItsOwn(
  world: World,
  prefix: string,
): Promise<{ readonly namespace: string; readonly readsSecrets: Match }> {
  const namespace = await world.namespace(prefix);
  const { credentials } = await createIamUser(world.aws, [
    { Effect: 'Allow', Action: 'secretsmanager:*', Resource: '*' },
  ]);
  await world.store(namespace, { credentials });
  const readsSecrets: Match = ({ target, headers }) =>
    target.endsWith('GetSecretValue') && String(headers.authorization).includes(`=${credentials.accessKeyId}/`);
  return { namespace, readsSecrets };
}

/** How many requests of a kind came. */
export function countOf(proxy: FaultProxy, match: Match): number {
  return proxy.requests.filter((request) => match({ ...request, headers: {} })).length;
}

export function createsSecretIn(namespace: string): Match {
  return ({ method, path }) => method === 'POST' && path.startsWith(`/api/v1/namespaces/${namespace}/secrets?`);
}

export function patchesSecret(namespace: string, name: string): Match {
  const start = `/api/v1/namespaces/${namespace}/secrets/${name}?`;
  return ({ method, path }) => method === 'PATCH' && path.startsWith(start);
}

export function patchesStatus(namespace: string, name: string): Match {
  const start = `/apis/external-secrets.io/v1/namespaces/${namespace}/externalsecrets/${name}/status?`;
  return ({ method, path }) => method === 'PATCH' && path.startsWith(start);
}

/** What the operator logs when something went wrong that is nobody's doing but its own. */
export function bugsLoggedBy(operator: OperatorProcess): readonly LogLine[] {
  return operator.logs().filter(({ level }) => level === 'error');
}

/** At the end of a file: nothing went wrong that is the operator's own doing, and no value is where it does not belong. */
export async function endFaultless(world: World): Promise<void> {
  expect(bugsLoggedBy(world.operator)).toEqual([]);
  expect(await world.leaks()).toEqual([]);
  await world.stop();
}
