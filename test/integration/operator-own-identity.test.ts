/**
 * The operator's own credentials, which a ClusterSecretStore without `auth` reads with, as its pod has them: EKS Pod Identity,
 * IRSA, and the metadata service of the node. The built operator finds each by the variables that a pod has.
 */

import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createIamRole, type IamRole, type PolicyStatement, trustingServiceAccount } from '../harness/iam.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../harness/reaper.ts';
import { sharedCluster, sharedMinistack } from '../harness/shared.ts';
import { until } from '../harness/until.ts';
import { at } from './cluster-objects.ts';
import { startWorld, type World } from './operator-world.ts';
import { bugsLoggedBy } from './proxied-world.ts';

const MAY_READ: PolicyStatement = { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: '*' };
/** The SDK asks for other credentials five minutes before the end. */
const RENEWED_BEFORE_MS = 5 * 60_000;
const SOON_MS = 20_000;

const aws = sharedMinistack();
/** What an agent gives: a session of a role. */
let role: IamRole;
let session: Readonly<Record<string, unknown>>;
let directory: TemporaryDirectory;
let store: string;
let agent: Agent;

beforeAll(async () => {
  const trust: PolicyStatement = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: '*' } };
  role = await createIamRole(aws, [trust], [MAY_READ]);
  const sts = new STSClient({ endpoint: aws.url, region: aws.region, credentials: aws.credentials });
  const asked = new AssumeRoleCommand({ RoleArn: role.arn, RoleSessionName: 'pod' });
  session = { ...(await sts.send(asked)).Credentials };
  sts.destroy();
});
beforeEach(async () => {
  directory = temporaryDirectory('own-identity');
  agent = await startAgent();
});
afterEach(async () => {
  await agent.stop();
  directory.remove();
});

interface Agent {
  readonly url: string;
  /** Paths that were asked for, with what the caller showed. */
  readonly asked: readonly string[];
  /** How long what it gives is good for. */
  lastsMs: number;
  stop(): Promise<void>;
}

/** The agent of EKS Pod Identity, and the metadata service of a node (IMDSv2), as far as credentials go. */
async function startAgent(): Promise<Agent> {
  const asked: string[] = [];
  const server = createServer((request, response) => answer(request, response));
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const self = {
    url: `http://127.0.0.1:${port}`,
    asked,
    lastsMs: 3_600_000,
    async stop() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
  function answer({ method, url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const shown = headers.authorization ?? headers['x-aws-ec2-metadata-token'] ?? '';
    asked.push(`${method} ${url} ${String(shown)}`);
    if (url === '/latest/api/token') response.end('metadata-token');
    else if (url === '/latest/meta-data/iam/security-credentials/') response.end('node-role');
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(credentials()));
  }
  function credentials(): object {
    const { AccessKeyId, SecretAccessKey, SessionToken: Token } = session;
    const Expiration = new Date(Date.now() + self.lastsMs).toISOString();
    return { Code: 'Success', AccessKeyId, SecretAccessKey, Token, Expiration };
  }
  return self;
}

/** Runs with an operator of these variables, and a ClusterSecretStore that reads with whatever it finds. */
async function withOperator(
  env: Readonly<Record<string, string>>,
  act: (world: World, namespace: string) => Promise<void>,
): Promise<void> {
  const world = await startWorld({ env, cluster: sharedCluster() });
  store = world.uniqueName('own');
  try {
    const spec = { provider: { aws: { service: 'SecretsManager', region: aws.region } } };
    await world.objects.apply('ClusterSecretStore', '', store, { spec });
    await act(world, await world.namespace('own'));
    expect(bugsLoggedBy(world.operator)).toEqual([]);
    expect(await world.leaks()).toEqual([]);
  } finally {
    await world.objects.remove('ClusterSecretStore', '', store);
    await world.stop();
    await world.cluster.close();
  }
}

/** Syncs a value, and what it is rotated to. */
async function expectReading(world: World, namespace: string): Promise<string> {
  const [first, second] = [world.canary(), world.canary()];
  const { name: key } = await world.putSecret(first);
  await world.externalSecret(namespace, 'app', {
    refreshInterval: '1s',
    secretStoreRef: { name: store, kind: 'ClusterSecretStore' },
    data: [{ secretKey: 'k', remoteRef: { key } }],
  });
  await world.expectData(namespace, 'app', { k: first });
  await world.putSecret(second, key);
  await world.expectData(namespace, 'app', { k: second });
  const shown = await world.objects.get('ClusterSecretStore', '', store);
  return String(at(shown, 'status', 'conditions', 0, 'message'));
}

describe('a store that reads as the operator', () => {
  it('has the credentials of EKS Pod Identity, and shows the agent the token that is there when they are renewed', async () => {
    const token = join(directory.path, 'token');
    writeFileSync(token, 'first-token');
    agent.lastsMs = RENEWED_BEFORE_MS + 2_000;
    const env = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${agent.url}/v1/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: token,
    };
    await withOperator(env, async (world, namespace) => {
      expect(await expectReading(world, namespace)).toContain(`assumed-role/${role.name}`);
      agent.lastsMs = 3_600_000;
      writeFileSync(token, 'second-token');
      await until('the credentials to be renewed', async () => agent.asked.length > 1, SOON_MS);
      expect(await expectReading(world, namespace)).toContain(`assumed-role/${role.name}`);
      expect(agent.asked).toEqual(['GET /v1/credentials first-token', 'GET /v1/credentials second-token']);
    });
  });

  it('has the role of its ServiceAccount (IRSA)', async () => {
    const cluster = sharedCluster();
    await cluster.applyPath(new URL('../../deploy/rbac.yaml', import.meta.url).pathname);
    const path = '/api/v1/namespaces/keyturn/serviceaccounts/keyturn/token';
    const spec = { audiences: ['sts.amazonaws.com'] };
    const kind = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest' };
    const { body } = await cluster.request('POST', path, { ...kind, spec });
    await cluster.close();
    const token = join(directory.path, 'token');
    writeFileSync(token, String(at(body, 'status', 'token')));
    const own = await createIamRole(aws, [trustingServiceAccount(aws, 'keyturn:keyturn')], [MAY_READ]);
    const env = { AWS_ROLE_ARN: own.arn, AWS_WEB_IDENTITY_TOKEN_FILE: token, AWS_REGION: aws.region };
    await withOperator(env, async (world, namespace) => {
      expect(await expectReading(world, namespace)).toContain(`assumed-role/${own.name}`);
    });
  });

  it('has the role of its node where there is nothing else (IMDS), asked for once', async () => {
    const env = { AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: agent.url };
    await withOperator(env, async (world, namespace) => {
      expect(await expectReading(world, namespace)).toContain(`assumed-role/${role.name}`);
      expect(agent.asked).toEqual([
        'PUT /latest/api/token ',
        'GET /latest/meta-data/iam/security-credentials/ metadata-token',
        'GET /latest/meta-data/iam/security-credentials/node-role metadata-token',
      ]);
    });
  });
});
