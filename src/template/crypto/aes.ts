/** `encryptAES` and `decryptAES`: AES-256-CBC; the key is the password's first 32 bytes, filled up with zeros; base64 of IV and data. */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { bytesToGo, type Execution, type GoString, goString, goToBytes, TemplateFault } from '../value.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { orFault } from './or-fault.ts';

const CIPHER = 'aes-256-cbc';
const KEY_BYTES = 32;
const IV_BYTES = 16;

/** A new IV makes each result new; nothing gives nothing. */
export function encryptAes(password: GoString, plain: GoString, execution: Execution): GoString {
  if (plain === '') return plain;
  execution.allocate(plain.length * 2);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(password), iv);
  return goString(encodeBase64(Buffer.concat([iv, cipher.update(goToBytes(plain)), cipher.final()])));
}

/** @throws TemplateFault when the data are not what `encryptAES` made with this password, as far as the padding tells */
export function decryptAes(password: GoString, encrypted: GoString): GoString {
  if (encrypted === '') return encrypted;
  const bytes = decodeBase64(encrypted);
  if (bytes === undefined) throw new TemplateFault('the encrypted data are not base64');
  const plain = orFault('the data could not be decrypted: the password is wrong, or they are damaged', () => {
    const cipher = createDecipheriv(CIPHER, keyOf(password), bytes.subarray(0, IV_BYTES));
    return Buffer.concat([cipher.update(bytes.subarray(IV_BYTES)), cipher.final()]);
  });
  return bytesToGo(plain);
}

function keyOf(password: GoString): Uint8Array {
  const key = new Uint8Array(KEY_BYTES);
  key.set(goToBytes(password).subarray(0, KEY_BYTES));
  return key;
}
