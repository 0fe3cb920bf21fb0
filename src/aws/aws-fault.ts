/** What went wrong with a call, narrowed from whatever the SDK threw and freed of everything that may hold a value. */

import type { KeyturnError } from '../ports/errors.ts';
import type { TokenClaims } from './token-claims.ts';
import { field, numberField, textField } from './unchecked-field.ts';

/** Who failed: AWS said no, nothing came back, what came back is not AWS's, no credentials, our own decision, a bug. */
export type FaultOrigin = 'service' | 'transport' | 'reply' | 'credentials' | 'deadline' | 'closed' | 'unknown';

/** Which session was asked for, and with what; no credential is in it. */
export interface RefusedSession {
  readonly role: string;
  /** Such as `sts:AssumeRole`. */
  readonly action: string;
  /** Of the token that was shown. */
  readonly token?: TokenClaims | undefined;
  readonly withTags?: boolean;
  readonly withExternalId?: boolean;
}

export interface FaultDetail {
  readonly origin: FaultOrigin;
  /** AWS's code, Node's code, or the name of the SDK's error. */
  readonly code: string;
  /** AWS's own words. Empty unless `origin` is `service`: other texts may quote a body or a credential. */
  readonly text?: string;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  /** The host that could not be reached. */
  readonly host?: string | undefined;
  /** The session of a role that was refused. */
  readonly session?: RefusedSession | undefined;
  /** The call that failed, such as `GetSecretValue`. */
  readonly operation?: string | undefined;
  /** What somebody else than AWS has said already in words to show. */
  readonly said?: KeyturnError | undefined;
}

const UNREADABLE_CODE = 'UnreadableErrorCode';
/** Codes of AWS and Node are identifiers; anything else comes from a stranger and is not repeated. */
const CODE = /^[A-Za-z][A-Za-z0-9_.]{0,79}$/;
const REQUEST_ID = /^[A-Za-z0-9-]{1,80}$/;
const HOST = /^[A-Za-z0-9.-]{1,253}$/;
/** How deep the SDK and Node wrap a network error. */
const LONGEST_CAUSE_CHAIN = 5;

/**
 * The error of a failed call. It is the `cause` of the error that people see, and holds neither the SDK's error
 * (which keeps the reply) nor any text that did not come from AWS.
 */
export class AwsFault extends Error {
  readonly origin: FaultOrigin;
  readonly code: string;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly host: string | undefined;
  readonly session: FaultDetail['session'];
  readonly operation: string | undefined;
  readonly said: KeyturnError | undefined;
  readonly #text: string;

  constructor(detail: FaultDetail) {
    const code = CODE.test(detail.code) ? detail.code : UNREADABLE_CODE;
    super(detail.status === undefined ? code : `${code} (HTTP ${detail.status})`);
    this.name = 'AwsFault';
    this.origin = detail.origin;
    this.code = code;
    this.status = detail.status;
    this.requestId = detail.requestId;
    this.host = detail.host;
    this.session = detail.session;
    this.operation = detail.operation;
    this.said = detail.said;
    this.#text = detail.text ?? '';
  }

  /** AWS's own words, for the table that decides what may be repeated. */
  get text(): string {
    return this.#text;
  }

  /** The fault as one of that operation, unless it is known as another one's. */
  during(operation: string): AwsFault {
    if (this.operation !== undefined) return this;
    const { origin, code, text, status, requestId, host, session, said } = this;
    return new AwsFault({ origin, code, text, status, requestId, host, session, said, operation });
  }
}

/** Narrows what a call threw. */
export function faultOf(thrown: unknown): AwsFault {
  if (thrown instanceof AwsFault) return thrown;
  const name = textField(thrown, 'name') ?? 'UnknownError';
  if (name.endsWith('ProviderError')) return new AwsFault({ origin: 'credentials', code: name });
  const metadata = field(thrown, '$metadata');
  const answer = {
    status: numberField(metadata, 'httpStatusCode'),
    requestId: matching(textField(metadata, 'requestId'), REQUEST_ID),
  };
  if (field(thrown, '$fault') !== undefined) {
    return new AwsFault({ origin: 'service', code: name, text: textField(thrown, 'message') ?? '', ...answer });
  }
  // The SDK could not read the body; its message, and what it attached, quote that body.
  if (answer.status !== undefined) return new AwsFault({ origin: 'reply', code: 'UnreadableReply', ...answer });
  return transportFault(thrown) ?? new AwsFault({ origin: 'unknown', code: name });
}

function transportFault(thrown: unknown): AwsFault | undefined {
  let error = thrown;
  for (let depth = 0; depth < LONGEST_CAUSE_CHAIN && error !== undefined; depth += 1) {
    const code = textField(error, 'code') ?? matching(textField(error, 'name'), /^TimeoutError$/);
    if (code !== undefined) {
      return new AwsFault({ origin: 'transport', code, host: matching(textField(error, 'hostname'), HOST) });
    }
    error = field(error, 'cause');
  }
  return undefined;
}

function matching(text: string | undefined, form: RegExp): string | undefined {
  return text !== undefined && form.test(text) ? text : undefined;
}
