/** The one table from AWS's errors to the errors that decide, each with a message that says what to do. */

import {
  InvalidCredentials,
  type KeyturnError,
  RequestRejected,
  SecretNotFound,
  SourceUnavailable,
  Throttled,
} from '../ports/errors.ts';
import { accountOf } from '../ports/iam-statement.ts';
import type { VersionSelector } from '../ports/secret-source.ts';
import type { AwsFault } from './aws-fault.ts';
import { parseDenial, quotable } from './aws-text.ts';
import { detail, place, type Situation, sentence, subject } from './call-situation.ts';
import { denied, deniedByManagedKey } from './denial.ts';
import { hintOnArn, hintOnName } from './key-hints.ts';
import { sessionRefusal } from './session-refusal.ts';

type Translate = (fault: AwsFault, situation: Situation) => KeyturnError;

const DELETION = /(scheduled|marked) for deletion|marked deleted/i;
/** https://repost.aws/knowledge-center/secrets-manager-cross-account-key */
const MANAGED_KEY_ELSEWHERE = /\bdifferent aws account\b.*\bdefault kms\b/i;
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
  const hint = ref === undefined ? '' : hintOnName(ref.key) + hintOnArn(ref.key, accountOf(situation.principal));
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
  if (MANAGED_KEY_ELSEWHERE.test(fault.text)) return deniedByManagedKey(fault, situation);
  if (!DELETION.test(fault.text)) return quoted(fault, situation);
  const id = situation.ref === undefined ? '' : ` --region ${situation.region} --secret-id ${situation.ref.key}`;
  return new SecretNotFound(
    `${sentence(subject(situation))} is scheduled for deletion (${fault.code}). It can be restored with "aws secretsmanager restore-secret${id}".`,
    detail(fault),
  );
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
