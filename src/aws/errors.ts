/** The one table from AWS's errors to the errors that decide, each with a message that says what to do. */

import {
  AccessDenied,
  type ErrorDetail,
  InvalidCredentials,
  type KeyturnError,
  RequestRejected,
  SecretNotFound,
  SourceUnavailable,
  Throttled,
} from '../ports/errors.ts';
import { iamResourceOf, suffixOfName } from '../ports/secret-arn.ts';
import type { SecretRef, VersionSelector } from '../ports/secret-source.ts';
import type { AwsFault } from './aws-fault.ts';
import { parseDenial, quotable, stablePrincipal } from './aws-text.ts';
import { sessionRefusal } from './session-refusal.ts';

/** What the messages need to know of the call. Nothing in it changes from retry to retry. */
export interface Situation {
  /** Undefined for a call that is not about one secret. */
  readonly ref: SecretRef | undefined;
  /** The queue that the call is about; it is called with the operator's own credentials. */
  readonly queue?: { readonly name: string; readonly arn: string };
  /** Such as `AWS Secrets Manager`. */
  readonly service: string;
  /** The IAM action that is called, such as `secretsmanager:GetSecretValue`. */
  readonly action: string;
  readonly region: string;
  readonly deadlineMs: number;
  /** Where the credentials come from, such as `the store's static credentials`. */
  readonly credentialsFrom: string;
  /** The ServiceAccount whose token is shown to STS, as `system:serviceaccount:NAMESPACE:NAME`. */
  readonly subject?: string | undefined;
  /** ARN of the identity as AWS told it; undefined while it is not known. */
  readonly principal: string | undefined;
}

const LIST_SECRETS = 'secretsmanager:ListSecrets';

type Translate = (fault: AwsFault, situation: Situation) => KeyturnError;

const DELETION = /(scheduled|marked) for deletion|marked deleted/i;
const KMS_DENIAL = /\baccess to kms is not allowed/i;
const MISSING_VERSION = /secret (value|version)\b/i;

/** AWS's codes, as Secrets Manager, STS and their front ends send them. */
const BY_CODE: ReadonlyMap<string, Translate> = new Map([
  ...codes(notFound, 'ResourceNotFoundException'),
  ...codes(noQueue, 'QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'),
  ...codes(rejectedOrDeleted, 'InvalidRequestException', 'InvalidParameterException'),
  ...codes(
    denied,
    'AccessDeniedException',
    'AccessDenied',
    'NotAuthorized',
    'UnauthorizedOperation',
    'KmsAccessDenied',
  ),
  ...codes(
    wrongCredentials,
    ...['UnrecognizedClientException', 'InvalidClientTokenId', 'InvalidAccessKeyId', 'AuthFailure'],
    ...['InvalidSignatureException', 'SignatureDoesNotMatch', 'IncompleteSignature', 'IncompleteSignatureException'],
    ...['MissingAuthenticationToken', 'MissingAuthenticationTokenException', 'RequestExpired', 'RequestTimeTooSkewed'],
    ...['ExpiredToken', 'ExpiredTokenException', 'NotSignedUpException', 'OptInRequired', 'ERR_INVALID_CHAR'],
  ),
  ...codes(
    throttled,
    ...['ThrottlingException', 'Throttling', 'ThrottledException', 'RequestThrottled', 'RequestThrottledException'],
    ...['TooManyRequestsException', 'RequestLimitExceeded', 'LimitExceededException', 'SlowDown'],
    ...['BandwidthLimitExceeded', 'PriorRequestNotComplete', 'TransactionInProgressException'],
    ...['KmsThrottled', 'OverLimit'],
  ),
  ...codes(
    failedAtAws,
    ...['InternalServiceError', 'InternalServerError', 'InternalServerException', 'InternalFailure', 'InternalError'],
    ...['ServiceUnavailable', 'ServiceUnavailableException', 'RequestTimeout', 'RequestTimeoutException'],
  ),
  ...codes(undecryptable, 'DecryptionFailure', 'KmsDisabled', 'KmsInvalidState', 'KmsInvalidKeyUsage', 'KmsNotFound'),
  // Codes of our own.
  ...codes(withoutValue, 'NoValue'),
  ...codes(noFreeSlot, 'NoFreeSlot'),
  ...codes(invalidRegion, 'InvalidRegion'),
  ...codes(tooManyMatches, 'TooManyMatches'),
  ...codes(quoted, 'ValidationException', 'InvalidNextTokenException', 'ValidationError'),
]);

