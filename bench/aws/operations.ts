/** What Secrets Manager and STS answer to the operations that Keyturn uses, in AWS's own forms. */

import { ACCOUNT, type BenchSecrets } from './secrets.ts';
import type { Tally } from './tally.ts';
import { createTokenBucket, type TokenBucket } from './token-bucket.ts';

export interface AwsRequest {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** The access key id that signed it. */
  readonly caller: string;
}

export interface AwsReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface AwsRules {
  /** Answers BatchGetSecretValue with AccessDeniedException, as most IAM policies do. */
  denyBatch: boolean;
}

/** AWS's own, a second for each account and region. */
const QUOTAS: Readonly<Record<string, number>> = { GetSecretValue: 10_000, BatchGetSecretValue: 100 };
const LARGEST_BATCH = 20;
const JSON_TYPE = 'application/x-amz-json-1.1';
const USER_ARN = `arn:aws:iam::${ACCOUNT}:user/bench`;

/** Answers requests at once; the caller adds the latency. */
export function createOperations(secrets: BenchSecrets, tally: Tally, rules: AwsRules) {
  const buckets = new Map<string, TokenBucket>(
    Object.entries(QUOTAS).map(([operation, perSecond]) => [operation, createTokenBucket(perSecond)]),
  );

  function single(id: string, caller: string): AwsReply {
    const secret = secrets.find(id);
    if (secret === undefined) return refusal('ResourceNotFoundException', NOT_FOUND);
    tally.answered(caller, 'GetSecretValue', secret.name);
    return { status: 200, contentType: JSON_TYPE, body: secret.entry };
  }

  function batch(ids: readonly string[], caller: string): AwsReply {
    if (ids.length === 0 || ids.length > LARGEST_BATCH) return refusal('ValidationException', WRONG_SIZE);
    const found = ids.map((id) => secrets.find(id));
    const known = found.filter((secret) => secret !== undefined);
    if (new Set(ids).size < ids.length || new Set(known).size < known.length) {
      return refusal('InvalidParameterException', 'The parameter SecretIdList has duplicates.');
    }
    for (const { name } of known) tally.answered(caller, 'BatchGetSecretValue', name);
    const errors = ids.filter((_id, at) => found[at] === undefined).map(notFoundEntry);
    const values = known.map(({ entry }) => entry).join(',');
    return { status: 200, contentType: JSON_TYPE, body: `{"SecretValues":[${values}],"Errors":[${errors.join(',')}]}` };
  }

  return ({ operation, input, caller }: AwsRequest, nowMs: number): AwsReply => {
    if (buckets.get(operation)?.take(nowMs) === false) {
      tally.called(caller, operation, 'throttled');
      return refusal('ThrottlingException', 'Rate exceeded');
    }
    if (operation === 'BatchGetSecretValue' && rules.denyBatch) {
      tally.called(caller, operation, 'denied');
      return denial(operation);
    }
    tally.called(caller, operation, 'answered');
    if (operation === 'GetSecretValue') return single(String(input['SecretId']), caller);
    if (operation === 'BatchGetSecretValue') return batch(textsOf(input['SecretIdList']), caller);
    if (operation === 'GetCallerIdentity') return callerIdentity();
    return refusal('UnknownOperationException', `The stand-in does not serve ${operation}.`);
  };
}

const NOT_FOUND = "Secrets Manager can't find the specified secret.";
const WRONG_SIZE =
  "1 validation error detected: Value at 'secretIdList' failed to satisfy constraint: Member must have length less than or equal to 20";

function textsOf(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.map(String) : [];
}

function refusal(code: string, message: string): AwsReply {
  return { status: 400, contentType: JSON_TYPE, body: JSON.stringify({ __type: code, Message: message }) };
}

function notFoundEntry(id: string): string {
  return JSON.stringify({ SecretId: id, ErrorCode: 'ResourceNotFoundException', Message: NOT_FOUND });
}

function denial(operation: string): AwsReply {
  const action = `secretsmanager:${operation}`;
  const because = `because no identity-based policy allows the ${action} action`;
  return refusal('AccessDeniedException', `User: ${USER_ARN} is not authorized to perform: ${action} ${because}`);
}

function callerIdentity(): AwsReply {
  const result = `<Arn>${USER_ARN}</Arn><UserId>AIDABENCHBENCHBENCH</UserId><Account>${ACCOUNT}</Account>`;
  const body = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>${result}</GetCallerIdentityResult></GetCallerIdentityResponse>`;
  return { status: 200, contentType: 'text/xml', body };
}
