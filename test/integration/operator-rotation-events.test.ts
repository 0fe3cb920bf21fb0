/**
 * A rotation by event, the whole way on real parts: a secret changes at AWS, EventBridge's rule matches, the queue has
 * the message, the operator reads it and writes the Secrets. The sweep looks once an hour only, so that nothing here is
 * its doing. The stack is made from deploy/aws.
 */

import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { DeleteSecretCommand, UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VISIBILITY_SECONDS } from '../../src/ports/rotation-queue.ts';
import { createStack, type Stack } from '../harness/cloudformation.ts';
import type { Rule } from '../harness/fault-proxy.ts';
import { createIamUser, type PolicyStatement } from '../harness/iam.ts';
import type { LogLine } from '../harness/operator-process.ts';
import { sharedMinistack } from '../harness/shared.ts';
import { until } from '../harness/until.ts';
import { startWorld, type World } from './operator-world.ts';

const TEMPLATE = fileURLToPath(new URL('../../deploy/aws/rotation-events.cloudformation.yaml', import.meta.url));
/** ministack asks for these by name, where AWS takes the permissions of the single calls. */
const MINISTACK_ONLY = ['sqs:DeleteMessageBatch', 'sqs:ChangeMessageVisibilityBatch'];
const SOON_MS = 5_000;
const USERS = 40;

const aws = sharedMinistack();
const name = `keyturn-events-${randomUUID().slice(0, 8)}`;
const sqs = new SQSClient({ region: aws.region, endpoint: aws.url, credentials: aws.credentials });
let stack: Stack;
let world: World;
let namespace: string;

function output(key: string): string {
  return stack.outputs[key] ?? `no output ${key}`;
}

async function messagesIn(queueUrl: string): Promise<number> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...names] }),
  );
  return names.reduce((sum, attribute) => sum + Number(Attributes[attribute] ?? 0), 0);
}

async function queueIsEmpty(withinMs = SOON_MS): Promise<void> {
  await until('every message to be acknowledged', async () => (await messagesIn(output('QueueUrl'))) === 0, withinMs);
}

async function follow(secret: string, ...users: readonly string[]): Promise<void> {
  const data = [{ secretKey: 'value', remoteRef: { key: secret } }];
  await Promise.all(users.map((user) => world.externalSecret(namespace, user, { data })));
  await Promise.all(users.map((user) => world.expectReady(namespace, user)));
}

/** Until the rule is removed. */
function failReads(): Rule {
  return world.awsProxy.fail(({ headers }) => String(headers['x-amz-target']).endsWith('GetSecretValue'), {
    kind: 'reply',
    status: 503,
    body: 'down',
  });
}

async function has(user: string, value: string): Promise<boolean> {
  return (await world.secretData(namespace, user))?.['value'] === value;
}