function codes(translate: Translate, ...names: readonly string[]): readonly (readonly [string, Translate])[] {
  return names.map((name) => [name, translate] as const);
}

/** Translates a fault into the error that says what follows from it. */
export function toKeyturnError(fault: AwsFault, situation: Situation): KeyturnError {
  switch (fault.origin) {
    case 'service':
      return (BY_CODE.get(fault.code) ?? byStatus(fault.status))(fault, situation);
    case 'credentials':
      return fault.said ?? (fault.session === undefined ? noCredentials : noSession)(fault, situation);
    case 'transport':
      return (BY_CODE.get(fault.code) ?? unreachable)(fault, situation);
    case 'reply':
      return (BY_CODE.get(fault.code) ?? (fault.status === 429 ? throttled : unreadable))(fault, situation);
    case 'deadline':
      return (BY_CODE.get(fault.code) ?? unanswered)(fault, situation);
    case 'closed':
      return new SourceUnavailable(
        'The AWS client was closed, because its store changed or the operator stops.',
        detail(fault),
      );
    case 'unknown':
      return (BY_CODE.get(fault.code) ?? failedHere)(fault, situation);
  }
}

/** True when AWS asks to slow down. */
export function isThrottle({ origin, code, status }: AwsFault): boolean {
  return (origin === 'service' && BY_CODE.get(code) === throttled) || (origin !== 'transport' && status === 429);
}

function byStatus(status: number | undefined): Translate {
  if (status === 429) return throttled;
  // A redirect or a 5xx is not a judgement of the request.
  return status !== undefined && (status >= 500 || status < 400) ? failedAtAws : rejected;
}

function notFound(fault: AwsFault, situation: Situation): KeyturnError {
  const { ref, region } = situation;
  const which = ref === undefined ? undefined : nameOfVersion(ref.version);
  if (which !== undefined && MISSING_VERSION.test(fault.text)) {
    return new SecretNotFound(
      `${sentence(subject(situation))} has no ${which} (${fault.code}). Check the version.`,
      detail(fault),
    );
  }
  const suffix = ref === undefined ? undefined : suffixOfName(ref.key);
  const hint =
    suffix === undefined
      ? ''
      : ` A random suffix belongs to ARNs only: if "${suffix}" was copied from an ARN, leave it out of the name.`;
  return new SecretNotFound(
    `AWS has no ${subject(situation)} in ${region} (${fault.code}). Check the key, the region and the account.${hint}`,
    detail(fault),
  );
}

function nameOfVersion(version: VersionSelector): string | undefined {
  switch (version.kind) {
    case 'stage':
      return `version with the stage "${version.stage}"`;
    case 'id':
      return `version "${version.versionId}"`;
    case 'tags':
      return undefined;
  }
}

function noQueue(fault: AwsFault, situation: Situation): KeyturnError {
  return new RequestRejected(
    `AWS has no ${subject(situation)} in ${situation.region} (${fault.code}). Check the queue URL, and that the queue still exists.`,
    detail(fault),
  );
}

function rejectedOrDeleted(fault: AwsFault, situation: Situation): KeyturnError {
  if (!DELETION.test(fault.text)) return quoted(fault, situation);
  const id = situation.ref === undefined ? '' : ` --region ${situation.region} --secret-id ${situation.ref.key}`;
  return new SecretNotFound(
    `${sentence(subject(situation))} is scheduled for deletion (${fault.code}). It can be restored with "aws secretsmanager restore-secret${id}".`,
    detail(fault),
  );
}

function denied(fault: AwsFault, situation: Situation): KeyturnError {
  const denial = parseDenial(fault.text);
  const principal = denial.principal ?? stablePrincipal(situation.principal);
  const who = principal ?? (situation.queue === undefined ? 'The identity of the store' : 'The operator');
  if (KMS_DENIAL.test(fault.text) || denial.action?.startsWith('kms:') || fault.code.startsWith('Kms')) {
    return kmsDenied(fault, situation, who);
  }
  if (situation.action === LIST_SECRETS) return listDenied(fault, situation, who);
  // For a batch SQS asks for the permission of the single call.
  const action = situation.queue === undefined ? (denial.action ?? situation.action) : situation.action;
  const reason = denial.reason === undefined ? '' : `: ${denial.reason}`;
  const allow = `llow ${action} on ${deniedResource(situation, principal)}`;
  const advice = denial.explicit ? `Remove that deny, and a${allow}` : `A${allow}`;
  return new AccessDenied(
    `${who} may not ${action} on ${subject(situation)} (${fault.code}${reason}). ${advice}.`,
    detail(fault),
  );
}

