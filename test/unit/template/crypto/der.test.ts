import { describe, expect, test } from 'vitest';
import { oidOf, readDer, smallIntegerOf } from '../../../../src/template/crypto/der-read.ts';
import { integer, octetString, oid, unsignedInteger } from '../../../../src/template/crypto/der-write.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => Buffer.from(text, 'hex');

describe('DER is written in its one form', () => {
  test.each([
    ['a length of 127', octetString(new Uint8Array(127)), '047f'],
    ['a length of 128', octetString(new Uint8Array(128)), '048180'],
    ['a length of 256', octetString(new Uint8Array(256)), '04820100'],
    ['zero', integer(0), '020100'],
    ['a number whose first bit is set', integer(128), '02020080'],
    ['a number with zeros before it', unsignedInteger(bytes('000001')), '020101'],
    ['an object identifier', oid('1.2.840.113549.1.7.1'), '06092a864886f70d010701'],
    ['an object identifier below 2', oid('2.5.29.17'), '0603551d11'],
  ])('%s', (_, der, start) => {
    expect(hex(der)).toMatch(new RegExp(`^${start}`));
  });
});

describe('DER is read in its one form', () => {
  test.each(['1.2.840.113549.1.7.1', '2.5.29.17', '2.16.840.1.113894.746875.1.1', '2.999.1', '0.9.2342'])(
    '%s',
    (text) => {
      expect(oidOf(readDer(oid(text)))).toBe(text);
    },
  );

  test.each([
    ['a length that is longer than it must be', '0481017f'],
    ['a length with a zero before it', '0482007f'],
    ['an indefinite length', '3080020100'],
    ['a length beyond the end', '040500'],
    ['a length of five bytes', '04850100000000'],
    ['a tag of many bytes', '1f810100'],
    ['nothing', ''],
    ['a tag alone', '30'],
    ['something behind it', '050000'],
  ])('refuses %s', (_, text) => {
    expect(() => readDer(bytes(text))).toThrow(/^malformed DER/);
  });

  test.each([
    ['negative', '0201ff'],
    ['too large', '02050100000000'],
    ['beyond 2^31', '020500ffffffff'],
    ['empty', '0200'],
  ])('refuses a count that is %s', (_, text) => {
    expect(() => smallIntegerOf(readDer(bytes(text)))).toThrow(/out of range/);
  });

  test('refuses an object identifier that is cut off', () => {
    expect(() => oidOf(readDer(bytes('06022a86')))).toThrow(/cut off/);
  });
});
