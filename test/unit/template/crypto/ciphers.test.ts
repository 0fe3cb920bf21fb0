import { constants, generateKeyPairSync, publicEncrypt } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import { decryptRc2Cbc } from '../../../../src/template/crypto/rc2.ts';
import { callForBytes, callForText, faultOf } from './call-function.ts';
import { CHAIN } from './fixtures.ts';

describe('decryptAES reads what sprig encrypted', () => {
  test.each([
    ['a short password', 'fake-password', 'SIJh7Nnn6zSPxdQhDReCzvyo/AYLUY6ApezH5lKWTco='],
    [
      'a password that is cut',
      'a fake password of more than 32 bytes, which is cut',
      'PF/eQ8yzwxyWDGLf1e5G0TqzcomzfiwObSDmFKGlMeQ=',
    ],
  ])('with %s', (_, password, encrypted) => {
    expect(callForText('decryptAES', password, encrypted)).toBe('fake secret ü');
  });
});

describe('encryptAES', () => {
  test.each([
    ['text', Buffer.from('fake secret')],
    ['a whole number of blocks', Buffer.alloc(32, 'x')],
    ['bytes that are no text', Buffer.from([0, 0xff, 0x80])],
    ['nothing', Buffer.alloc(0)],
  ])('is undone by decryptAES: %s', (_, plain) => {
    const encrypted = callForText('encryptAES', 'fake-password', plain);
    expect(callForBytes('decryptAES', 'fake-password', encrypted)).toEqual(plain);
  });

  it('gives another result each time', () => {
    expect(callForText('encryptAES', 'a', 'b')).not.toBe(callForText('encryptAES', 'a', 'b'));
  });
});

describe('decryptAES refuses what it cannot read, rather than give something else', () => {
  const wrong = 'the data could not be decrypted: the password is wrong, or they are damaged';
  test.each([
    ['what is not base64', 'fake-secret!', 'the encrypted data are not base64'],
    ['less than one block', Buffer.alloc(8).toString('base64'), wrong],
    ['no whole number of blocks', Buffer.alloc(40).toString('base64'), wrong],
    ['what was encrypted with another password', 'SIJh7Nnn6zSPxdQhDReCzvyo/AYLUY6ApezH5lKWTco=', wrong],
  ])('%s', (_, encrypted, message) => {
    expect(faultOf('decryptAES', 'fake-mistake', encrypted)).toBe(message);
  });
});

describe('rsaDecrypt', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const plain = Buffer.from('fake secret \xff', 'latin1');
  const encryptedWith = (oaepHash: string): Buffer =>
    publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, plain);
  const pkcs1 = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

  test.each([
    ['SHA1', 'sha1'],
    ['SHA256', 'sha256'],
    ['SHA512', 'sha512'],
    ['None', 'sha256'],
    ['anything else', 'sha256'],
  ])('with %s it takes OAEP with %s', (name, hash) => {
    expect(callForBytes('rsaDecrypt', 'RSA-OAEP', name, encryptedWith(hash), pkcs1)).toEqual(plain);
    expect(callForBytes('rsaDecrypt', 'RSA-OAEP', name, encryptedWith(hash), pkcs8)).toEqual(plain);
  });

  it('with the scheme None gives the data as they are, and looks at no key', () => {
    expect(callForBytes('rsaDecrypt', 'None', 'None', plain, '')).toEqual(plain);
  });

  test.each([
    [
      'an unknown scheme',
      ['fake', 'SHA1', plain, pkcs1],
      'the decryption scheme is not supported: expected None or RSA-OAEP',
    ],
    [
      'the wrong hash',
      ['RSA-OAEP', 'SHA1', encryptedWith('sha256'), pkcs1],
      'the data could not be decrypted with this RSA key, scheme and hash',
    ],
    [
      'data that are too short',
      ['RSA-OAEP', 'SHA1', 'fake', pkcs1],
      'the data could not be decrypted with this RSA key, scheme and hash',
    ],
    ['a key that is not RSA', ['RSA-OAEP', 'SHA1', plain, CHAIN.leaf.key], 'the private key is not RSA'],
    ['a key that is not PEM', ['RSA-OAEP', 'SHA1', plain, 'fake'], 'the private key is not PEM: no block was found'],
  ] as const)('refuses %s', (_, args, message) => {
    expect(faultOf('rsaDecrypt', ...args)).toBe(message);
  });
});

/** Keys and blocks of RFC 2268, section 5, whose effective bits are those of the key. */
describe('RC2', () => {
  test.each([
    ['ffffffffffffffff', '278b27e42e2f0d49', 'ffffffffffffffff'],
    ['3000000000000000', '30649edf9be7d2c2', '1000000000000001'],
    ['88bca90e90875a7f0f79c384627bafb2', '2269552ab0f85ca6', '0000000000000000'],
  ])('with the key %s decrypts the block of the RFC', (key, encrypted, plain) => {
    const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
    expect(Buffer.from(decryptRc2Cbc(bytes(key), Buffer.alloc(8), bytes(encrypted)))).toEqual(bytes(plain));
  });
});
