/**
 * The whole way at AWS: a secret changes, EventBridge's rule matches, the queue has the message, the adapter and the
 * decoder read it. The stack is made from deploy/aws.
 *
 * Where ministack differs from AWS, as far as this touches it: EventBridge delivers without asking the queue's policy,
 * batches of SQS are permissions of their own, and there are no CloudTrail events; their pattern is tried with
 * TestEventPattern.
 */

import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { DescribeRuleCommand, EventBridgeClient, TestEventPatternCommand } from '@aws-sdk/client-eventbridge';
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSqsRotationQueue, type SqsRotationQueue } from '../../src/aws/rotation-queue.ts';
import { systemClock } from '../../src/loop/system-clock.ts';
import { AccessDenied, InvalidCredentials, RequestRejected } from '../../src/ports/errors.ts';
import type { QueueMessage } from '../../src/ports/rotation-queue.ts';
import { createEventConsumer } from '../../src/rotation/event-consumer.ts';
import { decodeRotationEvent, type RotationEvent } from '../../src/rotation/rotation-event.ts';
import { type AwsCredentials, secretsManagerAt } from '../harness/aws-endpoint.ts';
import { createStack, type Stack } from '../harness/cloudformation.ts';
import { createIamUser, type PolicyStatement } from '../harness/iam.ts';
import { sharedMinistack } from '../harness/shared.ts';
import { until } from '../harness/until.ts';
import { createRecordedLog } from '../unit/kube/records.ts';
import { FakeRotationTarget } from '../unit/rotation/fake-rotation-target.ts';
import { apiCall, deleteSecret, labelUpdated, restoreSecret, serviceEvent } from '../unit/rotation/sample-events.ts';
import { CountingMetrics } from './counting-metrics.ts';

const TEMPLATE = fileURLToPath(new URL('../../deploy/aws/rotation-events.cloudformation.yaml', import.meta.url));
const MAX_RECEIVE_COUNT = 3;
const MINISTACK_ONLY = ['sqs:DeleteMessageBatch', 'sqs:ChangeMessageVisibilityBatch'];
const NEVER = new AbortController().signal;