beforeAll(async () => {
  stack = await createStack(aws, name, TEMPLATE, { Name: name, MaxReceiveCount: '2' });
  const statement: PolicyStatement = JSON.parse(output('OperatorPolicyStatement'));
  const { credentials } = await createIamUser(aws, [statement, { ...statement, Action: MINISTACK_ONLY }]);
  world = await startWorld({
    args: ['--rotation-queue-url', output('QueueUrl')],
    env: {
      AWS_REGION: aws.region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    throughAwsProxy: true,
  });
  namespace = await world.namespace('events');
  await world.store(namespace);
});

afterAll(async () => {
  expect(await world.leaks()).toEqual([]);
  await world.stop();
  await stack.delete();
  sqs.destroy();
});

describe('a rotation by event', () => {
  it('reaches the Secret within a second, and the message is acknowledged', async () => {
    const { name: secret } = await world.putSecret(world.canary());
    await follow(secret, 'one');
    const value = world.canary();
    await world.putSecret(value, secret);
    await until('the rotation to arrive', () => has('one', value), 1_000);
    await queueIsEmpty();
  });

  it('that moves AWSCURRENT back is followed at once, since the event says so', async () => {
    const first = world.canary();
    const { name: secret, versionId: old } = await world.putSecret(first);
    const second = world.canary();
    await follow(secret, 'back');
    const { versionId: now } = await world.putSecret(second, secret);
    await until('the rotation to arrive', () => has('back', second), SOON_MS);
    await world.secretsManager.send(
      new UpdateSecretVersionStageCommand({
        SecretId: secret,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: old,
        RemoveFromVersionId: now,
      }),
    );
    await until('the rollback to arrive', () => has('back', first), 1_500);
    await queueIsEmpty();
  });

  it(`of a secret that ${USERS} use is read once and written ${USERS} times`, async () => {
    const { name: secret } = await world.putSecret(world.canary());
    const users = Array.from({ length: USERS }, (_, at) => `many-${at}`);
    await follow(secret, ...users);
    const readsBefore = world.awsProxy.requests.filter(({ target }) => target?.endsWith('GetSecretValue')).length;
    const value = world.canary();
    await world.putSecret(value, secret);
    await until(
      'the rotation to arrive everywhere',
      async () => (await Promise.all(users.map((user) => has(user, value)))).every(Boolean),
      SOON_MS,
    );
    const reads = world.awsProxy.requests.filter(({ target }) => target?.endsWith('GetSecretValue')).length;
    expect(reads - readsBefore).toBe(1);
    await queueIsEmpty();
  });

  it('while the secret cannot be read is acknowledged only when it was written', async () => {
    const { name: secret } = await world.putSecret(world.canary());
    await follow(secret, 'late');
    const rule = failReads();
    const value = world.canary();
    await world.putSecret(value, secret);
    await until('the read to fail', () => rule.hits > 2, SOON_MS);
    expect(await messagesIn(output('QueueUrl'))).toBe(1);
    rule.remove();
    await until('the rotation to arrive', () => has('late', value), 15_000);
    await queueIsEmpty();
  });

  it('that is not written when the operator stops is given back to the queue, and written by the next one', async () => {
    const { name: secret } = await world.putSecret(world.canary());
    await follow(secret, 'handed-on');
    const rule = failReads();
    const value = world.canary();
    await world.putSecret(value, secret);
    const isRetry = ({ msg, key, error }: LogLine) =>
      msg === 'will retry' && key === `${namespace}/handed-on` && String(error).includes('503');
    await world.operator.waitForLog(isRetry, 15_000);
    await world.operator.stop();
    expect(await messagesIn(output('QueueUrl'))).toBe(1);
    rule.remove();
    await world.restartOperator('kill');
    await until('the rotation to arrive', () => has('handed-on', value), SOON_MS);
    // ministack gives a message to a poll that was cut off, and then hides it for its time.
    await queueIsEmpty(2 * VISIBILITY_SECONDS * 1_000);
  }, 120_000);

  it('of a deletion is told at once', async () => {
    const { name: secret } = await world.putSecret(world.canary());
    await follow(secret, 'gone');
    const { ARN } = await world.secretsManager.send(
      new DeleteSecretCommand({ SecretId: secret, RecoveryWindowInDays: 7 }),
    );
    // ministack has no CloudTrail events: the message that AWS would send is put into the queue by hand.
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: output('QueueUrl'),
        MessageBody: JSON.stringify({
          version: '0',
          id: randomUUID(),
          'detail-type': 'AWS API Call via CloudTrail',
          source: 'aws.secretsmanager',
          account: aws.account,
          region: aws.region,
          time: new Date().toISOString(),
          resources: [],
          detail: {
            eventName: 'DeleteSecret',
            eventTime: new Date().toISOString(),
            requestParameters: { secretId: secret },
            responseElements: { arn: ARN },
          },
        }),
      }),
    );
    await world.expectNotReady(namespace, 'gone', /scheduled for deletion/);
    await queueIsEmpty();
  });

  it('that nobody follows is acknowledged, and what is no event is left to the dead-letter queue', async () => {
    await world.putSecret(world.canary());
    await queueIsEmpty();
    await sqs.send(new SendMessageCommand({ QueueUrl: output('QueueUrl'), MessageBody: 'not an event' }));
    await world.operator.waitForLog(({ msg }) => msg === 'a message of the rotation queue cannot be read', SOON_MS);
    expect(await messagesIn(output('QueueUrl'))).toBe(1);
    const { name: secret } = await world.putSecret(world.canary());
    await follow(secret, 'after');
    const value = world.canary();
    await world.putSecret(value, secret);
    await until('a rotation behind it to arrive', () => has('after', value), SOON_MS);
  });
});
