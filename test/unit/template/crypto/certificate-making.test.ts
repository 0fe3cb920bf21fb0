import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import { createCertificate, type Issuer } from '../../../../src/template/crypto/certificate-write.ts';
import { parseIpAddress, shortestIpAddress } from '../../../../src/template/crypto/ip-address.ts';
import { encodePem } from '../../../../src/template/crypto/pem.ts';
import type { GoValue } from '../../../../src/template/value.ts';
import {
  call,
  callForStruct,
  callForText,
  callWith,
  executionWith,
  faultOf,
  fieldText,
  functionNamed,
  NOW_MS,
  SpentError,
} from './call-function.ts';
import { subjectOf } from './certificate-subject.ts';
import { CHAIN, GO_CERTIFICATES, pemOf } from './fixtures.ts';

const KEY = callForText('genPrivateKey', 'ed25519');
const DAY_MS = 86_400_000;

function rsaKey(bits: number): string {
  return generateKeyPairSync('rsa', { modulusLength: bits })
    .privateKey.export({ type: 'pkcs1', format: 'pem' })
    .toString();
}

function certificateOf(struct: ReturnType<typeof callForStruct>): X509Certificate {
  return new X509Certificate(fieldText(struct, 'Cert'));
}

function issuerOf(fixture: (typeof GO_CERTIFICATES)[number]): Issuer {
  if (fixture.issuer === undefined) return { name: undefined, keyId: undefined, key: createPrivateKey(fixture.key) };
  return { ...subjectOf(fixture.issuer.certificate), key: createPrivateKey(fixture.issuer.key) };
}

describe('a certificate is what Go makes of the same inputs, byte for byte', () => {
  test.each(GO_CERTIFICATES)('$name', (fixture) => {
    const content = {
      ...fixture,
      serialNumber: Buffer.from(fixture.serialNumber, 'hex'),
      ipAddresses: fixture.ipAddresses.map((address) => shortestIpAddress(parseIpAddress(address) ?? Buffer.alloc(0))),
      notBeforeMs: fixture.notBefore * 1000,
      notAfterMs: fixture.notAfter * 1000,
    };
    const made = createCertificate(content, createPrivateKey(fixture.key), issuerOf(fixture));
    expect(encodePem('CERTIFICATE', made)).toBe(fixture.certificate);
  });
});

describe('the makers', () => {
  const authority = callForStruct('genCAWithKey', 'Fake CA', 365, KEY);

  it('an authority signs itself, may sign, and keeps the key that it was given', () => {
    const certificate = certificateOf(authority);
    expect(certificate.subject).toBe('CN=Fake CA');
    expect(certificate.ca).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(KEY))).toBe(true);
    expect(fieldText(authority, 'Key')).toBe(KEY);
  });

  it('a certificate begins now and lasts the days that were asked for', () => {
    const { validFromDate, validToDate } = certificateOf(authority);
    expect(validFromDate.getTime()).toBe(NOW_MS);
    expect(validToDate.getTime()).toBe(NOW_MS + 365 * DAY_MS);
  });

  it('a server that signs itself is no authority and has its names', () => {
    const made = callForStruct('genSelfSignedCertWithKey', 'fake.example', ['10.0.0.1'], ['a.fake.example'], 1, KEY);
    const certificate = certificateOf(made);
    expect(certificate.ca).toBe(false);
    expect(certificate.subjectAltName).toBe('DNS:a.fake.example, IP Address:10.0.0.1');
    expect(certificate.verify(certificate.publicKey)).toBe(true);
  });

  it('a server that an authority signs names it and is verified by its key', () => {
    const key = callForText('genPrivateKey', 'ecdsa');
    const made = callForStruct('genSignedCertWithKey', 'fake.example', null, null, 1, authority, key);
    const certificate = certificateOf(made);
    expect(certificate.checkIssued(certificateOf(authority))).toBe(true);
    expect(certificate.verify(certificateOf(authority).publicKey)).toBe(true);
    expect(fieldText(made, 'Key')).toBe(key);
  });

  it('without a key they make one of RSA with 2048 bits', () => {
    const root = callForStruct('genCA', 'Fake CA', 1);
    const server = callForStruct('genSignedCert', 'fake.example', null, null, 1, root);
    const selfSigned = callForStruct('genSelfSignedCert', 'fake.example', null, null, 1);
    for (const made of [root, server, selfSigned]) {
      const key = createPrivateKey(fieldText(made, 'Key'));
      expect(fieldText(made, 'Key')).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
      expect(key.asymmetricKeyDetails?.modulusLength).toBe(2048);
      expect(certificateOf(made).checkPrivateKey(key)).toBe(true);
    }
    expect(certificateOf(server).verify(certificateOf(root).publicKey)).toBe(true);
  });

  it('each serial number is another', () => {
    const serial = (): string => certificateOf(callForStruct('genCAWithKey', 'Fake CA', 1, KEY)).serialNumber;
    expect(serial()).not.toBe(serial());
  });

  it('give a struct of the type that genSignedCert takes', () => {
    expect(authority.type).toBe('sprig.certificate');
    expect([...authority.fields.keys()]).toEqual(['Cert', 'Key']);
    expect(functionNamed('genSignedCert').params[4]).toBe(authority.type);
  });
});

