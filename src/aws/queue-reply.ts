/** What SQS answered, narrowed from whatever came. */

import type { QueueMessage } from '../ports/rotation-queue.ts';
import { AwsFault } from './aws-fault.ts';
import { field, textField } from './unchecked-field.ts';

/** @throws AwsFault when a message lacks what every message has. */
export function readMessages(reply: unknown): readonly QueueMessage[] {
  const messages = field(reply, 'Messages');
  return Array.isArray(messages) ? messages.map(readMessage) : [];
}

function readMessage(message: unknown): QueueMessage {
  const id = textField(message, 'MessageId');
  const receipt = textField(message, 'ReceiptHandle');
  if (!id || !receipt) throw new AwsFault({ origin: 'reply', code: 'MalformedReply' });
  const receiveCount = Number(textField(field(message, 'Attributes'), 'ApproximateReceiveCount'));
  return {
    id,
    receipt,
    body: textField(message, 'Body') ?? '',
    receiveCount: Number.isSafeInteger(receiveCount) && receiveCount > 0 ? receiveCount : 1,
  };
}

/** Positions of the entries of a batch for which the answer does not say that they succeeded. */
export function readFailedEntries(reply: unknown, entries: number): ReadonlySet<number> {
  const failed = new Set(Array.from({ length: entries }, (_, position) => position));
  const successful = field(reply, 'Successful');
  for (const entry of Array.isArray(successful) ? successful : []) failed.delete(Number(textField(entry, 'Id')));
  return failed;
}
