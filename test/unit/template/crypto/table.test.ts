import { describe, expect, test } from 'vitest';
import { CRYPTO_FUNCTIONS } from '../../../../src/template/crypto/table.ts';
import { callWith, executionWith, SpentError } from './call-function.ts';

const TEXT = (count: number): string => `${new Array<string>(count).fill('string').join(', ')} → string`;
const NAMES = 'string, []interface {}, []interface {}, int';

describe('each function has the parameters and the result of its Go signature', () => {
  const signatures: Record<string, string> = {
    pkcs12key: TEXT(1),
    pkcs12keyPass: TEXT(2),
    pkcs12cert: TEXT(1),
    pkcs12certPass: TEXT(2),
    pemToPkcs12: TEXT(2),
    pemToPkcs12Pass: TEXT(3),
    fullPemToPkcs12: TEXT(2),
    fullPemToPkcs12Pass: TEXT(3),
    pemTruststoreToPKCS12: TEXT(1),
    pemTruststoreToPKCS12Pass: TEXT(2),
    filterPEM: TEXT(2),
    filterCertChain: TEXT(2),
    certSANs: 'string → []string',
    jwkPublicKeyPem: TEXT(1),
    jwkPrivateKeyPem: TEXT(1),
    rsaDecrypt: TEXT(4),
    bcrypt: TEXT(1),
    htpasswd: TEXT(3),
    genPrivateKey: TEXT(1),
    encryptAES: TEXT(2),
    decryptAES: TEXT(2),
    randBytes: 'int → string',
    derivePassword: 'uint32, string, string, string, string → string',
    buildCustomCert: 'string, string → sprig.certificate',
    genCA: 'string, int → sprig.certificate',
    genCAWithKey: 'string, int, string → sprig.certificate',
    genSelfSignedCert: `${NAMES} → sprig.certificate`,
    genSelfSignedCertWithKey: `${NAMES}, string → sprig.certificate`,
    genSignedCert: `${NAMES}, sprig.certificate → sprig.certificate`,
    genSignedCertWithKey: `${NAMES}, sprig.certificate, string → sprig.certificate`,
  };

  test('and there are no others', () => {
    const declared = [...CRYPTO_FUNCTIONS].map(([name, { params, result }]) => [
      name,
      `${params.join(', ')} → ${result}`,
    ]);
    expect(Object.fromEntries(declared)).toEqual(signatures);
  });
});

describe('input costs steps, whatever is done with it', () => {
  test('such as a file that is searched', () => {
    const execution = executionWith({ steps: 100, bytes: 1e6 });
    expect(() => callWith(execution, 'filterPEM', 'A', 'x'.repeat(100_000))).toThrow(SpentError);
  });
});