describe('buildCustomCert', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');

  test.each([
    ['an ECDSA key in PKCS#8', CHAIN.leaf.key],
    ['an ECDSA key in SEC 1', CHAIN.leaf.sec1],
  ])('gives back the certificate and %s as they are', (_, key) => {
    const built = callForStruct('buildCustomCert', base64(pemOf('leaf')), base64(key));
    expect(fieldText(built, 'Cert')).toBe(pemOf('leaf'));
    expect(fieldText(built, 'Key')).toBe(key);
  });

  test.each([
    ['a certificate that is not base64', 'fake secret', base64(CHAIN.leaf.key), 'the certificate is not base64'],
    ['a key that is not base64', base64(pemOf('leaf')), 'fake secret', 'the private key is not base64'],
    [
      'a certificate that is not PEM',
      base64('fake'),
      base64(CHAIN.leaf.key),
      'the certificate is not PEM: no block was found',
    ],
    [
      'a certificate for a key',
      base64(pemOf('leaf')),
      base64(pemOf('leaf')),
      'the PEM block is no private key: expected PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY',
    ],
  ])('refuses %s', (_, certificate, key, message) => {
    expect(faultOf('buildCustomCert', certificate, key)).toBe(message);
  });
});

describe('what cannot become a certificate says why', () => {
  const authority = callForStruct('genCAWithKey', 'Fake CA', 1, KEY);
  const stranger = { ...authority, fields: new Map(authority.fields).set('Key', call('genPrivateKey', 'ecdsa')) };
  const names = (ips: GoValue | string[], dns: GoValue | string[], days = 1) => ['fake', ips, dns, days] as const;
  const cases: Record<
    string,
    [name: string, args: readonly (GoValue | string | number | string[])[], message: RegExp]
  > = {
    'an address that is none': [
      'genSelfSignedCertWithKey',
      [...names(['fake'], null), KEY],
      /IP address could not be parsed/,
    ],
    'an address with a leading zero': ['genSelfSignedCertWithKey', [...names(['010.0.0.1'], null), KEY], /IP address/],
    'a name that is not ASCII': ['genSelfSignedCertWithKey', [...names(null, ['fäke']), KEY], /DNS name is not ASCII/],
    'more names than any server has': [
      'genSelfSignedCertWithKey',
      [...names(null, new Array<string>(1001).fill('fake')), KEY],
      /too many alternative names/,
    ],
    'an end beyond the year 9999': ['genCAWithKey', ['fake', 4_000_000, KEY], /after the year 9999/],
    'an end beyond all dates': ['genCAWithKey', ['fake', Number.MAX_SAFE_INTEGER, KEY], /after the year 9999/],
    'a key that is none': ['genCAWithKey', ['fake', 1, 'fake-secret'], /^the private key is not PEM/],
    'a key that is damaged': ['genCAWithKey', ['fake', 1, KEY.replace(/\n.{8}/, '\nAAAAAAAA')], /could not be parsed/],
    'an authority whose key is another': [
      'genSignedCertWithKey',
      [...names(null, null), stranger, KEY],
      /key does not belong to its certificate/,
    ],
  };
  test.each(Object.entries(cases))('%s', (_, [name, args, message]) => {
    const said = faultOf(name, ...args);
    expect(said).toMatch(message);
    expect(said).not.toContain('fake');
  });
});

describe('keys cost steps', () => {
  test('ten RSA keys of 2048 bits are the most that a render makes', () => {
    const execution = executionWith();
    callWith(execution, 'genCA', 'Fake CA', 1);
    expect(execution.spent()).toBeGreaterThan(90_000);
    expect(() => callWith(executionWith({ steps: 90_000, bytes: 1e6 }), 'genCA', 'Fake CA', 1)).toThrow(SpentError);
  });

  test('a larger key costs more to use', () => {
    const spentWith = (key: string): number => {
      const execution = executionWith();
      callWith(execution, 'genCAWithKey', 'Fake CA', 1, key);
      return execution.spent();
    };
    expect(spentWith(rsaKey(2048))).toBeGreaterThan(spentWith(KEY) * 2);
  });
});
