import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DecodingStrategy, decode, hasNullByte } from '../../../src/domain/decoding.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';

function decoded(text: string, strategy: DecodingStrategy): string | undefined {
  return decode(SecretValue.fromText(text), strategy)?.revealText();
}

describe('decode', () => {
  test.each<[string, DecodingStrategy, string, string]>([
    ['None leaves everything alone', 'None', 'aGk=', 'aGk='],
    ['Base64 decodes padded text', 'Base64', 'aGVsbG8=', 'hello'],
    ['Base64 decodes text that needs no padding', 'Base64', 'Zm9v', 'foo'],
    ['Base64 takes the empty text', 'Base64', '', ''],
    ['Base64 ignores line breaks, as Go does', 'Base64', 'aGVs\r\nbG8=\n', 'hello'],
    ['Base64 knows plus and slash', 'Base64', 'Pj4+Pz8/', '>>>???'],
    ['Base64URL knows minus and underscore', 'Base64URL', 'Pj4-Pz8_', '>>>???'],
    ['Auto takes the standard alphabet', 'Auto', 'Pj4+Pz8/', '>>>???'],
    ['Auto takes the URL-safe alphabet', 'Auto', 'Pj4-Pz8_', '>>>???'],
    ['Auto keeps what neither accepts', 'Auto', 'not base64!', 'not base64!'],
    ['Auto keeps unpadded text', 'Auto', 'aGVsbG8', 'aGVsbG8'],
  ])('%s', (_, strategy, text, plain) => {
    expect(decoded(text, strategy)).toBe(plain);
  });

  test('Auto decodes a plain word that happens to be base64, as upstream does', () => {
    expect(decode(SecretValue.fromText('password'), 'Auto')?.byteLength).toBe(6);
  });

  test.each<[string, DecodingStrategy, string]>([
    ['missing padding', 'Base64', 'aGVsbG8'],
    ['too much padding', 'Base64', 'aGVsbG8=='],
    ['padding in the middle', 'Base64', 'aGk=aGk='],
    ['padding alone', 'Base64', '===='],
    ['the URL-safe alphabet', 'Base64', 'Pj4-Pz8_'],
    ['the standard alphabet', 'Base64URL', 'Pj4+Pz8/'],
    ['a space', 'Base64', 'aGVs bG8='],
    ['a character of no alphabet', 'Base64URL', 'aGVs!G8='],
  ])('%s is refused by %s', (_, strategy, text) => {
    expect(decoded(text, strategy)).toBeUndefined();
  });

  test('binary data is not taken for base64', () => {
    expect(decode(SecretValue.fromBytes(Uint8Array.of(0xff, 0xfe, 0x41, 0x41)), 'Base64')).toBeUndefined();
  });

  test('what was encoded comes back byte for byte, in both alphabets and by Auto', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const standard = Buffer.from(bytes).toString('base64');
        const urlSafe = standard.replaceAll('+', '-').replaceAll('/', '_');
        for (const [text, strategy] of [
          [standard, 'Base64'],
          [urlSafe, 'Base64URL'],
          [standard, 'Auto'],
          [urlSafe, 'Auto'],
        ] as const) {
          expect(decode(SecretValue.fromText(text), strategy)?.revealBytes()).toEqual(Buffer.from(bytes));
        }
      }),
    );
  });

  test('a value of a mebibyte is decoded', () => {
    const bytes = Buffer.alloc(1 << 20, 'secret');
    expect(decode(SecretValue.fromText(bytes.toString('base64')), 'Base64')?.byteLength).toBe(bytes.length);
  });
});

test('a NUL byte is found anywhere', () => {
  expect(hasNullByte(SecretValue.fromText('a\0'))).toBe(true);
  expect(hasNullByte(SecretValue.fromText('a0'))).toBe(false);
  expect(hasNullByte(SecretValue.fromText(''))).toBe(false);
});
