/**
 * Errors named by the decision that they cause. Adapters translate the outside world's errors into these,
 * each in one table at the edge; nothing above the adapters knows an AWS code or an HTTP status.
 */

/**
 * What the loop does next: `backoff` tries again by itself, `onChange` waits for an event
 * (trying again would give the same answer until somebody changes something).
 */
export type RetryAdvice = 'backoff' | 'onChange';

export interface ErrorDetail {
  readonly cause?: unknown;
  /** AWS request id. Kept out of the message: messages are the same from retry to retry. */
  readonly requestId?: string | undefined;
  /** What AWS, Node or ourselves call what is behind it. Only for records: what a user has to know is in the message. */
  readonly code?: string | undefined;
  /** The call to AWS that failed, such as `GetSecretValue`. */
  readonly operation?: string | undefined;
}

/** Base of every error that a user can act on. `message` says what is wrong and what to do, without any value. */
export abstract class KeyturnError extends Error {
  abstract readonly retry: RetryAdvice;
  readonly requestId: string | undefined;
  readonly code: string | undefined;
  readonly operation: string | undefined;

  constructor(message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = new.target.name;
    this.requestId = detail.requestId;
    this.code = detail.code;
    this.operation = detail.operation;
  }
}

/** A field says something that can never work. */
export class InvalidSpec extends KeyturnError {
  readonly retry = 'onChange';
}

/** AWS answered positively that there is no such secret or version, or that it is scheduled for deletion. */
export class SecretNotFound extends KeyturnError {
  readonly retry = 'backoff';
}

/** The identity is known and may not do this. */
export class AccessDenied extends KeyturnError {
  readonly retry = 'backoff';
}

/** AWS does not accept the credentials themselves: wrong, expired, or none could be found. */
export class InvalidCredentials extends KeyturnError {
  readonly retry = 'backoff';
}

/** AWS asked us to slow down. */
export class Throttled extends KeyturnError {
  readonly retry = 'backoff';
}

/** No usable answer came: network, deadline, 5xx, or a reply that is not what AWS sends. */
export class SourceUnavailable extends KeyturnError {
  readonly retry = 'backoff';
}

/** AWS answered and refused the request as such (a bad key, an unknown version form). */
export class RequestRejected extends KeyturnError {
  readonly retry = 'backoff';
}

/** The secret was read, and what the ExternalSecret asks of it is not in it. A new version may have it at any time. */
export class InvalidSecretContent extends KeyturnError {
  readonly retry = 'backoff';
}

/** The store that an object refers to is missing, not ready, or not for this object. */
export class StoreNotReady extends KeyturnError {
  readonly retry = 'onChange';
}

/** A SecretAccessPolicy does not let this namespace read that secret, or not in this way. */
export class PolicyDenied extends KeyturnError {
  readonly retry = 'onChange';
}

/** The target Secret belongs to somebody else. */
export class TargetConflict extends KeyturnError {
  readonly retry = 'onChange';
}

/** The target Secret is immutable, and its data would have to change: only deleting it helps, which is the user's act. */
export class TargetImmutable extends KeyturnError {
  readonly retry = 'onChange';
}

/** The API server's state moved under us (409): read again and decide again. */
export class ClusterConflict extends KeyturnError {
  readonly retry = 'backoff';
}

/** The object is not there (404). */
export class ClusterNotFound extends KeyturnError {
  readonly retry = 'backoff';
}

/** The operator's own RBAC lacks a verb (401, 403). */
export class ClusterForbidden extends KeyturnError {
  readonly retry = 'backoff';
}

/** The API server refuses the object as such: invalid, immutable, or too large (400, 413, 422). */
export class ClusterRejected extends KeyturnError {
  readonly retry = 'backoff';
}

/** The API server could not be reached or could not answer (network, deadline, 429, 5xx). */
export class ClusterUnavailable extends KeyturnError {
  readonly retry = 'backoff';
}
