/** Narrows what Secrets Manager replies: the SDK gives types, not checks. */

import { isSpellingOf } from '../ports/secret-arn.ts';
import type { SecretReading } from '../ports/secret-source.ts';
import { SecretValue } from '../ports/secret-value.ts';
import { AwsFault } from './aws-fault.ts';
import { field, textField } from './unchecked-field.ts';

/** A secret's current value as an entry of a reply, or why there is none. */
export type SecretReply =
  | { readonly kind: 'read'; readonly reading: SecretReading }
  | { readonly kind: 'fault'; readonly fault: AwsFault };

/** What one page of BatchGetSecretValue says. */
export interface BatchPage {
  /** Undefined for a ref that the page does not answer in a form that can be trusted. */
  answerTo(key: string): SecretReply | undefined;
  readonly nextToken: string | undefined;
}

/** The call that an entry is of. */
interface Call {
  readonly operation: string;
  readonly requestId: string | undefined;
}

interface Entry {
  readonly arn: string;
  readonly name: string | undefined;
  readonly reply: SecretReply;
}

/** Reads the reply of GetSecretValue. */
export function readSecretReply(reply: unknown): SecretReply {
  const call = callOf('GetSecretValue', reply);
  return readEntry(reply, call)?.reply ?? { kind: 'fault', fault: malformed(call) };
}

/**
 * Reads the reply of BatchGetSecretValue.
 * @throws AwsFault when it has not the form of one.
 */
export function readBatchPage(reply: unknown): BatchPage {
  const call = callOf('BatchGetSecretValue', reply);
  const values = listField(reply, 'SecretValues', call);
  const errors = listField(reply, 'Errors', call);
  const entries = values.map((value) => readEntry(value, call)).filter((entry) => entry !== undefined);
  const faults = new Map<string, AwsFault>();
  for (const error of errors) {
    const id = textField(error, 'SecretId');
    if (id !== undefined) faults.set(id, entryFault(error, call));
  }
  return {
    nextToken: textField(reply, 'NextToken'),
    answerTo(key) {
      const fault = faults.get(key);
      return fault === undefined ? entries.find((entry) => isSpellingOf(key, entry))?.reply : { kind: 'fault', fault };
    },
  };
}

function readEntry(entry: unknown, call: Call): Entry | undefined {
  const arn = textField(entry, 'ARN');
  const versionId = textField(entry, 'VersionId');
  const value = readValue(entry);
  if (!arn?.startsWith('arn:') || !versionId || value === 'malformed') return undefined;
  const name = textField(entry, 'Name');
  if (value === undefined) {
    return {
      arn,
      name,
      reply: { kind: 'fault', fault: new AwsFault({ origin: 'reply', code: 'NoValue', ...call }) },
    };
  }
  return {
    arn,
    name,
    reply: { kind: 'read', reading: { arn, versionId, createdAtMs: createdAtMs(entry), value, ...call } },
  };
}

/** A string counts even when it is empty. The SDK has decoded the binary already: never decode it again. */
function readValue(entry: unknown): SecretValue | 'malformed' | undefined {
  const text = field(entry, 'SecretString');
  if (typeof text === 'string') return SecretValue.fromText(text);
  const bytes = field(entry, 'SecretBinary');
  if (bytes instanceof Uint8Array) return SecretValue.fromBytes(bytes);
  return (text ?? bytes ?? undefined) === undefined ? undefined : 'malformed';
}

function createdAtMs(entry: unknown): number | undefined {
  const created = field(entry, 'CreatedDate');
  const atMs = created instanceof Date ? created.getTime() : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}

function entryFault(error: unknown, call: Call): AwsFault {
  return new AwsFault({
    origin: 'service',
    code: textField(error, 'ErrorCode') ?? '',
    text: textField(error, 'Message') ?? '',
    ...call,
  });
}

function malformed(call: Call): AwsFault {
  return new AwsFault({ origin: 'reply', code: 'MalformedReply', ...call });
}

function listField(reply: unknown, name: string, call: Call): readonly unknown[] {
  const list = field(reply, name) ?? [];
  if (!Array.isArray(list)) throw malformed(call);
  return list;
}

function callOf(operation: string, reply: unknown): Call {
  return { operation, requestId: textField(field(reply, '$metadata'), 'requestId') };
}
