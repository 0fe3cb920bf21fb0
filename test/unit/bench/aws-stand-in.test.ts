/** The bench's AWS, asked by the real SDK: what it answers decides what the bench's figures mean. */

import {
  BatchGetSecretValueCommand,
  GetSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, describe, expect, it } from 'vitest';
import { QUEUE_PATH } from '../../../bench/aws/queue-operations.ts';
import { secretFields } from '../../../bench/aws/secrets.ts';
import { type StandInServer, startStandIn } from '../../../bench/aws/server.ts';
import { decodeRotationEvent } from '../../../src/rotation/rotation-event.ts';
import { secretsManagerAt } from '../../harness/aws-endpoint.ts';

const CREDENTIALS = { accessKeyId: 'AKIABENCHBENCHBENCH0', secretAccessKey: 'not-a-real-key' };
const ends: (() => unknown)[] = [];

interface World {
  readonly server: StandInServer;
  readonly client: SecretsManagerClient;
  control(path: string): Promise<unknown>;
  /** Rotates a secret, with a message in the queue when `tell` is true. */
  rotate(name: string, tell: boolean): Promise<unknown>;
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
  const ask = async (path: string, body?: string): Promise<unknown> => {
    const reply = await fetch(`${server.url}/_bench/${path}`, body === undefined ? {} : { method: 'POST', body });
    return reply.json();
  };
  return {
    server,
    client,
    control: (path) => ask(path),
    rotate: (name, tell) => ask(`rotate?tell=${tell}`, JSON.stringify([name])),
  };
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

  it('has a newer version and another value after a rotation', async () => {
    const { client, control, rotate } = await world();
    expect(await rotate('bench/7', false)).toEqual({ rotated: 1 });
    expect(await control('queue')).toMatchObject({ sent: 0 });
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
    readBeforeMessage: 0,
  });
  await client.send(new GetSecretValueCommand({ SecretId: 'bench/2' }));
  await client.send(new GetSecretValueCommand({ SecretId: 'bench/2' }));
  expect(await control('distinct?since=2')).toEqual({ distinct: 1 });
  expect(await control('distinct?since=0')).toEqual({ distinct: 2 });
  expect(await control('times?name=bench/2')).toEqual({ times: 3 });
  expect(await control(`counts?caller=${CREDENTIALS.accessKeyId}`)).toEqual(await control('counts'));
  expect(await control('counts?caller=AKIASOMEBODYELSE0000')).toMatchObject({ operations: {} });
});

describe('the queue', () => {
  async function queueWorld() {
    const stand = await world();
    const sqs = new SQSClient({ endpoint: stand.server.url, region: 'us-east-1', credentials: CREDENTIALS });
    ends.push(() => sqs.destroy());
    const QueueUrl = `${stand.server.url}${QUEUE_PATH}`;
    const receive = async () => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          MessageSystemAttributeNames: ['ApproximateReceiveCount'],
        }),
      );
      return Messages;
    };
    return { ...stand, sqs, QueueUrl, receive };
  }

  it('tells of a rotation with an event that the operator understands', async () => {
    const { rotate, receive } = await queueWorld();
    await rotate('bench/7', true);
    const [message] = await receive();
    expect(message?.Attributes).toEqual({ ApproximateReceiveCount: '1' });
    expect(decodeRotationEvent(message?.Body ?? '')).toMatchObject({
      kind: 'event',
      event: {
        kind: 'moved',
        secret: {
          arn: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:bench/7-AbCdEf',
          names: ['bench/7'],
          account: '123456789012',
          region: 'us-east-1',
        },
        moves: expect.arrayContaining([{ stage: 'AWSCURRENT', versionId: '00000000-0000-4000-8000-000000000002' }]),
      },
    });
  });

  it('gives a message back and ends it, entry by entry', async () => {
    const { rotate, receive, sqs, QueueUrl, control } = await queueWorld();
    await rotate('bench/7', true);
    const [first] = await receive();
    const entries = (...receipts: readonly (string | undefined)[]) =>
      receipts.map((ReceiptHandle, at) => ({ Id: String(at), ReceiptHandle, VisibilityTimeout: 0 }));
    const hidden = await sqs.send(
      new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries: entries(first?.ReceiptHandle, 'none') }),
    );
    expect(hidden.Successful).toEqual([{ Id: '0' }]);
    expect(hidden.Failed).toMatchObject([{ Id: '1', Code: 'MessageNotInflight' }]);
    const [again] = await receive();
    expect(again?.Attributes).toEqual({ ApproximateReceiveCount: '2' });
    const deleted = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: entries(again?.ReceiptHandle) }));
    expect(deleted.Successful).toEqual([{ Id: '0' }]);
    expect(await control('queue')).toEqual({ sent: 1, deleted: 1, visible: 0, hidden: 0, reappeared: 1 });
  });

  it('counts a secret that is read before the message of its rotation is received, and only such a one', async () => {
    const { rotate, receive, client, control } = await queueWorld();
    const read = () => client.send(new GetSecretValueCommand({ SecretId: 'bench/7' }));
    await rotate('bench/7', true);
    await receive();
    await read();
    expect(await control('counts')).toMatchObject({ readBeforeMessage: 0 });
    await rotate('bench/7', true);
    await read();
    await read();
    await receive();
    expect(await control('counts')).toMatchObject({ readBeforeMessage: 1 });
  });

  it('is at one address only', async () => {
    const { sqs, server } = await queueWorld();
    const QueueUrl = `${server.url}/123456789012/another`;
    await expect(sqs.send(new ReceiveMessageCommand({ QueueUrl }))).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
    });
  });
});