/** AWS knows no narrower resource for it. */
function listDenied(fault: AwsFault, { action }: Situation, who: string): KeyturnError {
  const { reason, explicit } = parseDenial(fault.text);
  const advice = explicit ? 'Remove that deny, and allow' : 'Allow';
  return new AccessDenied(
    `${who} may not ${action}, which find needs (${fault.code}${reason === undefined ? '' : `: ${reason}`}). ` +
      `${advice} ${action} on *: AWS cannot narrow it to some secrets.`,
    detail(fault),
  );
}

function kmsDenied(fault: AwsFault, situation: Situation, who: string): KeyturnError {
  const { action, resource, reason } = parseDenial(fault.text);
  const key = resource ?? `the KMS key of the ${situation.queue === undefined ? 'secret' : 'queue'}`;
  return new AccessDenied(
    `${who} may not use the KMS key of ${subject(situation)} (${fault.code}: ${reason ?? 'access to KMS is not allowed'}). ` +
      `Allow ${action ?? 'kms:Decrypt'} on ${key}, in the identity's policy and in the key's policy.`,
    detail(fault),
  );
}

function deniedResource({ ref, queue, region }: Situation, principal: string | undefined): string {
  if (queue !== undefined) return queue.arn;
  const [, partition = 'aws', , , account = ''] = principal?.split(':') ?? [];
  return ref === undefined
    ? '*'
    : iamResourceOf(ref.key, { partition, region, account: account === '' ? '*' : account });
}

function wrongCredentials(fault: AwsFault, { credentialsFrom }: Situation): KeyturnError {
  if (fault.code === 'ERR_INVALID_CHAR') {
    return new InvalidCredentials(
      `${sentence(credentialsFrom)} cannot be sent to AWS. Look for a line break or another control character in them.`,
      detail(fault),
    );
  }
  return new InvalidCredentials(
    `AWS does not accept ${credentialsFrom} (${fault.code}). ${adviceOnCredentials(fault.code)}`,
    detail(fault),
  );
}

function adviceOnCredentials(code: string): string {
  if (code.startsWith('ExpiredToken')) return 'They have expired: renew them.';
  if (code === 'RequestExpired' || code === 'RequestTimeTooSkewed') return 'Check the clock of the node.';
  if (code.includes('Signature')) return 'Check the secret access key, the session token, and the clock of the node.';
  return 'Check that they exist, are active, and belong to the partition of the region.';
}

function noCredentials(fault: AwsFault, { credentialsFrom, queue }: Situation): KeyturnError {
  const { action, principal } = parseDenial(fault.text);
  if (action !== undefined) {
    const who = principal === undefined ? '' : ` for ${principal}`;
    return new InvalidCredentials(
      `AWS does not give ${credentialsFrom}: ${action} is not allowed${who} (${fault.code}). Check the trust policy of the role.`,
      detail(fault),
    );
  }
  const orElse = queue === undefined ? ", or the store's auth" : '';
  return new InvalidCredentials(
    `AWS credentials could not be had from ${credentialsFrom} (${fault.code}). Check the ServiceAccount's role and its trust policy${orElse}.`,
    detail(fault),
  );
}

/** What STS says when it gives no session; what may pass by itself is told as such. */
function noSession(fault: AwsFault, situation: Situation): KeyturnError {
  const translate = BY_CODE.get(fault.code) ?? byStatus(fault.status);
  if (translate === throttled || translate === failedAtAws || fault.code === 'IDPCommunicationError') {
    return (translate === throttled ? throttled : failedAtAws)(fault, { ...situation, service: 'AWS STS' });
  }
  return new InvalidCredentials(sessionRefusal(fault, situation), detail(fault));
}

