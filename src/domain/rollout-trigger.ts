/** The annotation on pod templates that belongs to one ExternalSecret: its name, and what it says. Pure. */

import { hash } from 'node:crypto';
import { TRIGGER_PREFIX } from '../api/groups.ts';
import { timestampOf } from './status.ts';
import type { VersionMark } from './version-mark.ts';

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

/** `HASH TIME`: the version, and since when the Secret has it, by which a version that comes back is another one. */
export function triggerValue({ version, sinceMs }: VersionMark): string {
  return `${version} ${timestampOf(sinceMs)}`;
}

/** Whether this value speaks of that version, of whatever time. */
export function isOfVersion(value: string | undefined, { version }: Pick<VersionMark, 'version'>): boolean {
  return value?.split(' ', 1)[0] === version;
}
