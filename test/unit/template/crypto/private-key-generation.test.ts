import { createPrivateKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { elements, readDer } from '../../../../src/template/crypto/der-read.ts';
import {
  callForStruct,
  callForText,
  callWith,
  executionWith,
  faultOf,
  fieldText,
  SpentError,
} from './call-function.ts';
import { pemOf } from './fixtures.ts';

describe('genPrivateKey', () => {
  test.each([
    ['rsa', 'RSA PRIVATE KEY', { modulusLength: 4096 }],
    ['ecdsa', 'EC PRIVATE KEY', { namedCurve: 'prime256v1' }],
    ['ed25519', 'PRIVATE KEY', {}],
  ])('"%s" gives a %s', (kind, type, details) => {
    const pem = callForText('genPrivateKey', kind);
    expect(pem).toMatch(new RegExp(`^-----BEGIN ${type}-----\n(.{1,64}\n)+-----END ${type}-----\n$`));
    expect(createPrivateKey(pem).asymmetricKeyDetails).toMatchObject(details);
  });

  test('"dsa" gives the six numbers of an OpenSSL key, whose parts belong together', () => {
    const pem = callForText('genPrivateKey', 'dsa');
    expect(pem).toMatch(/^-----BEGIN DSA PRIVATE KEY-----\n/);
    const der = Buffer.from(pem.replaceAll(/-----.*-----|\n/g, ''), 'base64');
    const [version, p = 0n, q = 0n, g = 0n, y = 0n, x = 0n] = elements(readDer(der)).map(({ content }) =>
      BigInt(`0x${Buffer.from(content).toString('hex')}`),
    );
    expect([version, p.toString(2).length, q.toString(2).length]).toEqual([0n, 2048, 256]);
    expect(power(g, x, p)).toBe(y);
    const built = callForStruct(
      'buildCustomCert',
      ...[pemOf('leaf'), pem].map((text) => Buffer.from(text).toString('base64')),
    );
    expect(fieldText(built, 'Key')).toBe(pem);
  });

  test('a kind that there is not is refused', () => {
    expect(faultOf('genPrivateKey', 'fake')).toBe('unknown type of private key: expected rsa, dsa, ecdsa or ed25519');
  });

  test.each(['rsa', ''])('"%s" is RSA, of which two keys are the most that a render makes', (kind) => {
    const execution = executionWith({ steps: 399_999, bytes: 1e6 });
    expect(() => callWith(execution, 'genPrivateKey', kind)).toThrow(SpentError);
  });
});

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}