describe('the rotation queue at ministack', () => {
  const world = sharedMinistack();
  const name = `rotation-${randomUUID().slice(0, 8)}`;
  const admin = { region: world.region, endpoint: world.url, credentials: world.credentials };
  const secrets = secretsManagerAt(world);
  const sqs = new SQSClient(admin);
  const eventBridge = new EventBridgeClient(admin);
  let stack: Stack;
  let metrics: CountingMetrics;
  let queue: SqsRotationQueue;
  let operator: AwsCredentials;

  const output = (key: string) => stack.outputs[key] ?? `no output ${key}`;

  function open(credentials: AwsCredentials, queueUrl = output('QueueUrl')): SqsRotationQueue {
    const { region } = world;
    const provider = async () => credentials;
    return createSqsRotationQueue({ queueUrl, region, credentials: provider, env: {}, clock: systemClock, metrics });
  }

  async function createSecret(): Promise<{ readonly arn: string; readonly versionId: string; readonly name: string }> {
    const secretName = `team/${randomUUID()}`;
    const made = await secrets.send(new CreateSecretCommand({ Name: secretName, SecretString: 'fake-value-1' }));
    return { arn: made.ARN ?? '', versionId: made.VersionId ?? '', name: secretName };
  }

  /** Receives, and acknowledges, until an event fits. */
  async function nextEvent(accept: (event: RotationEvent) => boolean): Promise<RotationEvent> {
    for (let receives = 0; receives < 20; receives += 1) {
      for (const message of await queue.receive(AbortSignal.timeout(10_000))) {
        const decoded = decodeRotationEvent(message.body);
        expect(decoded.kind).toBe('event');
        expect(await queue.acknowledge([message], NEVER)).toEqual([]);
        if (decoded.kind === 'event' && accept(decoded.event)) return decoded.event;
      }
    }
    throw new Error('no such event came');
  }

  /** Puts a message into the queue and receives it. */
  async function sendAndReceive(body: string): Promise<QueueMessage> {
    await sqs.send(new SendMessageCommand({ QueueUrl: output('QueueUrl'), MessageBody: body }));
    const message = (await queue.receive(AbortSignal.timeout(10_000))).find((each) => each.body === body);
    if (message === undefined) throw new Error('the message did not come');
    return message;
  }

  beforeAll(async () => {
    stack = await createStack(world, name, TEMPLATE, { Name: name, MaxReceiveCount: String(MAX_RECEIVE_COUNT) });
    const statement: PolicyStatement = JSON.parse(output('OperatorPolicyStatement'));
    operator = (await createIamUser(world, [statement, { ...statement, Action: MINISTACK_ONLY }])).credentials;
    metrics = new CountingMetrics();
    queue = open(operator);
  });
  beforeEach(() => {
    metrics.awsCalls.length = 0;
  });
  afterAll(async () => {
    queue.close();
    secrets.destroy();
    sqs.destroy();
    eventBridge.destroy();
    await stack.delete();
  });

  describe('a secret that changes', () => {
    it('by PutSecretValue arrives with its ARN and its new version, and is gone when acknowledged', async () => {
      const { arn, name: secretName } = await createSecret();
      const put = await secrets.send(new PutSecretValueCommand({ SecretId: secretName, SecretString: 'fake-value-2' }));
      const event = await nextEvent(({ moves }) => moves[0]?.versionId === put.VersionId);
      expect(event).toMatchObject({
        kind: 'moved',
        secret: { arn, names: [secretName], account: world.account, region: world.region },
        moves: [
          { stage: 'AWSCURRENT', versionId: put.VersionId },
          { stage: 'AWSPREVIOUS', versionId: undefined },
        ],
      });
      expect(Math.abs((event.atMs ?? 0) - Date.now())).toBeLessThan(60_000);
      const left = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: output('QueueUrl'), AttributeNames: ['All'] }),
      );
      expect(left.Attributes).toMatchObject({ ApproximateNumberOfMessagesNotVisible: '0' });
    });

    it('by the flip of a rotation arrives when AWSCURRENT moves, not when AWSPENDING does', async () => {
      const { arn, versionId } = await createSecret();
      const pending = await secrets.send(
        new PutSecretValueCommand({ SecretId: arn, SecretString: 'fake-value-2', VersionStages: ['AWSPENDING'] }),
      );
      await secrets.send(
        new UpdateSecretVersionStageCommand({
          SecretId: arn,
          VersionStage: 'AWSCURRENT',
          MoveToVersionId: pending.VersionId,
          RemoveFromVersionId: versionId,
        }),
      );
      const seen: string[] = [];
      const event = await nextEvent(({ secret, moves }) => {
        if (secret.arn === arn) seen.push(...moves.map(({ stage }) => stage));
        return moves[0]?.versionId === pending.VersionId;
      });
      expect(event.secret.arn).toBe(arn);
      expect(seen).not.toContain('AWSPENDING');
    });
  });

  describe('a message', () => {
    it('that nobody can read ends in the dead-letter queue after so many deliveries', async () => {
      const body = `not an event ${randomUUID()}`;
      let message = await sendAndReceive(body);
      for (let receives = 1; receives < MAX_RECEIVE_COUNT; receives += 1) {
        expect(message.receiveCount).toBe(receives);
        expect(decodeRotationEvent(message.body).kind).toBe('malformed');
        expect(await queue.extend([message], 0, NEVER)).toEqual([]);
        [message = message] = await queue.receive(AbortSignal.timeout(10_000));
      }
      expect(message.receiveCount).toBe(MAX_RECEIVE_COUNT);
      await queue.extend([message], 0, NEVER);
      // A poll that is cut off could still be given messages, so this one does not wait.
      const more = await sqs.send(new ReceiveMessageCommand({ QueueUrl: output('QueueUrl'), WaitTimeSeconds: 0 }));
      expect(more.Messages).toBeUndefined();
      const dead = await sqs.send(new ReceiveMessageCommand({ QueueUrl: output('DeadLetterQueueUrl') }));
      expect(dead.Messages?.map((each) => each.Body)).toEqual([body]);
    });

    it('comes again with another receipt and the same id when it is given back', async () => {
      const first = await sendAndReceive(randomUUID());
      await queue.extend([first], 0, NEVER);
      const [second] = await queue.receive(AbortSignal.timeout(10_000));
      expect(second).toMatchObject({ id: first.id, body: first.body, receiveCount: 2 });
      expect(second?.receipt).not.toBe(first.receipt);
      expect(await queue.acknowledge(second === undefined ? [] : [second], NEVER)).toEqual([]);
    });

    it('that the queue does not know fails alone', async () => {
      const known = await sendAndReceive(randomUUID());
      const strange = { ...known, id: 'strange', receipt: 'not-a-receipt' };
      expect(await queue.extend([strange, known], 60, NEVER)).toEqual([strange]);
      expect(await queue.acknowledge([known], NEVER)).toEqual([]);
    });

    it('is one of many: more than a batch has go in several', async () => {
      const many: QueueMessage[] = [];
      for (let at = 0; at < 23; at += 1) {
        await sqs.send(new SendMessageCommand({ QueueUrl: output('QueueUrl'), MessageBody: randomUUID() }));
      }
      while (many.length < 23) many.push(...(await queue.receive(AbortSignal.timeout(10_000))));
      metrics.awsCalls.length = 0;
      expect(await queue.extend(many, 30, NEVER)).toEqual([]);
      expect(await queue.acknowledge(many, NEVER)).toEqual([]);
      expect(metrics.counts).toEqual({ ChangeMessageVisibilityBatch: 3, DeleteMessageBatch: 3 });
    });
  });

  describe('a failure says what to do', () => {
    it('when the identity may nothing', async () => {
      const user = await createIamUser(world, []);
      const denied = open(user.credentials);
      const error: unknown = await denied.receive(AbortSignal.timeout(10_000)).catch((thrown: unknown) => thrown);
      denied.close();
      expect(error).toBeInstanceOf(AccessDenied);
      expect(String(error)).toBe(
        `AccessDenied: ${user.arn} may not sqs:ReceiveMessage on queue "${name}" (AccessDenied: ` +
          'no identity-based policy allows the sqs:ReceiveMessage action). ' +
          'Add to the policies of the identity: ' +
          `{"Effect":"Allow","Action":"sqs:ReceiveMessage","Resource":"${output('QueueArn')}"}.`,
      );
    });

    it('when AWS does not know the credentials', async () => {
      const stranger = open({ accessKeyId: 'AKIAFAKEFAKEFAKEFAKE', secretAccessKey: 'fake' });
      await expect(stranger.receive(AbortSignal.timeout(10_000))).rejects.toThrow(InvalidCredentials);
      stranger.close();
    });

    it('when there is no such queue', async () => {
      const lost = open(world.credentials, output('QueueUrl').replace(name, `${name}-lost`));
      const error: unknown = await lost.receive(AbortSignal.timeout(10_000)).catch((thrown: unknown) => thrown);
      lost.close();
      expect(error).toBeInstanceOf(RequestRejected);
      expect(String(error)).toMatch(
        new RegExp(
          `AWS has no queue "${name}-lost" in ${world.region} \\(.*\\). Check the queue URL, and that the queue still exists.`,
        ),
      );
    });
  });

  describe('the stack', () => {
    it('encrypts both queues, and its policy admits its own rules only', async () => {
      const attributesOf = async (key: string) => {
        const answer = await sqs.send(
          new GetQueueAttributesCommand({ QueueUrl: output(key), AttributeNames: ['All'] }),
        );
        return answer.Attributes ?? {};
      };
      const main = await attributesOf('QueueUrl');
      const rule = (suffix: string) => `arn:aws:events:${world.region}:${world.account}:rule/${name}-${suffix}`;
      expect(main).toMatchObject({ SqsManagedSseEnabled: 'true', VisibilityTimeout: '30' });
      expect(await attributesOf('DeadLetterQueueUrl')).toMatchObject({ SqsManagedSseEnabled: 'true' });
      expect(JSON.parse(main['Policy'] ?? '')).toMatchObject({
        Statement: [
          {
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Condition: { ArnEquals: { 'aws:SourceArn': [rule('labels'), rule('cloudtrail')] } },
          },
        ],
      });
    });

    const FAILED = deleteSecret({ errorCode: 'AccessDenied' });
    const SAMPLES: Readonly<Record<string, readonly [event: object, matching: string | undefined]>> = {
      'a native label event': [labelUpdated(), 'labels'],
      DeleteSecret: [deleteSecret(), 'cloudtrail'],
      RestoreSecret: [restoreSecret(), 'cloudtrail'],
      RotationFailed: [serviceEvent('RotationFailed'), 'cloudtrail'],
      'DeleteSecret that failed': [FAILED, undefined],
      'PutSecretValue by CloudTrail, which the native event covers': [apiCall('PutSecretValue', {}), undefined],
    };
    it.each(Object.entries(SAMPLES))('EventBridge matches %s', async (_sentence, [event, matching]) => {
      const matched: string[] = [];
      for (const suffix of ['labels', 'cloudtrail']) {
        const { EventPattern } = await eventBridge.send(new DescribeRuleCommand({ Name: `${name}-${suffix}` }));
        const command = new TestEventPatternCommand({ EventPattern, Event: JSON.stringify(event) });
        if ((await eventBridge.send(command)).Result) matched.push(suffix);
      }
      expect(matched).toEqual(matching === undefined ? [] : [matching]);
    });
  });

  // The last one: ministack gives messages to a poll that was cut off, as the consumer's is when it stops.
  it('the message of a change passes through the consumer, and ends when its user is up to date', async () => {
    const { name: secretName } = await createSecret();
    const target = new FakeRotationTarget();
    target.use(secretName, ['team/app']);
    const log = createRecordedLog();
    const consumer = createEventConsumer({ queue, target, clock: systemClock, metrics, log });
    const stop = new AbortController();
    const running = consumer.run(stop.signal);
    await secrets.send(new PutSecretValueCommand({ SecretId: secretName, SecretString: 'fake-value-2' }));
    await until('the message is held', async () => consumer.held > 0, 10_000, Boolean);
    target.write('team/app');
    await until('the message has ended', async () => consumer.held === 0, 10_000, Boolean);
    stop.abort();
    await running;
    expect(metrics.counts).toMatchObject({ DeleteMessageBatch: expect.any(Number) });
    expect(log.lines.filter((line) => !line.startsWith('debug'))).toEqual([]);
  });
});
