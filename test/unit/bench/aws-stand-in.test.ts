/** The bench's AWS, asked by the real SDK: what it answers decides what the bench's figures mean. */

import {
  BatchGetSecretValueCommand,
  GetSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, describe, expect, it } from 'vitest';
import { secretFields } from '../../../bench/aws/secrets.ts';
import { type StandInServer, startStandIn } from '../../../bench/aws/server.ts';
import { secretsManagerAt } from '../../harness/aws-endpoint.ts';

const CREDENTIALS = { accessKeyId: 'AKIABENCHBENCHBENCH0', secretAccessKey: 'not-a-real-key' };
const ends: (() => unknown)[] = [];

interface World {
  readonly server: StandInServer;
  readonly client: SecretsManagerClient;
  control(path: string): Promise<unknown>;
}

async function world(options: { readonly latencyMs?: number; readonly denyBatch?: boolean } = {}): Promise<World> {
  const server = await startStandIn({ secrets: 30, latencyMs: 0, denyBatch: false, ...options });
  const client = secretsManagerAt({
    url: server.url,
    region: 'us-east-1',
    account: '123456789012',
    credentials: CREDENTIALS,
  });
  ends.push(
    () => client.destroy(),
    () => server.close(),
  );
  return { server, client, control: async (path) => (await fetch(`${server.url}/_bench/${path}`)).json() };
}

function batch(client: SecretsManagerClient, ids: readonly string[]) {
  return client.send(new BatchGetSecretValueCommand({ SecretIdList: [...ids] }));
}

const names = (count: number) => Array.from({ length: count }, (_, number) => `bench/${number}`);

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

describe('a secret of the stand-in', () => {
  it('is a JSON of 1 KiB with a version and a date, by name and by ARN', async () => {
    const { client } = await world();
    const byName = await client.send(new GetSecretValueCommand({ SecretId: 'bench/7' }));
    expect(byName).toMatchObject({
      ARN: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:bench/7-AbCdEf',
      Name: 'bench/7',
      VersionId: '00000000-0000-4000-8000-000000000001',
      VersionStages: ['AWSCURRENT'],
      SecretString: JSON.stringify(secretFields('bench/7', 1)),
      CreatedDate: new Date('2024-01-01T00:00:00.007Z'),
    });
    expect(byName.SecretString).toHaveLength(1_024);
    const byArn = await client.send(new GetSecretValueCommand({ SecretId: byName.ARN }));
    expect(byArn.SecretString).toBe(byName.SecretString);
  });

  it('has a newer version and another value after a put', async () => {
    const { client, control } = await world();
    expect(await control('put?name=bench/7')).toEqual({ version: 2 });
    const reply = await client.send(new GetSecretValueCommand({ SecretId: 'bench/7' }));
    expect(reply.SecretString).toBe(JSON.stringify(secretFields('bench/7', 2)));
    expect(reply.VersionId).toBe('00000000-0000-4000-8000-000000000002');
    expect(reply.CreatedDate?.getTime()).toBeGreaterThan(Date.now() - 60_000);
  });
});

describe('a batch', () => {
  it('holds the values of those that are there, and an error for each that is not', async () => {
    const { client } = await world();
    const { SecretValues, Errors } = await batch(client, ['bench/1', 'bench/none', 'bench/2']);
    expect(SecretValues?.map(({ Name }) => Name)).toEqual(['bench/1', 'bench/2']);
    expect(Errors).toEqual([
      expect.objectContaining({ SecretId: 'bench/none', ErrorCode: 'ResourceNotFoundException' }),
    ]);
  });

  it.each([
    ['a name that comes twice', ['bench/1', 'bench/1'], 'InvalidParameterException'],
    [
      'a name and the ARN of one secret',
      ['bench/1', 'arn:aws:secretsmanager:us-east-1:123456789012:secret:bench/1-AbCdEf'],
      'InvalidParameterException',
    ],
    ['more than twenty', names(21), 'ValidationException'],
    ['none', [], 'ValidationException'],
  ])('is refused for %s', async (_case, ids, code) => {
    const { client } = await world();
    await expect(batch(client, ids)).rejects.toMatchObject({ name: code });
  });

  it('is denied on demand, and allowed again', async () => {
    const { client, control } = await world({ denyBatch: true });
    await expect(batch(client, ['bench/1'])).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('secretsmanager:BatchGetSecretValue'),
    });
    await control('batch?allowed=true');
    expect((await batch(client, ['bench/1'])).SecretValues).toHaveLength(1);
  });
});

it('answers who the caller is, by the query protocol of STS', async () => {
  const { server } = await world();
  const sts = new STSClient({ endpoint: server.url, region: 'us-east-1', credentials: CREDENTIALS });
  ends.push(() => sts.destroy());
  expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
    Account: '123456789012',
    Arn: 'arn:aws:iam::123456789012:user/bench',
  });
});

it('takes its time for AWS calls and none for the bench', async () => {
  const { client, control } = await world({ latencyMs: 60 });
  const startedAtMs = performance.now();
  await control('counts');
  const controlledMs = performance.now() - startedAtMs;
  await client.send(new GetSecretValueCommand({ SecretId: 'bench/1' }));
  expect(performance.now() - startedAtMs - controlledMs).toBeGreaterThanOrEqual(59);
});

it('counts calls, answered secrets, and which different ones since a mark', async () => {
  const { client, control } = await world();
  await batch(client, ['bench/1', 'bench/2', 'bench/none']);
  expect(await control('counts')).toEqual({
    operations: { BatchGetSecretValue: { calls: 1, secrets: 2, throttled: 0, denied: 0 } },
    mark: 2,
  });
  await client.send(new GetSecretValueCommand({ SecretId: 'bench/2' }));
  await client.send(new GetSecretValueCommand({ SecretId: 'bench/2' }));
  expect(await control('distinct?since=2')).toEqual({ distinct: 1 });
  expect(await control('distinct?since=0')).toEqual({ distinct: 2 });
  expect(await control('times?name=bench/2')).toEqual({ times: 3 });
});
