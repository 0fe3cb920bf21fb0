/** Short names for values: two that are equal have the same one within a run, and none can be looked up outside of it. */

import { createHmac, randomBytes } from 'node:crypto';
import type { SecretValue } from '../ports/secret-value.ts';

/** Names a value; the same for equal values. */
export type Digest = (value: SecretValue) => string;

const KEY_BYTES = 32;
/** 48 bits: that two of a hundred thousand values have the same name by chance is one in fifty thousand. */
const SHOWN_CHARACTERS = 12;

/** HMAC-SHA-256 under a random key that is kept nowhere: whoever has the output alone cannot try out values. */
export function createDigest(): Digest {
  const key = randomBytes(KEY_BYTES);
  return (value) => createHmac('sha256', key).update(value.revealBytes()).digest('hex').slice(0, SHOWN_CHARACTERS);
}
