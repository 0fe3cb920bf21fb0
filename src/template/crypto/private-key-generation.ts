/** `genPrivateKey`: a new key in the PEM of its kind. */

import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type Execution, type GoString, TemplateFault } from '../value.ts';
import { elements, fieldsOf, inside, octetsOf, readDer, TAG } from './der-read.ts';
import { integer, sequence } from './der-write.ts';
import { encodePem } from './pem.ts';
import { pkcs8Der, spkiDer, traditionalPem } from './private-key.ts';

/** Making an RSA key of 4096 bits blocks for half a second, seldom for two: a render can have two of them. */
const STEPS = { rsa: 400_000, dsa: 200_000, ecdsa: 100, ed25519: 100 } as const;

const RSA_BITS = 4096;

/**
 * @param kind `rsa` (also when the name is empty), `dsa`, `ecdsa` (P-256) or `ed25519`
 * @throws TemplateFault when it is none of them; TemplateError when the limits are spent
 */
export function newPrivateKey(kind: GoString, execution: Execution): GoString {
  switch (kind as string) {
    case '':
    case 'rsa':
      execution.spend(STEPS.rsa);
      return traditionalPem(generateKeyPairSync('rsa', { modulusLength: RSA_BITS }).privateKey);
    case 'dsa':
      execution.spend(STEPS.dsa);
      return dsaPem(generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).privateKey);
    case 'ecdsa':
      execution.spend(STEPS.ecdsa);
      return traditionalPem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
    case 'ed25519':
      execution.spend(STEPS.ed25519);
      return traditionalPem(generateKeyPairSync('ed25519').privateKey);
    default:
      throw new TemplateFault('unknown type of private key: expected rsa, dsa, ecdsa or ed25519');
  }
}

/** OpenSSL's own form, which node:crypto does not write: version, p, q, g, y, x. */
function dsaPem(key: KeyObject): GoString {
  const [, privateAlgorithm, secret] = elements(readDer(pkcs8Der(key)));
  const [, publicBits] = elements(readDer(spkiDer(key)));
  if (privateAlgorithm === undefined || secret === undefined || publicBits === undefined) {
    throw new TemplateFault('the new DSA key could not be written');
  }
  const algorithm = fieldsOf(privateAlgorithm);
  algorithm.take(TAG.oid);
  const parameters = elements(algorithm.take(TAG.sequence)).map((parameter) => parameter.whole);
  const y = publicBits.content.subarray(1);
  const x = inside({ ...secret, content: octetsOf(secret) }, TAG.integer).whole;
  return encodePem('DSA PRIVATE KEY', sequence(integer(0), ...parameters, y, x));
}
