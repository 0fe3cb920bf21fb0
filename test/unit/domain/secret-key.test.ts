import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { convertKey, keyProblem } from '../../../src/domain/secret-key.ts';

describe('convertKey', () => {
  test.each<[string, string, string, string]>([
    ['a valid key stays', 'db.pass-word_1', 'db.pass-word_1', 'db.pass-word_1'],
    ['a slash', 'a/b', 'a_b', 'a_U002f_b'],
    ['a colon and a space', 'a: b', 'a__b', 'a_U003a__U0020_b'],
    ['a character beyond the basic plane is one character', 'a😀', 'a_', 'a_U1f600_'],
    ['a letter outside ASCII is kept, as upstream does', 'schlüssel', 'schlüssel', 'schlüssel'],
    ['a number outside ASCII is kept', '½', '½', '½'],
    ['the empty key', '', '', ''],
    ['NUL', '\0', '_', '_U0000_'],
  ])('%s', (_, key, plain, unicode) => {
    expect(convertKey(key, 'Default')).toBe(plain);
    expect(convertKey(key, 'Unicode')).toBe(unicode);
  });

  test('an ASCII key is always valid after conversion, but for its length and its dots', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 20 }), (key) => {
        for (const strategy of ['Default', 'Unicode'] as const) {
          expect(keyProblem(`k${convertKey(key, strategy)}`)).toBeUndefined();
        }
      }),
    );
  });
});

describe('keyProblem', () => {
  test.each([
    ['a plain name', 'password'],
    ['every kind of character', 'A-z_0.9'],
    ['a leading dot', '.dockerconfigjson'],
    ['dots inside', 'a..b'],
    ['253 bytes', 'k'.repeat(253)],
  ])('%s is fine', (_, key) => {
    expect(keyProblem(key)).toBeUndefined();
  });

  test.each<[string, string, string]>([
    ['254 bytes', 'k'.repeat(254), `the key "${'k'.repeat(40)}..." has 254 bytes; a Secret's key has at most 253`],
    [
      'a slash',
      'a/b',
      "the key \"a/b\" has the invalid character \"/\"; only letters, digits, '-', '.' and '_' are allowed",
    ],
    ['a letter outside ASCII', 'schlüssel', 'the key "schlüssel" has the invalid character "ü"'],
    ['a character beyond the basic plane, whole', 'a😀', 'the key "a😀" has the invalid character "😀"'],
    ['a line break', 'a\n', 'the key "a\n" has the invalid character'],
    ['one dot', '.', 'the key "." is reserved'],
    ['two dots', '..', 'the key ".." is reserved'],
    ['two dots in front, which the API server refuses', '..data', 'the key "..data" begins with ".."'],
  ])('%s is told', (_, key, problem) => {
    expect(keyProblem(key)).toContain(problem);
  });

  test('the length counts bytes, not characters', () => {
    expect(keyProblem('é'.repeat(127))).toContain('has 254 bytes');
  });
});