function throttled(fault: AwsFault, situation: Situation): KeyturnError {
  return new Throttled(
    `${place(situation)} asks to slow down (${fault.code}). It is tried again; the quota is shared by the whole account.`,
    detail(fault),
  );
}

function failedAtAws(fault: AwsFault, situation: Situation): KeyturnError {
  const status = fault.status === undefined ? '' : `, HTTP ${fault.status}`;
  return new SourceUnavailable(
    `${place(situation)} failed (${fault.code}${status}). It is tried again.`,
    detail(fault),
  );
}

function unreachable(fault: AwsFault, situation: Situation): KeyturnError {
  if (fault.code === 'ENOTFOUND') {
    return new SourceUnavailable(
      `${place(situation)} was not found: there is no host ${fault.host ?? 'of that name'} (${fault.code}). Check the region, or the endpoint that is set instead.`,
      detail(fault),
    );
  }
  return new SourceUnavailable(
    `${place(situation)} could not be reached (${fault.code}). Check network policies, proxies and VPC endpoints on the way.`,
    detail(fault),
  );
}

function unanswered(fault: AwsFault, situation: Situation): KeyturnError {
  const deadline = `${situation.deadlineMs / 1000} s`;
  return new SourceUnavailable(
    `${place(situation)} did not answer within ${deadline}. Check network policies, proxies and VPC endpoints on the way.`,
    detail(fault),
  );
}

function noFreeSlot(fault: AwsFault, situation: Situation): KeyturnError {
  return new SourceUnavailable(
    `${place(situation)} was not asked in time, because too many calls before this one are not answered. It is tried again.`,
    detail(fault),
  );
}

function failedHere(fault: AwsFault, situation: Situation): KeyturnError {
  return new SourceUnavailable(
    `Calling ${place(situation)} failed in the operator itself (${fault.code}).`,
    detail(fault),
  );
}

function invalidRegion(fault: AwsFault, { region }: Situation): KeyturnError {
  return new RequestRejected(
    `"${region}" is not the name of a region. Correct the region of the store.`,
    detail(fault),
  );
}

function tooManyMatches(fault: AwsFault): KeyturnError {
  return new RequestRejected(
    'Many more secrets match than one Secret can hold: over 5000, or over 16 MiB. Narrow find by path, name or tags.',
    detail(fault),
  );
}

function unreadable(fault: AwsFault, situation: Situation): KeyturnError {
  const status = fault.status === undefined ? '' : ` (HTTP ${fault.status})`;
  return new SourceUnavailable(
    `The answer of ${place(situation)} is not one that AWS gives${status}. Check what stands between, such as a proxy or another endpoint.`,
    detail(fault),
  );
}

function undecryptable(fault: AwsFault, situation: Situation): KeyturnError {
  return new RequestRejected(
    `AWS cannot decrypt ${subject(situation)} (${fault.code}). Check that its KMS key is enabled and not scheduled for deletion.`,
    detail(fault),
  );
}

function withoutValue(fault: AwsFault, situation: Situation): KeyturnError {
  return new RequestRejected(
    `${sentence(subject(situation))} has neither a string nor a binary value. Put a value into it.`,
    detail(fault),
  );
}

/** For the codes whose texts name only what we sent. */
function quoted(fault: AwsFault, situation: Situation): KeyturnError {
  const text = quotable(fault.text);
  const quote = text === '' ? '' : `: ${text}`;
  return refused(`${fault.code}${quote}`, fault, situation);
}

function rejected(fault: AwsFault, situation: Situation): KeyturnError {
  return refused(fault.code, fault, situation);
}

function refused(why: string, fault: AwsFault, situation: Situation): KeyturnError {
  const { ref, action } = situation;
  const what = ref === undefined ? action : `to read ${subject(situation)}`;
  const advice = ref === undefined ? '' : ' Check the key and the version.';
  return new RequestRejected(`AWS refuses ${what} (${why}).${advice}`, detail(fault));
}

function subject({ ref, queue, service }: Situation): string {
  if (queue !== undefined) return `queue "${queue.name}"`;
  return ref === undefined ? service : `secret "${ref.key}"`;
}

function place({ service, region }: Situation): string {
  return `${service} in ${region}`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function detail(fault: AwsFault): ErrorDetail {
  const { requestId, code, operation } = fault;
  return { cause: fault, requestId, code, operation };
}
