import { describe, expect, test } from 'vitest';
import { callForText, faultOf } from './call-function.ts';
import { GO_JWKS } from './fixtures.ts';

const [RSA] = GO_JWKS;
const EC = GO_JWKS.find(({ name }) => name === 'P-256');
const ED25519 = GO_JWKS.find(({ name }) => name === 'Ed25519');
if (RSA === undefined || EC === undefined || ED25519 === undefined) throw new Error('a fixture is missing');

describe('a JWK becomes the PEM that Go makes of it', () => {
  test.each(GO_JWKS)('$name', (jwk) => {
    expect(callForText('jwkPrivateKeyPem', JSON.stringify(jwk.private))).toBe(jwk.privatePem);
    expect(callForText('jwkPublicKeyPem', JSON.stringify(jwk.public))).toBe(jwk.publicPem);
  });

  test('members that do not matter here are passed over', () => {
    const jwk = { ...EC.public, kid: 'fake', use: 'sig', alg: 'ES256', key_ops: ['verify'], x5c: 1 };
    expect(callForText('jwkPublicKeyPem', JSON.stringify(jwk))).toBe(EC.publicPem);
  });

  test('numbers may come in standard base64, with padding', () => {
    const padded = Buffer.from(EC.public['x'] ?? '', 'base64url').toString('base64');
    expect(callForText('jwkPublicKeyPem', JSON.stringify({ ...EC.public, x: padded }))).toBe(EC.publicPem);
  });
});

describe('what is no key says why, and shows nothing of it', () => {
  const { p: _p, q: _q, ...withoutPrimes } = RSA.private;
  const longNumber = 'fake'.repeat(1000);
  const cases: Record<string, [name: 'jwkPublicKeyPem' | 'jwkPrivateKeyPem', jwk: unknown, message: RegExp]> = {
    'a private key where a public one is asked for': ['jwkPublicKeyPem', EC.private, /is a private key/],
    'a public key where a private one is asked for': ['jwkPrivateKeyPem', EC.public, /is a public key/],
    'a list': ['jwkPublicKeyPem', [EC.public], /is no JSON object/],
    null: ['jwkPublicKeyPem', null, /is no JSON object/],
    'a set of keys': ['jwkPublicKeyPem', { keys: [EC.public] }, /kty of the JWK is not supported/],
    'a symmetric key': ['jwkPublicKeyPem', { kty: 'oct', k: 'fake' }, /kty of the JWK is not supported/],
    'a curve that is not supported': ['jwkPublicKeyPem', { ...EC.public, crv: 'secp256k1' }, /crv of the JWK/],
    'a point that is not on the curve': ['jwkPublicKeyPem', { ...EC.public, x: EC.public['y'] }, /not a valid key/],
    'a member that is no string': ['jwkPublicKeyPem', { ...EC.public, x: 1 }, /the x of the JWK is not valid/],
    'a member that is no base64': ['jwkPrivateKeyPem', { ...EC.private, d: 'fake secret' }, /the d of the JWK/],
    'a number of a size that no key has': ['jwkPrivateKeyPem', { ...RSA.private, d: longNumber }, /the d of the JWK/],
    'an RSA key without its primes': ['jwkPrivateKeyPem', withoutPrimes, /lacks p or q/],
    'an Ed25519 key whose parts do not belong together': [
      'jwkPrivateKeyPem',
      { ...ED25519.private, d: Buffer.alloc(32, 1).toString('base64url') },
      /its x does not belong to its d/,
    ],
  };
  test.each(Object.entries(cases))('%s', (_, [name, jwk, message]) => {
    const said = faultOf(name, JSON.stringify(jwk));
    expect(said).toMatch(message);
    expect(said).not.toContain('fake');
  });

  test('text that is not JSON', () => {
    expect(faultOf('jwkPublicKeyPem', 'fake-secret')).toBe('the JWK is not JSON');
  });
});
