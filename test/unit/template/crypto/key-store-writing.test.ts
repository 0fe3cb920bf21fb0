import { createHash } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import { type Der, elements, octetsOf, readDer, TAG } from '../../../../src/template/crypto/der-read.ts';
import { callForStruct, callForText, faultOf, fieldText } from './call-function.ts';
import { allIn, bmpTextsIn, oidsIn } from './der-search.ts';
import { CHAIN, pemOf } from './fixtures.ts';
import { safeOf, truststoreBags } from './pkcs12-parts.ts';

function decoded(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}

/** The bags of a truststore that has no password. */
function bagsOf(certificates: string): Der {
  return truststoreBags(decoded(callForText('pemTruststoreToPKCS12', certificates)), '');
}

describe('a PFX that is written is read again', () => {
  const keys: Record<string, [certificate: string, key: string]> = {
    'an ECDSA key in PKCS#8': [CHAIN.leaf.certificate, CHAIN.leaf.key],
    'an ECDSA key in SEC 1': [CHAIN.leaf.certificate, CHAIN.leaf.sec1],
    'an Ed25519 key': [CHAIN.other.certificate, CHAIN.other.key],
  };
  test.each(Object.entries(keys))('%s', (_, [certificate, key]) => {
    for (const password of ['', 'fake-password', 'fäke €']) {
      const file = decoded(callForText('pemToPkcs12Pass', certificate, key, password));
      const pkcs8 = key === CHAIN.leaf.sec1 ? CHAIN.leaf.key : key;
      expect(callForText('pkcs12keyPass', password, file)).toBe(pkcs8);
      expect(callForText('pkcs12certPass', password, file)).toBe(certificate);
    }
  });

  it('holds the first certificate only, or all of them', () => {
    const chain = pemOf('leaf', 'root', 'intermediate');
    const one = decoded(callForText('pemToPkcs12', chain, CHAIN.leaf.key));
    const all = decoded(callForText('fullPemToPkcs12', `${chain}\n\n`, CHAIN.leaf.key));
    expect(callForText('pkcs12cert', one)).toBe(pemOf('leaf'));
    expect(callForText('pkcs12cert', all)).toBe(pemOf('leaf', 'intermediate', 'root'));
  });

  it('has new salts each time', () => {
    const write = (): string => callForText('pemToPkcs12Pass', CHAIN.leaf.certificate, CHAIN.leaf.key, 'fake-password');
    expect(write()).not.toBe(write());
  });
});

describe('what is written uses the algorithms of today', () => {
  const file = decoded(callForText('fullPemToPkcs12Pass', pemOf('leaf', 'root'), CHAIN.leaf.key, 'fake-password'));

  it('PBES2, PBKDF2 with HMAC-SHA-256 and AES-256-CBC for both parts, SHA-256 for the MAC', () => {
    const pbes2 = ['1.2.840.113549.1.5.13', '1.2.840.113549.1.5.12', '1.2.840.113549.2.9', '2.16.840.1.101.3.4.1.42'];
    const [certificates, key] = elements(safeOf(file));
    expect(certificates && oidsIn(certificates)).toEqual(['1.2.840.113549.1.7.6', '1.2.840.113549.1.7.1', ...pbes2]);
    expect(key && oidsIn(readDer(octetsOf(allIn(key, TAG.octetString)[0] ?? key)))).toEqual(
      expect.arrayContaining(pbes2),
    );
    expect(oidsIn(elements(readDer(file))[2] ?? readDer(file))).toEqual(['2.16.840.1.101.3.4.2.1']);
  });

  it('ties the key to its certificate by the fingerprint', () => {
    const der = Buffer.from(CHAIN.leaf.certificate.replaceAll(/-----.*-----|\n/g, ''), 'base64');
    expect(file.includes(createHash('sha1').update(der).digest())).toBe(true);
  });
});

describe('a truststore', () => {
  it("marks each certificate as trusted, in Java's way, under the subject as Go prints it", () => {
    const content = bagsOf(pemOf('root', 'intermediate'));
    expect(oidsIn(content).filter((oid) => oid === '2.16.840.1.113894.746875.1.1')).toHaveLength(2);
    expect(bmpTextsIn(content)).toEqual([
      'CN=Fake Root,OU=One+OU=Two,O=Fake\\, Inc.,C=CH',
      'CN=Fake Intermediate #1,O=Fake,0.9.2342.19200300.100.1.1=#130966616b652d75736572',
    ]);
  });

  it('has its attributes in the order that DER asks for', () => {
    const nameless = fieldText(callForStruct('genSelfSignedCertWithKey', '', null, null, 1, CHAIN.leaf.key), 'Cert');
    const [attributes] = allIn(bagsOf(nameless), TAG.set);
    const parts = attributes === undefined ? [] : elements(attributes).map(({ whole }) => whole);
    expect(parts).toHaveLength(2);
    expect(parts).toEqual(parts.toSorted(Buffer.compare));
  });

  it('may be empty', () => {
    expect(elements(bagsOf(''))).toEqual([]);
  });
});

describe('what cannot be written says why, and shows nothing of it', () => {
  const { certificate, key } = CHAIN.leaf;
  const cases: Record<string, [args: [string, string, string], message: string]> = {
    'no certificate': [['', key, ''], 'the certificate is not PEM: no block was found'],
    'no key': [[certificate, 'fake-secret', ''], 'the private key is not PEM: no block was found'],
    'a key for a certificate': [[key, key, ''], 'the certificate could not be parsed'],
    'a certificate for a key': [
      [certificate, certificate, ''],
      'the private key could not be parsed: expected PKCS#1, PKCS#8 or SEC 1, not encrypted',
    ],
    'a password that the format cannot hold': [
      [certificate, key, 'fake-😀'],
      'the password has characters that PKCS#12 cannot hold',
    ],
  };
  test.each(Object.entries(cases))('%s', (_, [args, message]) => {
    expect(faultOf('pemToPkcs12Pass', ...args)).toBe(message);
    expect(faultOf('fullPemToPkcs12Pass', ...args)).toBe(message);
  });

  test('what is no certificate among certificates', () => {
    const message = 'after the last certificate there is something that is not PEM';
    expect(faultOf('pemTruststoreToPKCS12', `${pemOf('root')}fake-secret`)).toBe(message);
    expect(faultOf('fullPemToPkcs12', `${pemOf('leaf')}fake-secret`, key)).toBe(message);
  });
});
