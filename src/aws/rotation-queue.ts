/** The rotation queue at SQS. */

import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Clock } from '../ports/clock.ts';
import type { Metrics } from '../ports/metrics.ts';
import { type QueueMessage, type RotationQueue, VISIBILITY_SECONDS } from '../ports/rotation-queue.ts';
import { AwsCaller } from './aws-caller.ts';
import { faultOf } from './aws-fault.ts';
import type { CredentialsProvider } from './credentials.ts';
import { type Environment, queueEndpoint } from './endpoints.ts';
import { toKeyturnError } from './errors.ts';
import { readFailedEntries, readMessages } from './queue-reply.ts';
import { parseQueueUrl, type QueueAddress } from './queue-url.ts';
import { REQUEST_STEP, requestStep } from './request-step.ts';

export interface SqsRotationQueueOptions {
  readonly queueUrl: string;
  /** @default the one that the host of the URL names */
  readonly region?: string | undefined;
  readonly credentials: CredentialsProvider;
  /** Where `AWS_ENDPOINT_URL_SQS` and `AWS_ENDPOINT_URL` are, which win over the host of the URL. */
  readonly env: Environment;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /**
   * For a call with its retries; receiving may take the long poll more.
   * @default 8_000
   */
  readonly deadlineMs?: number;
}

export interface SqsRotationQueue extends RotationQueue {
  /** Ends what is under way and closes the connections. */
  close(): void;
}

const DEADLINE_MS = 8_000;
/** SQS's longest. */
const LONG_POLL_SECONDS = 20;
/** SQS's largest batch, of every kind. */
const LARGEST_BATCH = 10;
/** Two attempts of it fit into the deadline of a call. */
const CONNECT_TIMEOUT_MS = 3_000;
/** The SDK's standard retry; who receives tries again after that, more and more slowly. */
const ATTEMPTS = 3;
/** Batches under way at the same time. */
const CONCURRENCY = 8;

/** @throws InvalidSpec when the URL is not a queue's */
export function createSqsRotationQueue(options: SqsRotationQueueOptions): SqsRotationQueue {
  return new SqsQueue(options, parseQueueUrl(options.queueUrl, options.region));
}

/** One entry of a batch, as both batches have it; the id is the position. */
interface BatchEntry {
  readonly Id: string;
  readonly ReceiptHandle: string;
}

type SendBatch = (entries: BatchEntry[], abortSignal: AbortSignal) => Promise<unknown>;

class SqsQueue implements SqsRotationQueue {
  readonly #address: QueueAddress;
  readonly #client: SQSClient;
  readonly #polls: AwsCaller;
  readonly #calls: AwsCaller;
  readonly #deadlineMs: number;

  constructor(options: SqsRotationQueueOptions, address: QueueAddress) {
    const { clock, deadlineMs = DEADLINE_MS } = options;
    const { region } = address;
    this.#address = address;
    this.#deadlineMs = deadlineMs;
    this.#client = createClient(options, address);
    this.#polls = new AwsCaller({
      clock,
      region,
      deadlineMs: LONG_POLL_SECONDS * 1_000 + deadlineMs,
      concurrency: 1,
    });
    this.#calls = new AwsCaller({ clock, region, deadlineMs, concurrency: CONCURRENCY });
  }

  async receive(signal: AbortSignal): Promise<readonly QueueMessage[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.#address.url,
      MaxNumberOfMessages: LARGEST_BATCH,
      WaitTimeSeconds: LONG_POLL_SECONDS,
      VisibilityTimeout: VISIBILITY_SECONDS,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    });
    try {
      return readMessages(await this.#polls.call((abortSignal) => this.#client.send(command, { abortSignal }), signal));
    } catch (error) {
      throw this.#translate(error, 'sqs:ReceiveMessage', LONG_POLL_SECONDS * 1_000 + this.#deadlineMs);
    }
  }

  extend(messages: readonly QueueMessage[], seconds: number, signal: AbortSignal): Promise<readonly QueueMessage[]> {
    const { url } = this.#address;
    return this.#inBatches(messages, 'sqs:ChangeMessageVisibility', signal, (entries, abortSignal) => {
      const Entries = entries.map((entry) => ({ ...entry, VisibilityTimeout: seconds }));
      return this.#client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries }), { abortSignal });
    });
  }

  acknowledge(messages: readonly QueueMessage[], signal: AbortSignal): Promise<readonly QueueMessage[]> {
    const { url } = this.#address;
    return this.#inBatches(messages, 'sqs:DeleteMessage', signal, (Entries, abortSignal) =>
      this.#client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }), { abortSignal }),
    );
  }

  close(): void {
    this.#polls.close();
    this.#calls.close();
    this.#client.destroy();
  }

  /**
   * The messages for which it was not done, those of failed calls included.
   * @throws KeyturnError when every call failed
   */
  async #inBatches(
    messages: readonly QueueMessage[],
    action: string,
    signal: AbortSignal,
    send: SendBatch,
  ): Promise<readonly QueueMessage[]> {
    const batches: (readonly QueueMessage[])[] = [];
    for (let start = 0; start < messages.length; start += LARGEST_BATCH) {
      batches.push(messages.slice(start, start + LARGEST_BATCH));
    }
    const results = await Promise.allSettled(batches.map((batch) => this.#sendBatch(batch, signal, send)));
    const [first] = results;
    if (first?.status === 'rejected' && results.every(({ status }) => status === 'rejected')) {
      throw this.#translate(first.reason, action, this.#deadlineMs);
    }
    return results.flatMap((result, at) => (result.status === 'fulfilled' ? result.value : (batches[at] ?? [])));
  }

  async #sendBatch(
    batch: readonly QueueMessage[],
    signal: AbortSignal,
    send: SendBatch,
  ): Promise<readonly QueueMessage[]> {
    const entries = batch.map(({ receipt }, position) => ({ Id: String(position), ReceiptHandle: receipt }));
    const reply: unknown = await this.#calls.call((abortSignal) => send(entries, abortSignal), signal);
    const failed = readFailedEntries(reply, batch.length);
    return batch.filter((_message, position) => failed.has(position));
  }

  #translate(error: unknown, action: string, deadlineMs: number) {
    const { region, name, arn } = this.#address;
    return toKeyturnError(faultOf(error), {
      ref: undefined,
      queue: { name, arn },
      service: 'AWS SQS',
      action,
      region,
      deadlineMs,
      credentialsFrom: "the operator's own credentials",
      principal: undefined,
    });
  }
}

function createClient(options: SqsRotationQueueOptions, { url, region }: QueueAddress): SQSClient {
  const agent = { keepAlive: true, maxSockets: CONCURRENCY + 1 };
  const client = new SQSClient({
    region,
    credentials: options.credentials,
    endpoint: queueEndpoint(options.env, url),
    maxAttempts: ATTEMPTS,
    retryMode: 'standard',
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, httpAgent: agent, httpsAgent: agent },
  });
  client.middlewareStack.add(requestStep(options), REQUEST_STEP);
  return client;
}
