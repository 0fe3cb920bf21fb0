import fc from 'fast-check';
import { expect, test } from 'vitest';
import { globMatches } from '../../../src/domain/glob.ts';

test.each<[string, string, boolean]>([
  ['team/db', 'team/db', true],
  ['team/db', 'team/db2', false],
  ['team/db', 'a-team/db', false],
  ['team/*', 'team/a/b', true],
  ['team/*', 'team/', true],
  ['team/*', 'team', false],
  ['*', '', true],
  ['', '', true],
  ['', 'a', false],
  ['*-db-*', 'a-db-b-db-c', true],
  ['*-db', 'a-db-b', false],
  ['t??m', 'team', true],
  ['t??m', 'tem', false],
  ['a.c', 'abc', false],
  ['(a|b)', 'a', false],
  ['Team', 'team', false],
])('%s and %s: %s', (pattern, text, expected) => {
  expect(globMatches(pattern, text)).toBe(expected);
});

test('it says what the regular expression of the same meaning says', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 12 });
  const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?'), maxLength: 8 });
  fc.assert(
    fc.property(patterns, letters, (pattern, text) => {
      const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
      expect(globMatches(pattern, text)).toBe(expression.test(text));
    }),
    { numRuns: 2_000 },
  );
});

test('a pattern of many stars is judged in no time', () => {
  expect(globMatches(`${'*a'.repeat(200)}b`, 'a'.repeat(2_000))).toBe(false);
});
