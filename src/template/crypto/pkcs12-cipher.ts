/** Password-based encryption as PFX files use it: PBES2 with AES or 3DES, and the old SHA-1 schemes with 3DES and RC2 for reading. */

import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';
import { type Execution, TemplateFault } from '../value.ts';
import { type Der, fieldsOf, octetsOf, oidOf, smallIntegerOf, TAG } from './der-read.ts';
import { integer, nothing, octetString, oid, sequence } from './der-write.ts';
import { OID } from './oids.ts';
import { orFault } from './or-fault.ts';
import {
  type DerivationHash,
  derivePkcs12Key,
  type Pkcs12Password,
  PURPOSE,
  spendIterations,
} from './pkcs12-password.ts';
import { decryptRc2Cbc } from './rc2.ts';

/** Iterations of what is written: those of OpenSSL 3 and of upstream. */
export const WRITE_ITERATIONS = 2048;
export const WRITE_SALT_BYTES = 16;

const HMAC_HASHES: ReadonlyMap<string, DerivationHash> = new Map([
  [OID.hmacSha1, 'sha1'],
  [OID.hmacSha224, 'sha224'],
  [OID.hmacSha256, 'sha256'],
  [OID.hmacSha384, 'sha384'],
  [OID.hmacSha512, 'sha512'],
]);

const PBES2_CIPHERS: ReadonlyMap<string, { name: string; keyBytes: number }> = new Map([
  [OID.tripleDesCbc, { name: 'des-ede3-cbc', keyBytes: 24 }],
  [OID.aes128Cbc, { name: 'aes-128-cbc', keyBytes: 16 }],
  [OID.aes192Cbc, { name: 'aes-192-cbc', keyBytes: 24 }],
  [OID.aes256Cbc, { name: 'aes-256-cbc', keyBytes: 32 }],
]);

const OLD_KEY_BYTES: ReadonlyMap<string, number> = new Map([
  [OID.pbeSha1TripleDes, 24],
  [OID.pbeSha1Rc2With128Bits, 16],
  [OID.pbeSha1Rc2With40Bits, 5],
]);

const UNDECIPHERABLE = 'the PKCS#12 file could not be decrypted: the password is wrong, or the file is damaged';

/**
 * @param algorithm an AlgorithmIdentifier
 * @throws TemplateFault when the scheme is unknown or the password is wrong; TemplateError when the limits are spent
 */
export function decryptWithPassword(
  algorithm: Der,
  data: Uint8Array,
  password: Pkcs12Password,
  execution: Execution,
): Uint8Array {
  const fields = fieldsOf(algorithm);
  const scheme = oidOf(fields.take(TAG.oid));
  const parameters = fields.take(TAG.sequence);
  if (scheme === OID.pbes2) return decryptPbes2(parameters, data, password, execution);
  const keyBytes = OLD_KEY_BYTES.get(scheme);
  if (keyBytes === undefined) {
    throw new TemplateFault(`the PKCS#12 file is encrypted in a way that is not supported: ${scheme}`);
  }
  const given = fieldsOf(parameters);
  const salt = octetsOf(given.takeAny());
  const iterations = smallIntegerOf(given.takeAny());
  const derive = (length: number, purpose: number): Uint8Array =>
    derivePkcs12Key({ hash: 'sha1', password: password.bmp, salt, iterations, length }, purpose, execution);
  const key = derive(keyBytes, PURPOSE.key);
  const iv = derive(8, PURPOSE.iv);
  if (scheme === OID.pbeSha1TripleDes) return decipher('des-ede3-cbc', key, iv, data);
  return withoutPadding(decryptRc2Cbc(key, iv, data), 8);
}

