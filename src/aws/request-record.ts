/** What the audit tells of a request to Secrets Manager: which secrets it named, and which versions came. No value. */

import type { AuditedVersion, RequestCause, RequestRecord } from '../ports/audit.ts';
import type { SourceReader } from '../ports/secret-source.ts';
import { AwsFault } from './aws-fault.ts';
import { field, textField } from './unchecked-field.ts';

export interface Request {
  readonly cause: RequestCause;
  readonly identity: SourceReader;
  readonly operation: string;
  /** Of the SDK's command. */
  readonly input: unknown;
}

/** A batch gives current versions only. */
const STAGE_OF_A_BATCH = 'AWSCURRENT';

export function answeredRequest(request: Request, reply: unknown): RequestRecord {
  const isListing = request.operation === 'ListSecrets';
  const entries = isListing ? [] : [reply, ...listOf(reply, 'SecretValues')];
  return {
    kind: 'request',
    result: 'ok',
    code: undefined,
    ...aimOf(request),
    requestId: textField(field(reply, '$metadata'), 'requestId'),
    got: entries.flatMap((entry) => versionIn(entry) ?? []),
    refused: listOf(reply, 'Errors').map(refusalIn),
    listed: isListing ? listOf(reply, 'SecretList').length : undefined,
  };
}

export function failedRequest(request: Request, { origin, code, requestId }: AwsFault): RequestRecord {
  const result = origin === 'service' ? 'refused' : 'unanswered';
  return { kind: 'request', result, code, ...aimOf(request), requestId, got: [], refused: [], listed: undefined };
}

function aimOf({ cause, identity, operation, input }: Request) {
  return { cause, identity, operation, asked: askedIn(input) };
}

function askedIn(input: unknown): RequestRecord['asked'] {
  const key = textField(input, 'SecretId');
  if (key === undefined) {
    return listOf(input, 'SecretIdList').map((each) => ({ key: String(each), stage: STAGE_OF_A_BATCH }));
  }
  const stage = textField(input, 'VersionStage');
  const versionId = textField(input, 'VersionId');
  return [{ key, ...(stage !== undefined && { stage }), ...(versionId !== undefined && { versionId }) }];
}

function versionIn(entry: unknown): AuditedVersion | undefined {
  const arn = textField(entry, 'ARN');
  return arn?.startsWith('arn:') ? { arn, versionId: textField(entry, 'VersionId') } : undefined;
}

function refusalIn(error: unknown): RequestRecord['refused'][number] {
  const { code } = new AwsFault({ origin: 'service', code: textField(error, 'ErrorCode') ?? '' });
  return { key: textField(error, 'SecretId') ?? '', code };
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list = field(value, name);
  return Array.isArray(list) ? list : [];
}
