import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSqsRotationQueue, type SqsRotationQueue } from '../../../src/aws/rotation-queue.ts';
import { systemClock } from '../../../src/loop/system-clock.ts';
import { AccessDenied, SourceUnavailable } from '../../../src/ports/errors.ts';
import type { QueueMessage } from '../../../src/ports/rotation-queue.ts';
import { CountingMetrics } from '../../contract/counting-metrics.ts';
import { createVirtualClock } from '../virtual-clock.ts';

const NEVER = new AbortController().signal;
const CANARY = 'canary-not-a-secret';

interface Asked {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** An SQS that answers what a test tells it. */
class ScriptedSqs {
  readonly asked: Asked[] = [];
  /** Undefined: the request is never answered. */
  answer: (asked: Asked) => { readonly status: number; readonly body: string } | undefined = () => ({
    status: 200,
    body: '{}',
  });
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<ScriptedSqs> {
    const server = createServer();
    const scripted = new ScriptedSqs(server);
    server.on('request', async (request, response: ServerResponse) => {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      const operation = String(request.headers['x-amz-target']).replace('AmazonSQS.', '');
      const asked: Asked = { operation, input: JSON.parse(text) };
      scripted.asked.push(asked);
      const answer = scripted.answer(asked);
      if (answer === undefined) return;
      response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' }).end(answer.body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return scripted;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/123456789012/events`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

const json = (body: unknown, status = 200) => ({ status, body: JSON.stringify(body) });

function sent(id: string, body: string, receiveCount?: string) {
  return {
    MessageId: id,
    ReceiptHandle: `receipt-${id}`,
    Body: body,
    MD5OfBody: createHash('md5').update(body).digest('hex'),
    ...(receiveCount !== undefined && { Attributes: { ApproximateReceiveCount: receiveCount } }),
  };
}

function messages(count: number): readonly QueueMessage[] {
  return Array.from({ length: count }, (_, at) => ({ id: `m${at}`, body: '', receiveCount: 1, receipt: `r${at}` }));
}

/** Entries of a batch request. */
function entriesOf({ input }: Asked): readonly { readonly Id: string; readonly ReceiptHandle: string }[] {
  const entries: unknown = input['Entries'];
  return Array.isArray(entries) ? entries : [];
}

describe('the rotation queue at SQS', () => {
  let sqs: ScriptedSqs;
  let metrics: CountingMetrics;
  let queue: SqsRotationQueue;

  beforeEach(async () => {
    sqs = await ScriptedSqs.start();
    metrics = new CountingMetrics();
    queue = open();
  });
  afterEach(async () => {
    queue.close();
    await sqs.stop();
  });

  function open(clock = systemClock): SqsRotationQueue {
    return createSqsRotationQueue({
      queueUrl: sqs.url,
      region: 'eu-west-1',
      credentials: async () => ({ accessKeyId: 'AKIAFAKEFAKEFAKEFAKE', secretAccessKey: 'fake' }),
      env: {},
      clock,
      metrics,
    });
  }

  describe('receive', () => {
    it('asks for ten messages, waits as long as SQS allows, and hides them for half a minute', async () => {
      sqs.answer = () => json({ Messages: [sent('m1', 'one', '3'), sent('m2', 'two')] });
      expect(await queue.receive(NEVER)).toEqual([
        { id: 'm1', body: 'one', receiveCount: 3, receipt: 'receipt-m1' },
        { id: 'm2', body: 'two', receiveCount: 1, receipt: 'receipt-m2' },
      ]);
      expect(sqs.asked).toEqual([
        {
          operation: 'ReceiveMessage',
          input: {
            QueueUrl: sqs.url,
            MaxNumberOfMessages: 10,
            WaitTimeSeconds: 20,
            VisibilityTimeout: 30,
            MessageSystemAttributeNames: ['ApproximateReceiveCount'],
          },
        },
      ]);
      expect(metrics.awsCalls).toEqual([{ operation: 'ReceiveMessage', result: 'success' }]);
    });

    it('may come back with nothing', async () => {
      expect(await queue.receive(NEVER)).toEqual([]);
    });

    const BAD: Readonly<Record<string, { readonly status: number; readonly body: string }>> = {
      'a message without a receipt': json({ Messages: [{ ...sent('m1', CANARY), ReceiptHandle: '' }] }),
      'a body that is not what was sent': json({ Messages: [{ ...sent('m1', CANARY), MD5OfBody: 'other' }] }),
      'a page of a proxy': { status: 200, body: `<html>${CANARY}</html>` },
    };
    it.each(Object.entries(BAD))('fails on %s, and repeats nothing of it', async (_sentence, answer) => {
      sqs.answer = () => answer;
      const error: unknown = await queue.receive(NEVER).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(SourceUnavailable);
      expect(JSON.stringify(error) + String(error) + String(error instanceof Error && error.cause)).not.toContain(
        CANARY,
      );
    });

    it('has a deadline above the long poll', async () => {
      sqs.answer = () => undefined;
      const clock = createVirtualClock(Date.now());
      queue.close();
      queue = open(clock);
      let outcome: unknown;
      const receiving = queue.receive(NEVER).catch((thrown: unknown) => {
        outcome = thrown;
      });
      while (sqs.asked.length === 0) await clock.settle();
      await clock.advance(27_900);
      expect(outcome).toBeUndefined();
      await clock.advance(200);
      await receiving;
      expect(outcome).toEqual(
        new SourceUnavailable(
          'AWS SQS in eu-west-1 did not answer within 28 s. Check network policies, proxies and VPC endpoints on the way.',
          { code: 'DeadlineExceeded' },
        ),
      );
    });

    it('ends at the abort', async () => {
      sqs.answer = () => undefined;
      const stop = new AbortController();
      const receiving = queue.receive(stop.signal);
      while (sqs.asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
      stop.abort();
      await expect(receiving).rejects.toThrow(SourceUnavailable);
    });

    it('does not wait behind other calls, nor they behind it', async () => {
      sqs.answer = (asked) => (asked.operation === 'ReceiveMessage' ? undefined : json(allDone(asked)));
      const stop = new AbortController();
      const receiving = queue.receive(stop.signal).catch(() => 'ended');
      expect(await queue.acknowledge(messages(3), NEVER)).toEqual([]);
      stop.abort();
      expect(await receiving).toBe('ended');
    });
  });

  const allDone = (asked: Asked) => ({ Successful: entriesOf(asked).map(({ Id }) => ({ Id })), Failed: [] });

  describe('extend and acknowledge', () => {
    it('send ten messages a call', async () => {
      sqs.answer = (asked) => json(allDone(asked));
      expect(await queue.extend(messages(25), 30, NEVER)).toEqual([]);
      expect(sqs.asked.map((asked) => entriesOf(asked).length).sort()).toEqual([10, 10, 5]);
      expect(entriesOf(sqs.asked[0] ?? { operation: '', input: {} })[1]).toEqual({
        Id: '1',
        ReceiptHandle: expect.any(String),
        VisibilityTimeout: 30,
      });
      expect(metrics.counts).toEqual({ ChangeMessageVisibilityBatch: 3 });
    });

    it('ask for nothing when there is nothing', async () => {
      expect(await queue.acknowledge([], NEVER)).toEqual([]);
      expect(sqs.asked).toEqual([]);
    });

    it('tell the messages that SQS refused, and those that it does not mention', async () => {
      const all = messages(3);
      sqs.answer = () =>
        json({
          Successful: [{ Id: '1' }],
          Failed: [{ Id: '0', Code: 'ReceiptHandleIsInvalid', SenderFault: true }],
        });
      expect(await queue.acknowledge(all, NEVER)).toEqual([all[0], all[2]]);
    });

    it('take an answer that says nothing for a no', async () => {
      expect(await queue.acknowledge(messages(2), NEVER)).toEqual(messages(2));
    });

    it('tell the messages of a call that failed while another worked', async () => {
      const all = messages(12);
      sqs.answer = (asked) =>
        entriesOf(asked).length === 10 ? json({ __type: 'AccessDenied', message: 'no' }, 403) : json(allDone(asked));
      expect(await queue.acknowledge(all, NEVER)).toEqual(all.slice(0, 10));
    });

    it('throw when every call failed', async () => {
      sqs.answer = () => json({ __type: 'com.amazonaws.sqs#AccessDenied', message: 'no' }, 403);
      await expect(queue.extend(messages(12), 30, NEVER)).rejects.toThrow(
        new AccessDenied(
          'The operator may not sqs:ChangeMessageVisibility on queue "events" (AccessDenied). ' +
            'AWS does not say which policy lacks it; most likely it is that of the identity. Add to its policies: ' +
            '{"Effect":"Allow","Action":"sqs:ChangeMessageVisibility","Resource":"arn:aws:sqs:eu-west-1:123456789012:events"}.',
          { code: 'AccessDenied' },
        ),
      );
    });
  });

  it('refuses to be called after the close', async () => {
    queue.close();
    await expect(queue.receive(NEVER)).rejects.toThrow(SourceUnavailable);
  });
});
