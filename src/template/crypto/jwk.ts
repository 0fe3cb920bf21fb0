/** JSON Web Keys (RFC 7517) to PEM: RSA, the NIST curves and Ed25519. */

import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { type Execution, type GoString, goToText, TemplateFault } from '../value.ts';
import { orFault } from './or-fault.ts';
import { encodePem } from './pem.ts';
import { checked, pkcs8Pem, spkiDer } from './private-key.ts';

const CURVES: ReadonlyMap<string, ReadonlySet<string | undefined>> = new Map([
  ['EC', new Set<string | undefined>(['P-256', 'P-384', 'P-521'])],
  ['OKP', new Set<string | undefined>(['Ed25519'])],
  ['RSA', new Set([undefined])],
]);

const MEMBERS = ['kty', 'crv', 'n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi', 'x', 'y'] as const;

/** Base64 of the longest number that a key of the largest size has, and some more. */
const MAX_MEMBER_LENGTH = 2048;

/** What it costs to read one. */
const READ_STEPS = 200;

/** `jwkPublicKeyPem`: a PKIX `PUBLIC KEY`. @throws TemplateFault when it is no public key, a private one included */
export function jwkPublicKeyPem(json: GoString, execution: Execution): GoString {
  execution.spend(READ_STEPS);
  const jwk = readJwk(json);
  if (jwk.d !== undefined) throw new TemplateFault('the JWK is a private key: expected a public one');
  const key = orFault('the JWK is not a valid key', () => createPublicKey({ key: jwk, format: 'jwk' }));
  return encodePem('PUBLIC KEY', spkiDer(checked(key)));
}

/** `jwkPrivateKeyPem`: a PKCS#8 `PRIVATE KEY`. @throws TemplateFault when it is no private key */
export function jwkPrivateKeyPem(json: GoString, execution: Execution): GoString {
  execution.spend(READ_STEPS);
  const jwk = readJwk(json);
  if (jwk.d === undefined) throw new TemplateFault('the JWK is a public key: expected a private one');
  const whole = jwk.kty === 'RSA' ? withChineseRemainders(jwk) : jwk;
  const key = orFault('the JWK is not a valid key', () => createPrivateKey({ key: whole, format: 'jwk' }));
  if (jwk.kty === 'OKP' && !hasPublicPart(key, jwk)) {
    throw new TemplateFault('the JWK is not a valid key: its x does not belong to its d');
  }
  return pkcs8Pem(checked(key));
}

function readJwk(json: GoString): JsonWebKey {
  const parsed = orFault('the JWK is not JSON', (): unknown => JSON.parse(goToText(json)));
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new TemplateFault('the JWK is no JSON object');
  }
  const jwk: JsonWebKey = {};
  for (const [name, value] of Object.entries(parsed)) {
    const member = MEMBERS.find((known) => known === name);
    if (member !== undefined) jwk[member] = memberText(member, value);
  }
  const curves = CURVES.get(jwk.kty ?? '');
  if (curves === undefined) throw new TemplateFault('the kty of the JWK is not supported: expected RSA, EC or OKP');
  if (!curves.has(jwk.crv)) {
    throw new TemplateFault('the crv of the JWK is not supported: expected P-256, P-384, P-521 or Ed25519');
  }
  return jwk;
}

function memberText(name: string, value: unknown): string {
  // Standard base64 comes too, with padding.
  if (typeof value !== 'string' || value.length > MAX_MEMBER_LENGTH || !/^[A-Za-z0-9_\-+/]+={0,2}$/.test(value)) {
    throw new TemplateFault(`the ${name} of the JWK is not valid`);
  }
  return value;
}

/** The members that speed RSA up may be missing: they follow from d, p and q. */
function withChineseRemainders(jwk: JsonWebKey): JsonWebKey {
  const { d, p, q } = jwk;
  if (d === undefined || p === undefined || q === undefined) {
    throw new TemplateFault('the JWK lacks p or q: they are needed in an RSA private key');
  }
  if (jwk.dp !== undefined && jwk.dq !== undefined && jwk.qi !== undefined) return jwk;
  const [secret, first, second] = [numberOf(d), numberOf(p), numberOf(q)];
  if (first < 2n || second < 2n) throw new TemplateFault('the JWK is not a valid key');
  return {
    ...jwk,
    dp: base64Of(secret % (first - 1n)),
    dq: base64Of(secret % (second - 1n)),
    qi: base64Of(inverse(second, first)),
  };
}

function hasPublicPart(key: KeyObject, jwk: JsonWebKey): boolean {
  const actual = createPublicKey(key).export({ format: 'jwk' }).x ?? '';
  return Buffer.from(actual, 'base64url').equals(Buffer.from(jwk.x ?? '', 'base64url'));
}

function numberOf(base64: string): bigint {
  return BigInt(`0x0${Buffer.from(base64, 'base64url').toString('hex')}`);
}

function base64Of(value: bigint): string {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url');
}

/** By Euclid's extended algorithm. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [remainder, next] = [modulus, value % modulus];
  let [factor, nextFactor] = [0n, 1n];
  while (next !== 0n) {
    const quotient = remainder / next;
    [remainder, next] = [next, remainder - quotient * next];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return factor < 0n ? factor + modulus : factor;
}
