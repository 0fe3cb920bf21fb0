import { describe, expect, it, test } from 'vitest';
import { TemplateFault } from '../../../../src/template/value.ts';
import { callForText, callWith, executionWith, faultOf, SpentError } from './call-function.ts';
import { CHAIN, KEY_STORES, pemOf } from './fixtures.ts';
import { withMacOfNoBytes, withPbmac1 } from './pkcs12-mac.ts';

function storeNamed(name: string): { password: string; file: Buffer } {
  const store = KEY_STORES.find((candidate) => candidate.name.startsWith(name));
  if (store === undefined) throw new Error(`there is no fixture ${name}`);
  return { password: store.password, file: Buffer.from(store.file, 'base64') };
}

const MODERN = storeNamed('OpenSSL 3: PBES2');

describe('a PFX is read, whoever wrote it', () => {
  test.each(KEY_STORES)('$name', ({ password, file }) => {
    const bytes = Buffer.from(file, 'base64');
    expect(callForText('pkcs12keyPass', password, bytes)).toBe(CHAIN.leaf.key);
    expect(callForText('pkcs12certPass', password, bytes)).toBe(pemOf('leaf', 'intermediate', 'root'));
  });

  it('needs no password where there is none', () => {
    const { file } = storeNamed('OpenSSL 3 with an empty password');
    expect(callForText('pkcs12key', file)).toBe(CHAIN.leaf.key);
    expect(callForText('pkcs12cert', file)).toBe(pemOf('leaf', 'intermediate', 'root'));
  });
});

describe('MACs of other kinds', () => {
  const { file } = storeNamed('neither encryption');

  it('the empty password may stand for no bytes at all', () => {
    expect(callForText('pkcs12key', withMacOfNoBytes(file))).toBe(CHAIN.leaf.key);
    expect(faultOf('pkcs12keyPass', 'fake-password', withMacOfNoBytes(file))).toMatch(/password .* is wrong/);
  });

  it('PBMAC1 is taken with a key that is long enough, and no longer than a hash: else it could be forged', () => {
    const read = (keyBytes: number): string => callForText('pkcs12keyPass', 'fake', withPbmac1(file, 'fake', keyBytes));
    expect(read(20)).toBe(CHAIN.leaf.key);
    expect(read(64)).toBe(CHAIN.leaf.key);
    expect(() => read(19)).toThrow(/out of range/);
    expect(() => read(65)).toThrow(/out of range/);
  });
});

describe('certificates stay in the order of the file when they are not one chain', () => {
  it('such as two leaves', () => {
    const file = callForText('fullPemToPkcs12', pemOf('leaf', 'root', 'other'), CHAIN.leaf.key);
    expect(callForText('pkcs12cert', Buffer.from(file, 'base64'))).toBe(pemOf('leaf', 'root', 'other'));
  });
});

describe('what cannot be read says why, and shows nothing of it', () => {
  const junk = Buffer.from('fake-secret-that-is-no-pfx');
  const truststore = (): Buffer => Buffer.from(callForText('pemTruststoreToPKCS12', pemOf('root')), 'base64');
  const oldest = storeNamed('OpenSSL 1: RC2-40');
  const bare = storeNamed('neither encryption');
  const cases: Record<string, [password: string, file: () => Uint8Array, message: RegExp]> = {
    'a wrong password': ['fake-mistake', () => MODERN.file, /^the password of the PKCS#12 file is wrong$/],
    'a wrong password for an old file': [
      'fake-mistake',
      () => oldest.file,
      /^the password of the PKCS#12 file is wrong$/,
    ],
    'no password where one is needed': ['', () => MODERN.file, /^the password of the PKCS#12 file is wrong$/],
    'a password where there is no MAC to try it on': ['fake-password', () => bare.file, /has no MAC/],
    'no file at all': ['', () => new Uint8Array(), /^this is no PKCS#12 file/],
    'something that is no PFX': ['', () => junk, /^this is no PKCS#12 file/],
    'base64 that was not decoded': [
      '',
      () => Buffer.from(MODERN.file.toString('base64')),
      /^this is no PKCS#12 file: expected its bytes/,
    ],
    'a file with something behind it': [
      'fake-password',
      () => Buffer.concat([MODERN.file, Buffer.from('\n')]),
      /after the end/,
    ],
    'a truststore, which has no key': ['', truststore, /^the PKCS#12 file has no private key$/],
    'a password that the format cannot hold': ['fake-😀', () => MODERN.file, /characters that PKCS#12 cannot hold/],
  };
  test.each(Object.entries(cases))('%s', (_, [password, file, message]) => {
    for (const name of ['pkcs12keyPass', 'pkcs12certPass']) {
      const said = faultOf(name, password, file());
      expect(said).toMatch(message);
      expect(said).not.toContain('fake');
    }
  });

  test('a damaged file gives what it held or fails, and nothing else', () => {
    for (let at = 0; at < MODERN.file.length; at += 29) {
      const damaged = Buffer.from(MODERN.file);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 0x41, at);
      expect(keyOrFault(MODERN.password, damaged)).toBeOneOf([CHAIN.leaf.key, 'a fault']);
    }
  });
});

function keyOrFault(password: string, file: Uint8Array): string {
  try {
    return callForText('pkcs12keyPass', password, file);
  } catch (error) {
    if (error instanceof TemplateFault || error instanceof SpentError) return 'a fault';
    throw error;
  }
}

describe('iterations cost steps', () => {
  it('so that a file cannot ask for more than the limits hold', () => {
    const execution = executionWith();
    const file = storeNamed('10,000 iterations').file;
    callWith(execution, 'pkcs12keyPass', 'fake-password', file);
    expect(execution.spent()).toBeGreaterThanOrEqual(7_500);
    expect(() => callWith(executionWith({ steps: 5_000, bytes: 1e6 }), 'pkcs12keyPass', 'fake-password', file)).toThrow(
      SpentError,
    );
  });
});
