/** What SQS answers to the operations that Keyturn uses, in the JSON protocol. */

import { createHash } from 'node:crypto';
import type { AwsReply, AwsRequest } from './operations.ts';
import type { BenchQueue, Delivery } from './queue.ts';
import { ACCOUNT } from './secrets.ts';
import type { Tally } from './tally.ts';

const JSON_TYPE = 'application/x-amz-json-1.0';
const LARGEST_BATCH = 10;
const LONGEST_WAIT_SECONDS = 20;
const DEFAULT_VISIBILITY_SECONDS = 30;
const RECEIVE_COUNT = 'ApproximateReceiveCount';

export const QUEUE_PATH = `/${ACCOUNT}/keyturn-rotation-events`;

type Input = AwsRequest['input'];

/** One entry of a batch; undefined when it is done, else the error's code. */
type Act = (entry: Input) => string | undefined;

export function createQueueOperations(queue: BenchQueue, tally: Tally) {
  const remove: Act = (entry) => {
    queue.remove(textOf(entry['ReceiptHandle']));
    return undefined;
  };
  const hide: Act = (entry) => {
    const visibilityMs = wholeNumber(entry['VisibilityTimeout'], 0) * 1_000;
    return queue.hide(textOf(entry['ReceiptHandle']), visibilityMs) ? undefined : 'MessageNotInflight';
  };

  async function receive(input: Input, signal: AbortSignal): Promise<AwsReply> {
    const most = wholeNumber(input['MaxNumberOfMessages'], 1);
    const waitSeconds = wholeNumber(input['WaitTimeSeconds'], 0);
    if (most < 1 || most > LARGEST_BATCH || waitSeconds > LONGEST_WAIT_SECONDS) {
      return refusal('InvalidParameterValue', 'A parameter is out of its range.');
    }
    const visibilityMs = wholeNumber(input['VisibilityTimeout'], DEFAULT_VISIBILITY_SECONDS) * 1_000;
    const taken = await queue.receive({ most, visibilityMs, waitMs: waitSeconds * 1_000 }, signal);
    const asked = listOf(input['MessageSystemAttributeNames']);
    const withCount = asked.includes(RECEIVE_COUNT) || asked.includes('All');
    return answer(taken.length === 0 ? {} : { Messages: taken.map((delivery) => described(delivery, withCount)) });
  }

  /** @param signal aborted when the caller is gone */
  return async ({ operation, input, caller }: AwsRequest, signal: AbortSignal): Promise<AwsReply> => {
    tally.called(caller, operation, 'answered');
    if (!textOf(input['QueueUrl']).endsWith(QUEUE_PATH)) {
      return refusal('QueueDoesNotExist', 'The specified queue does not exist.');
    }
    if (operation === 'ReceiveMessage') return await receive(input, signal);
    if (operation === 'DeleteMessageBatch') return batch(input, remove);
    if (operation === 'ChangeMessageVisibilityBatch') return batch(input, hide);
    return refusal('UnsupportedOperation', `The stand-in does not serve ${operation}.`);
  };
}

function batch(input: Input, act: Act): AwsReply {
  const entries = listOf(input['Entries']).map(membersOf);
  if (entries.length === 0) return refusal('EmptyBatchRequest', 'There are no entries.');
  if (entries.length > LARGEST_BATCH) return refusal('TooManyEntriesInBatchRequest', 'There are more than 10 entries.');
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    return refusal('BatchEntryIdsNotDistinct', 'Two or more entries have the same Id.');
  }
  const outcomes = entries.map((entry) => ({ Id: entry['Id'], code: act(entry) }));
  const failed = outcomes.filter(({ code }) => code !== undefined);
  return answer({
    Successful: outcomes.filter(({ code }) => code === undefined).map(({ Id }) => ({ Id })),
    Failed: failed.map(({ Id, code }) => ({ Id, SenderFault: true, Code: code, Message: 'It is not in flight.' })),
  });
}

/** The SDK checks the digest. */
function described({ id, receipt, body, receiveCount }: Delivery, withCount: boolean): object {
  return {
    MessageId: id,
    ReceiptHandle: receipt,
    MD5OfBody: createHash('md5').update(body).digest('hex'),
    Body: body,
    ...(withCount ? { Attributes: { [RECEIVE_COUNT]: String(receiveCount) } } : {}),
  };
}

function answer(body: object): AwsReply {
  return { status: 200, contentType: JSON_TYPE, body: JSON.stringify(body) };
}

function refusal(code: string, message: string): AwsReply {
  return {
    status: 400,
    contentType: JSON_TYPE,
    body: JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message }),
  };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function membersOf(value: unknown): Input {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function wholeNumber(value: unknown, fallback: number): number {
  return Number.isInteger(value) ? Number(value) : fallback;
}
