/** Checksums and hashes of text, as lower-case hexadecimal; Adler-32 as a decimal number. */

import { createHash } from 'node:crypto';
import { type FunctionTable, type GoFunction, goString, goToBytes } from '../value.ts';
import { define } from './declare.ts';

const ADLER_MODULUS = 65521;

function hashWith(algorithm: 'sha1' | 'sha256' | 'sha512'): GoFunction {
  return define(['string'], 'string', ([text]) =>
    goString(createHash(algorithm).update(goToBytes(text)).digest('hex')),
  );
}

function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % ADLER_MODULUS;
    b = (b + a) % ADLER_MODULUS;
  }
  return b * 65536 + a;
}

export const DIGESTS: FunctionTable = new Map([
  ['adler32sum', define(['string'], 'string', ([text]) => goString(String(adler32(goToBytes(text)))))],
  ['sha1sum', hashWith('sha1')],
  ['sha256sum', hashWith('sha256')],
  ['sha512sum', hashWith('sha512')],
]);
