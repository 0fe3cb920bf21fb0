/** What PKCS#12 makes of a password: its bytes, and the keys that its own derivation (RFC 7292, appendix B) gives. */

import { hash } from 'node:crypto';
import { type Execution, type GoString, goToText, TemplateFault } from '../value.ts';

export interface Pkcs12Password {
  /** For PBES2 and PBMAC1. */
  readonly utf8: Uint8Array;
  /** UTF-16, big-endian, closed by two zero bytes; for the old ciphers and MACs. */
  readonly bmp: Uint8Array;
}

export type DerivationHash = 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** What the derived bytes are for; the number goes into the derivation. */
export const PURPOSE = { key: 1, iv: 2, mac: 3 } as const;

const BLOCK_BYTES = { sha1: 64, sha224: 64, sha256: 64, sha384: 128, sha512: 128 } as const;

/** Iterations that cost as much as one step. */
const ITERATIONS_PER_STEP = 4;

/** @throws TemplateFault when the password has characters beyond the Basic Multilingual Plane */
export function pkcs12Password(password: GoString): Pkcs12Password {
  const text = goToText(password);
  if (/[\u{10000}-\u{10ffff}]/u.test(text)) {
    throw new TemplateFault('the password has characters that PKCS#12 cannot hold');
  }
  return { utf8: Buffer.from(text, 'utf8'), bmp: Buffer.from(`${text}\0`, 'utf16le').swap16() };
}

/** Some writers take the empty password for no bytes at all, without the closing zeros. */
export const NO_PASSWORD: Pkcs12Password = { utf8: new Uint8Array(), bmp: new Uint8Array() };

/** @throws TemplateError when the limits are spent: the file says how many iterations there are */
export function spendIterations(iterations: number, execution: Execution): void {
  execution.spend(Math.ceil(iterations / ITERATIONS_PER_STEP));
}

/** @throws TemplateError when the limits are spent */
export function derivePkcs12Key(
  request: { hash: DerivationHash; password: Uint8Array; salt: Uint8Array; iterations: number; length: number },
  purpose: number,
  execution: Execution,
): Uint8Array {
  const block = BLOCK_BYTES[request.hash];
  const diversifier = new Uint8Array(block).fill(purpose);
  const input = Buffer.concat([repeatToBlocks(request.salt, block), repeatToBlocks(request.password, block)]);
  const chunks: Buffer[] = [];
  for (let made = 0; made < request.length; ) {
    spendIterations(request.iterations, execution);
    const chunk = iterateHash(request.hash, Buffer.concat([diversifier, input]), request.iterations);
    chunks.push(chunk);
    made += chunk.length;
    addToBlocks(input, chunk, block);
  }
  return Buffer.concat(chunks).subarray(0, request.length);
}

function iterateHash(algorithm: DerivationHash, first: Uint8Array, iterations: number): Buffer {
  let digest = hash(algorithm, first, 'buffer');
  for (let round = 1; round < iterations; round += 1) digest = hash(algorithm, digest, 'buffer');
  return digest;
}

function repeatToBlocks(bytes: Uint8Array, block: number): Uint8Array {
  const length = Math.ceil(bytes.length / block) * block;
  return Uint8Array.from({ length }, (_, at) => bytes[at % bytes.length] ?? 0);
}

/** Adds the chunk, repeated to a block, and 1 to each block of the input, as big-endian numbers. */
function addToBlocks(input: Uint8Array, chunk: Uint8Array, block: number): void {
  for (let start = 0; start < input.length; start += block) {
    let carry = 1;
    for (let at = block - 1; at >= 0; at -= 1) {
      const sum = (input[start + at] ?? 0) + (chunk[at % chunk.length] ?? 0) + carry;
      input[start + at] = sum & 0xff;
      carry = sum >> 8;
    }
  }
}
