/** How a failure is told in the Ready condition and the Event: upstream's words first, then what to do. */

import {
  AccessDenied,
  ClusterConflict,
  ClusterForbidden,
  ClusterNotFound,
  ClusterRejected,
  ClusterUnavailable,
  InvalidCredentials,
  InvalidSecretContent,
  type KeyturnError,
  RequestRejected,
  SecretNotFound,
  SourceUnavailable,
  Throttled,
} from '../ports/errors.ts';
import { MANIFEST } from './manifest-kind.ts';
import type { FailureSentences } from './target-words.ts';

const FROM_PROVIDER = [
  SecretNotFound,
  AccessDenied,
  InvalidCredentials,
  Throttled,
  SourceUnavailable,
  RequestRejected,
  InvalidSecretContent,
];
const FROM_CLUSTER = [ClusterConflict, ClusterForbidden, ClusterNotFound, ClusterRejected, ClusterUnavailable];

function isOneOf(error: KeyturnError, kinds: readonly (abstract new (message: string) => KeyturnError)[]): boolean {
  return kinds.some((kind) => error instanceof kind);
}

/** @param field where the manifest names what failed, such as `spec.data[0] (key: prod/db)` */
export function failureMessage(error: KeyturnError, field: string | undefined, words: FailureSentences): string {
  const sentence = sentenceFor(error, field, words);
  const parts = [...(sentence === undefined ? [] : [sentence]), ...(field === undefined ? [] : [field]), error.message];
  return withRequestId(cut(visible(parts.join(': '))), error);
}

/** Control characters, line and paragraph separators, and what has no width or turns the direction of writing. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Names that messages quote may have anything in them, and a message is shown on terminals. */
function visible(message: string): string {
  return message.replace(INVISIBLE, (character) => `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0')}`);
}

/** What quotes a manifest may be long; a message must be one that can be read, and that the API server takes. */
const LONGEST_MESSAGE = 2_000;

function cut(message: string): string {
  return message.length <= LONGEST_MESSAGE ? message : `${message.slice(0, LONGEST_MESSAGE)}...`;
}

export function withRequestId(message: string, { requestId }: KeyturnError): string {
  return requestId === undefined ? message : `${message} (AWS request id ${requestId})`;
}

/** What fails there was got from the provider, and is made into the target. */
const TARGET = 'spec.target';

/** The sentence that upstream's condition consists of. */
function sentenceFor(
  error: KeyturnError,
  field: string | undefined,
  { onLook, onRender, onWrite }: FailureSentences,
): string | undefined {
  const isOfCluster = isOneOf(error, FROM_CLUSTER);
  if (field === MANIFEST && isOfCluster) return onLook;
  if (field?.startsWith(TARGET)) return onRender;
  if (isOneOf(error, FROM_PROVIDER)) return 'could not get secret data from provider';
  return isOfCluster ? onWrite : undefined;
}

const REQUEST_ID = / \(AWS request id [^)]*\)$/;

/**
 * The message to show, given the one that is shown: the same failure keeps the request id that it was first seen with,
 * so that a retry changes nothing and Events aggregate.
 */
export function steadyMessage(shown: string | undefined, next: string): string {
  return shown !== undefined && shown.replace(REQUEST_ID, '') === next.replace(REQUEST_ID, '') ? shown : next;
}
