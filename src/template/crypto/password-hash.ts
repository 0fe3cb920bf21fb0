/** `bcrypt` and `htpasswd`: hashes of passwords; with bcrypt a new salt makes each result new. */

import { createHash } from 'node:crypto';
import { genSaltSync, hashSync } from 'bcryptjs';
import { type Execution, type GoString, goString, goToBytes, goToText, TemplateFault } from '../value.ts';
import { encodeBase64 } from './base64.ts';

/** Go's default: 2^10 rounds, some 70 ms. */
const COST = 10;
const BCRYPT_STEPS = 50_000;

/** What bcrypt looks at: the rest of a longer password would not count, so that it is refused. */
const MAX_PASSWORD_BYTES = 72;

/** @throws TemplateFault when the password is longer than 72 bytes or no UTF-8; TemplateError when the limits are spent */
export function bcryptHash(password: GoString, execution: Execution): GoString {
  if (password.length > MAX_PASSWORD_BYTES) {
    throw new TemplateFault(`the password is too long for bcrypt: expected at most ${MAX_PASSWORD_BYTES} bytes`);
  }
  const text = goToText(password);
  if (goString(text) !== password) throw new TemplateFault('the password is not UTF-8, which bcrypt needs here');
  execution.spend(BCRYPT_STEPS);
  // $2a$ and $2b$ name the same algorithm; Go and the readers of .htpasswd files know the older name.
  return goString(hashSync(text, genSaltSync(COST).replace('$2b$', '$2a$')));
}

/**
 * A line of an .htpasswd file.
 * @param algorithm `sha` for Apache's {SHA}; anything else is bcrypt, as in sprig
 * @throws TemplateFault when the user's name has a colon; TemplateError when the limits are spent
 */
export function htpasswdLine(user: GoString, password: GoString, algorithm: GoString, execution: Execution): GoString {
  if (user.includes(':')) throw new TemplateFault('the user name has a colon, which ends it in an .htpasswd file');
  const isSha = (algorithm as string) === 'sha';
  const hash = isSha ? `{SHA}${sha1Base64(password)}` : bcryptHash(password, execution);
  return `${user}:${hash}` as GoString;
}

function sha1Base64(password: GoString): string {
  return encodeBase64(createHash('sha1').update(goToBytes(password)).digest());
}
