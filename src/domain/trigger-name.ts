/** The annotation on pod templates that belongs to one ExternalSecret. */

import { hash } from 'node:crypto';
import { TRIGGER_PREFIX } from '../api/groups.ts';

/** What follows the `/` in the key of an annotation has at most 63 characters. */
const LONGEST_NAME = 63;
const HASH_CHARS = 12;

export function triggerOf(externalSecretName: string): string {
  const prefix = TRIGGER_PREFIX.slice(TRIGGER_PREFIX.indexOf('/') + 1);
  const room = LONGEST_NAME - prefix.length;
  if (externalSecretName.length <= room) return `${TRIGGER_PREFIX}${externalSecretName}`;
  const digest = hash('sha256', externalSecretName).slice(0, HASH_CHARS);
  return `${TRIGGER_PREFIX}${externalSecretName.slice(0, room - HASH_CHARS - 1)}-${digest}`;
}