/** With PBES2: AES-256-CBC under a key from PBKDF2 with HMAC-SHA-256. */
export function encryptWithPassword(
  plain: Uint8Array,
  password: Pkcs12Password,
  execution: Execution,
): { algorithm: Uint8Array; data: Uint8Array } {
  const salt = randomBytes(WRITE_SALT_BYTES);
  const iv = randomBytes(16);
  spendIterations(WRITE_ITERATIONS, execution);
  const key = pbkdf2Sync(password.utf8, salt, WRITE_ITERATIONS, 32, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const prf = sequence(oid(OID.hmacSha256), nothing());
  const derivation = sequence(oid(OID.pbkdf2), sequence(octetString(salt), integer(WRITE_ITERATIONS), prf));
  const encryption = sequence(oid(OID.aes256Cbc), octetString(iv));
  return {
    algorithm: sequence(oid(OID.pbes2), sequence(derivation, encryption)),
    data: Buffer.concat([cipher.update(plain), cipher.final()]),
  };
}

/**
 * A key by PBKDF2, whose AlgorithmIdentifier this is.
 * @param length what is asked for when the file does not say
 * @throws TemplateFault; TemplateError when the limits are spent
 */
export function derivePbkdf2(
  algorithm: Der,
  password: Uint8Array,
  length: number | undefined,
  execution: Execution,
): Uint8Array {
  const derivation = fieldsOf(algorithm);
  const kind = oidOf(derivation.take(TAG.oid));
  if (kind !== OID.pbkdf2) throw new TemplateFault(`the key derivation of the PKCS#12 file is not supported: ${kind}`);
  const fields = fieldsOf(derivation.take(TAG.sequence));
  const salt = octetsOf(fields.takeAny());
  const iterations = smallIntegerOf(fields.takeAny());
  const given = fields.optional(TAG.integer);
  const prf = fields.optional(TAG.sequence);
  const hash = prf === undefined ? 'sha1' : hmacHashOf(prf);
  const keyBytes = length ?? (given === undefined ? 0 : smallIntegerOf(given));
  // RFC 9879: a PBMAC1 key that is short lets a MAC be forged; one longer than any hash is no key.
  if (iterations === 0 || (length === undefined && (keyBytes < 20 || keyBytes > 64))) {
    throw new TemplateFault('the key derivation of the PKCS#12 file is out of range');
  }
  spendIterations(iterations, execution);
  return pbkdf2Sync(password, salt, iterations, keyBytes, hash);
}

/** @param algorithm the AlgorithmIdentifier of an HMAC */
export function hmacHashOf(algorithm: Der): DerivationHash {
  const kind = oidOf(fieldsOf(algorithm).take(TAG.oid));
  const hash = HMAC_HASHES.get(kind);
  if (hash === undefined) throw new TemplateFault(`the HMAC of the PKCS#12 file is not supported: ${kind}`);
  return hash;
}

function decryptPbes2(parameters: Der, data: Uint8Array, password: Pkcs12Password, execution: Execution): Uint8Array {
  const fields = fieldsOf(parameters);
  const derivation = fields.take(TAG.sequence);
  const encryption = fieldsOf(fields.take(TAG.sequence));
  const kind = oidOf(encryption.take(TAG.oid));
  const cipher = PBES2_CIPHERS.get(kind);
  if (cipher === undefined) throw new TemplateFault(`the cipher of the PKCS#12 file is not supported: ${kind}`);
  const iv = octetsOf(encryption.takeAny());
  return decipher(cipher.name, derivePbkdf2(derivation, password.utf8, cipher.keyBytes, execution), iv, data);
}

function decipher(name: string, key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array {
  return orFault(UNDECIPHERABLE, () => {
    const cipher = createDecipheriv(name, key, iv);
    return Buffer.concat([cipher.update(data), cipher.final()]);
  });
}

function withoutPadding(plain: Uint8Array, block: number): Uint8Array {
  const length = plain.at(-1) ?? 0;
  const padding = plain.subarray(-length);
  if (length < 1 || length > block || !padding.every((byte) => byte === length)) {
    throw new TemplateFault(UNDECIPHERABLE);
  }
  return plain.subarray(0, -length);
}
