/** Private keys: read from their three DER forms, written as PKCS#8 or in the PEM that Go's helpers give. */

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { type Execution, type GoString, TemplateFault } from '../value.ts';
import { fieldsOf, readDer, TAG } from './der-read.ts';
import { orFault } from './or-fault.ts';
import { encodePem, firstPem, type PemBlock } from './pem.ts';

type KeyForm = 'pkcs1' | 'pkcs8' | 'sec1';

const KEY_TYPES = new Set<string | undefined>(['rsa', 'ec', 'ed25519', 'x25519']);

/** A signature takes some 25 ms then; more than that nobody uses. */
const MAX_RSA_BITS = 8192;

/** What it costs to read a key. */
const READ_STEPS = 100;

/** Whatever its form is. @throws TemplateFault; TemplateError when the limits are spent */
export function readPrivateKey(der: Uint8Array, execution: Execution): KeyObject {
  execution.spend(READ_STEPS);
  for (const form of ['pkcs1', 'pkcs8', 'sec1'] as const) {
    const key = tryRead(der, form);
    if (key !== undefined) return checked(key);
  }
  throw new TemplateFault('the private key could not be parsed: expected PKCS#1, PKCS#8 or SEC 1, not encrypted');
}

/** @throws TemplateFault; TemplateError when the limits are spent */
export function readPkcs8(der: Uint8Array, execution: Execution): KeyObject {
  execution.spend(READ_STEPS);
  const key = tryRead(der, 'pkcs8');
  if (key === undefined) throw new TemplateFault('the private key could not be parsed as PKCS#8');
  return checked(key);
}

/** The first PEM block, which must have the form that its type names. @throws TemplateFault; TemplateError when the limits are spent */
export function readPrivateKeyPem(text: GoString, execution: Execution): KeyObject {
  execution.spend(READ_STEPS);
  const { block } = firstPem(text, 'the private key');
  const form = formOf(block);
  const key = tryRead(block.bytes, form);
  if (key === undefined) throw new TemplateFault('the private key could not be parsed in the form that its PEM names');
  return checked(key);
}

/** Holds when the text is the PEM of a private key, a DSA key's included. @throws TemplateFault */
export function checkPrivateKeyPem(text: GoString, execution: Execution): void {
  const { block } = firstPem(text, 'the private key');
  if (block.type !== 'DSA PRIVATE KEY') {
    readPrivateKeyPem(text, execution);
    return;
  }
  const fields = fieldsOf(readDer(block.bytes, TAG.sequence));
  for (let count = 0; count < 6; count += 1) fields.take(TAG.integer);
}

/** Before a signature or a decryption: with RSA the work grows with the cube of the key's size. @throws TemplateError when the limits are spent */
export function spendForUse(key: KeyObject, execution: Execution): void {
  const kilobits = (key.asymmetricKeyDetails?.modulusLength ?? 1024) / 1024;
  execution.spend(Math.ceil(25 * kilobits ** 3));
}

export function pkcs8Der(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'pkcs8' });
}

export function pkcs8Pem(key: KeyObject): GoString {
  return encodePem('PRIVATE KEY', pkcs8Der(key));
}

/** PKCS#1 for RSA, SEC 1 for elliptic curves, PKCS#8 for the others. */
export function traditionalPem(key: KeyObject): GoString {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return encodePem('RSA PRIVATE KEY', key.export({ format: 'der', type: 'pkcs1' }));
    case 'ec':
      return encodePem('EC PRIVATE KEY', key.export({ format: 'der', type: 'sec1' }));
    default:
      return pkcs8Pem(key);
  }
}

/** The public key of a private or public one. */
export function spkiDer(key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return publicKey.export({ format: 'der', type: 'spki' });
}

/** @throws TemplateFault when the key is of a kind, or so large, that nothing is done with it here */
export function checked(key: KeyObject): KeyObject {
  if (!KEY_TYPES.has(key.asymmetricKeyType)) {
    throw new TemplateFault('this type of key is not supported: expected RSA, ECDSA, Ed25519 or X25519');
  }
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) > MAX_RSA_BITS) {
    throw new TemplateFault(`the RSA key is too large: expected at most ${MAX_RSA_BITS} bits`);
  }
  return key;
}

function formOf(block: PemBlock): KeyForm {
  switch (block.type) {
    case 'PRIVATE KEY':
      return 'pkcs8';
    case 'RSA PRIVATE KEY':
      return 'pkcs1';
    case 'EC PRIVATE KEY':
      return 'sec1';
    default:
      throw new TemplateFault(
        'the PEM block is no private key: expected PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY',
      );
  }
}

function tryRead(der: Uint8Array, type: KeyForm): KeyObject | undefined {
  try {
    readDer(der);
    return orFault('', () => createPrivateKey({ key: Buffer.from(der), format: 'der', type }));
  } catch (error) {
    if (error instanceof TemplateFault) return undefined;
    throw error;
  }
}
