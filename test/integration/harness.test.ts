/** The harness itself, on real parts: what the other tests rely on. */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BatchGetSecretValueCommand,
  CreateSecretCommand,
  GetSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AwsAccess, secretsManagerAt } from '../harness/aws-endpoint.ts';
import type { ClusterClient } from '../harness/cluster-client.ts';
import { type ControlPlane, startControlPlane } from '../harness/control-plane.ts';
import { createIamRole, createIamUser } from '../harness/iam.ts';
import { freshNamespace } from '../harness/namespace.ts';
import { startOperator } from '../harness/operator-process.ts';
import { isRunning, processIdentity } from '../harness/process-identity.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../harness/reaper.ts';
import { countWrites, requestsBetween } from '../harness/request-counts.ts';
import { sharedCluster, sharedMinistack, sharedMoto } from '../harness/shared.ts';
import { until } from '../harness/until.ts';

const WIDGETS = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.harness.keyturn.dev}
spec:
  group: harness.keyturn.dev
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object}}
`;

let scratch: TemporaryDirectory;
beforeAll(() => {
  scratch = temporaryDirectory('harness-test');
});
afterAll(() => scratch.remove());

describe('the shared control plane', () => {
  let cluster: ClusterClient;
  let namespace: string;
  beforeAll(async () => {
    cluster = sharedCluster();
    namespace = (await freshNamespace(cluster, 'harness')).name;
  });
  afterAll(() => cluster.close());

  const secretsPath = () => `/api/v1/namespaces/${namespace}/secrets`;
  const newSecret = (name: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name } });

  it('answers, and kubectl sees what a request wrote', async () => {
    expect(await cluster.request('POST', secretsPath(), newSecret('one'))).toMatchObject({ status: 201 });
    expect(await cluster.kubectl(['get', 'secret', 'one', '-n', namespace, '-o', 'name'])).toEqual({
      stdout: 'secret/one\n',
      stderr: '',
      exitCode: 0,
    });
    expect(await cluster.kubectl(['get', 'secret', 'none', '-n', namespace])).toMatchObject({ exitCode: 1 });
  });

  it('applies a manifest, and says why it does not apply one', async () => {
    await cluster.apply(`{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: ${namespace}}}`);
    expect(await cluster.request('GET', `/api/v1/namespaces/${namespace}/configmaps/a`)).toMatchObject({ status: 200 });
    await expect(cluster.apply('{apiVersion: v1, kind: Nothing, metadata: {name: a}}')).rejects.toThrow(/Nothing/);
  });

  it('counts the writes between two snapshots, and not the reads', async () => {
    // Nobody else writes this resource; one in a namespace would be deleted with each namespace of an earlier test.
    const path = '/apis/node.k8s.io/v1/runtimeclasses';
    const name = namespace;
    const before = await cluster.metrics();
    await cluster.request('GET', path);
    const body = { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name }, handler: 'none' };
    expect(await cluster.request('POST', path, body)).toMatchObject({ status: 201 });
    expect(await cluster.request('DELETE', `${path}/${name}`)).toMatchObject({ status: 200 });
    await until(
      'two writes to be counted',
      async () => countWrites(requestsBetween(before, await cluster.metrics()), 'runtimeclasses'),
      5_000,
      (writes) => writes === 2,
    );
  });

  it('limits a ServiceAccount to what RBAC gives it', async () => {
    const kubeconfigPath = await cluster.kubeconfigFor({ namespace, serviceAccount: 'limited' });
    expect(statSync(kubeconfigPath).mode & 0o777).toBe(0o600);
    const asLimited = (args: readonly string[]) => cluster.kubectl(args, { kubeconfigPath });
    expect(await asLimited(['get', 'secrets'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(
        `User "system:serviceaccount:${namespace}:limited" cannot list resource "secrets"`,
      ),
    });
    await cluster.kubectl(['create', 'role', 'read', '--verb=list', '--resource=secrets', '-n', namespace]);
    const binding = ['create', 'rolebinding', 'read', '--role=read', `--serviceaccount=${namespace}:limited`];
    expect(await cluster.kubectl([...binding, '-n', namespace])).toMatchObject({ exitCode: 0 });
    await until(
      'the role to count',
      () => asLimited(['get', 'secrets']),
      5_000,
      ({ exitCode }) => exitCode === 0,
    );
    expect(await asLimited(['delete', 'secret', 'one'])).toMatchObject({ exitCode: 1 });
  });
});

describe('a control plane of its own', () => {
  let cluster: ControlPlane;
  beforeAll(async () => {
    const path = join(scratch.path, 'widgets.yaml');
    writeFileSync(path, WIDGETS);
    cluster = await startControlPlane({ crdPaths: [path] });
  });
  afterAll(() => cluster?.stop());

  it('keeps its port and its data when the API server is killed and started again', async () => {
    await cluster.apply('{apiVersion: v1, kind: ConfigMap, metadata: {name: kept, namespace: default}}');
    const get = () => cluster.request('GET', '/api/v1/namespaces/default/configmaps/kept');
    const before = await get();
    await cluster.stopApiServer();
    await expect(get()).rejects.toThrow(/ECONNREFUSED/);
    await cluster.startApiServer();
    expect(await get()).toEqual(before);
  });

  it('collects a Secret soon after its owner, an object of a CRD, was deleted', async () => {
    const widgets = '/apis/harness.keyturn.dev/v1/namespaces/default/widgets';
    const owner = { apiVersion: 'harness.keyturn.dev/v1', kind: 'Widget', metadata: { name: 'owner' } };
    const made = await cluster.request('POST', widgets, owner);
    const uid = (made.body as { metadata: { uid: string } }).metadata.uid;
    const ownerReferences = [{ apiVersion: owner.apiVersion, kind: owner.kind, name: 'owner', uid }];
    const owned = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'owned', ownerReferences } };
    await cluster.request('POST', '/api/v1/namespaces/default/secrets', owned);
    await cluster.request('DELETE', `${widgets}/owner`);
    const get = () => cluster.request('GET', '/api/v1/namespaces/default/secrets/owned');
    await until('the Secret to be gone', get, 10_000, ({ status }) => status === 404);
  });
});

describe('the AWS stand-ins', () => {
  const secretId = 'harness/first';

  it.each([
    ['ministack', sharedMinistack],
    ['moto', sharedMoto],
  ])('%s stores a secret and reads it back, alone and in a batch', async (_name, endpoint) => {
    const client = secretsManagerAt(endpoint());
    await client.send(new CreateSecretCommand({ Name: secretId, SecretString: 'not-a-secret' }));
    const alone = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    expect(alone).toMatchObject({ Name: secretId, SecretString: 'not-a-secret', VersionStages: ['AWSCURRENT'] });
    const batch = await client.send(new BatchGetSecretValueCommand({ SecretIdList: [secretId] }));
    expect(batch.SecretValues).toMatchObject([{ VersionId: alone.VersionId }]);
    client.destroy();
  });

  const readAs = async (aws: AwsAccess, accessKey: AwsAccess['credentials'], id: string) => {
    const client = secretsManagerAt(aws, accessKey);
    return await client.send(new GetSecretValueCommand({ SecretId: id })).finally(() => client.destroy());
  };

  it('ministack lets a user read what its policy allows, and denies the rest with the missing permission', async () => {
    const aws = sharedMinistack();
    const admin = secretsManagerAt(aws);
    for (const name of ['harness/allowed', 'harness/other']) {
      await admin.send(new CreateSecretCommand({ Name: name, SecretString: 'not-a-secret' }));
    }
    admin.destroy();
    const resource = `arn:aws:secretsmanager:${aws.region}:${aws.account}:secret:harness/allowed-*`;
    const user = await createIamUser(aws, [
      { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: resource },
    ]);
    expect(await readAs(aws, user.credentials, 'harness/allowed')).toMatchObject({ SecretString: 'not-a-secret' });
    await expect(readAs(aws, user.credentials, 'harness/other')).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`${user.arn} is not authorized to perform: secretsmanager:GetSecretValue`),
    });
  });

  it('ministack does not know an access key that it did not give', async () => {
    const stranger = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'not-a-secret' };
    await expect(readAs(sharedMinistack(), stranger, secretId)).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
  });

  it('ministack makes roles', async () => {
    const aws = sharedMinistack();
    const everyone = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: '*' } } as const;
    const role = await createIamRole(aws, [everyone], []);
    expect(role.arn).toBe(`arn:aws:iam::${aws.account}:role/${role.name}`);
  });
});

describe('the reaper', () => {
  it('ends a control plane and removes its directory when the process that started it is killed', async () => {
    const harness = JSON.stringify(new URL('../harness/control-plane.ts', import.meta.url).href);
    const script = join(scratch.path, 'starts-and-waits.ts');
    writeFileSync(
      script,
      `import { startControlPlane } from ${harness};
       const { access } = await startControlPlane({ controllerManager: false });
       console.log(access.directory);
       setInterval(() => undefined, 60_000);`,
    );
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [printed] = await once(child.stdout, 'data');
    const directory = String(printed).trim();
    const pids = () =>
      execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
        .split('\n')
        .filter((line) => line.includes(directory) && !line.includes('<defunct>'))
        .map((line) => Number.parseInt(line, 10));
    expect(pids()).toHaveLength(2);
    child.kill('SIGKILL');
    await until('both processes to end', () => pids().length === 0, 5_000);
    await until('the directory to go', () => !existsSync(directory), 5_000);
  });

  it('knows a process from another with the same pid', () => {
    const identity = processIdentity(process.pid) ?? '';
    expect(isRunning(process.pid, identity)).toBe(true);
    expect(isRunning(process.pid, `${identity}0`)).toBe(false);
    expect(processIdentity(2 ** 30)).toBeUndefined();
  });
});

describe('an operator process', () => {
  const start = (script: string, env: Record<string, string> = {}) => {
    const path = join(scratch.path, 'operator.mjs');
    writeFileSync(path, script);
    return startOperator({ kubeconfigPath: '/nonexistent', env, command: [process.execPath, path] });
  };

  it('sees nothing of the environment of the tests, tells where it listens, and stops when asked', async () => {
    process.env['AWS_PROFILE'] = 'of-the-developer';
    const operator = await start(
      `process.on('SIGTERM', () => process.exit(3));
       console.log(JSON.stringify({ msg: 'env', names: Object.keys(process.env) }));
       console.log(JSON.stringify({ msg: 'listening', server: 'health', url: 'http://127.0.0.1:1' }));
       console.log('not json');
       setInterval(() => undefined, 60_000);`,
      { AWS_REGION: 'us-east-1' },
    ).finally(() => delete process.env['AWS_PROFILE']);
    const { names } = await operator.waitForLog(({ msg }) => msg === 'env', 10_000);
    expect(names).toEqual(expect.arrayContaining(['AWS_EC2_METADATA_DISABLED', 'AWS_REGION', 'KUBECONFIG']));
    expect(names).not.toContain('AWS_PROFILE');
    expect(await operator.healthUrl()).toBe('http://127.0.0.1:1');
    expect(await operator.rssBytes()).toBeGreaterThan(10_000_000);
    expect(await operator.stop()).toMatchObject({ code: 3 });
    await expect(operator.waitForLog(() => false, 1_000)).rejects.toThrow(/ended before[\s\S]*not json/);
  });

  it('is killed without being asked', async () => {
    const operator = await start('setInterval(() => undefined, 60_000)');
    expect(await operator.kill()).toMatchObject({ code: null });
    expect(operator.hasExited).toBe(true);
  });
});

describe('until', () => {
  it('returns what it waited for', async () => {
    const looks: number[] = [];
    expect(await until('three looks', () => looks.push(0) === 3 && 'seen', 1_000)).toBe('seen');
  });

  it('says what was awaited and what was seen last', async () => {
    const never = until(
      'a miracle',
      () => ({ status: 'same' }),
      100,
      () => false,
    );
    await expect(never).rejects.toThrow('waited 100 ms for a miracle; last seen: {"status":"same"}');
    const throwing = () => {
      throw new Error('not yet');
    };
    await expect(until('a miracle', throwing, 100)).rejects.toThrow('last seen: not yet');
    const hanging = () => new Promise<boolean>(() => undefined);
    await expect(until('a miracle', hanging, 100)).rejects.toThrow(/the last look did not end/);
  });
});
