import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidSpec } from '../../../src/ports/errors.ts';
import { compileNameRegexp, type FindQuery, findId, findMatcher, listingId } from '../../../src/ports/find-query.ts';

describe('a name matches', () => {
  test.each<[string, FindQuery, string, boolean]>([
    ['whatever it is, where nothing is asked', {}, 'prod/db', true],
    ['a path that it begins with', { path: 'prod/' }, 'prod/db', true],
    ['no path that only stands within it', { path: 'db' }, 'prod/db', false],
    ['no path in another case', { path: 'Prod/' }, 'prod/db', false],
    ['no path that has an exclamation mark, by which AWS would mean the opposite', { path: '!prod' }, 'dev/db', false],
    ['an expression that matches somewhere', { nameRegexp: 'd' }, 'prod/db', true],
    ['an expression over the whole name, path included', { path: 'prod/', nameRegexp: '^db$' }, 'prod/db', false],
    ['an anchored expression', { nameRegexp: '^prod/[a-z]+$' }, 'prod/db', true],
    ['no expression in another case', { nameRegexp: 'DB' }, 'prod/db', false],
    ['an expression that says so in another case', { nameRegexp: '(?i)DB' }, 'prod/db', true],
    ["a class of RE2's that JavaScript has not", { nameRegexp: '^prod/[[:alpha:]]+$' }, 'prod/db', true],
    ['the empty expression', { nameRegexp: '' }, 'prod/db', true],
  ])('%s', (_, query, name, matches) => {
    expect(findMatcher(query).matchesName(name)).toBe(matches);
  });
});

describe('tags match', () => {
  const TAGS = new Map([
    ['team', 'blue'],
    ['stage', 'prod'],
  ]);
  test.each<[string, Readonly<Record<string, string>>, boolean]>([
    ['where none are asked for', {}, true],
    ['an exact pair', { team: 'blue' }, true],
    ['two exact pairs', { team: 'blue', stage: 'prod' }, true],
    ['not when the value only begins like it', { team: 'blu' }, false],
    ['not when the key only begins like it', { tea: 'blue' }, false],
    ['not when key and value are those of different tags', { team: 'prod' }, false],
    ['not when one of two is not there', { team: 'blue', owner: 'x' }, false],
    ['not an absent tag with the empty value', { owner: '' }, false],
    ['not what every object has', { constructor: '' }, false],
  ])('%s', (_, tags, matches) => {
    expect(findMatcher({ tags }).matchesTags(TAGS)).toBe(matches);
  });
});

describe('an expression', () => {
  test.each([
    ['is not closed', 'a(', /"a\(" is not a regular expression of the RE2 syntax \(missing closing \): `a\(`\)/],
    ['looks ahead', '(?=a)', /RE2/],
    ['refers to a group', '(a)\\1', /RE2/],
    ['repeats too often', 'a{1001}', /too large|RE2/],
    ['repeats repetitions', '((a{100}){100}){100}', /RE2/],
    ['repeats a lot, many times', '[a-z]{0,1000}'.repeat(20), /too large/],
    ['is longer than any name', 'a'.repeat(1_001), /too large/],
  ])('that %s is told of, in a bearable length', (_, regexp, message) => {
    expect(() => compileNameRegexp(regexp)).toThrow(InvalidSpec);
    expect(() => compileNameRegexp(regexp)).toThrow(message);
    expect(() => compileNameRegexp(regexp)).toThrow(/^.{1,400}$/s);
  });
});

describe('queries', () => {
  const anyQuery = fc.record(
    {
      path: fc.constantFrom('', 'a', 'b', '["x",[]]'),
      nameRegexp: fc.constantFrom('', 'a', '["a"]'),
      tags: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('', 'a', 'b'), { noNullPrototype: true }),
    },
    { requiredKeys: [] },
  );
  const normal = ({ path = '', nameRegexp = '', tags = {} }: FindQuery) => ({ path, nameRegexp, tags });
  const isEqual = (a: unknown, b: unknown) => {
    try {
      expect(a).toEqual(b);
      return true;
    } catch {
      return false;
    }
  };

  test('have the same id exactly when they ask for the same, and the same listing when only the expression differs', () => {
    fc.assert(
      fc.property(anyQuery, anyQuery, (a, b) => {
        expect(findId(a) === findId(b)).toBe(isEqual(normal(a), normal(b)));
        const [listingA, listingB] = [a, b].map((query) => ({ ...normal(query), nameRegexp: '' }));
        expect(listingId(a) === listingId(b)).toBe(isEqual(listingA, listingB));
      }),
    );
  });

  test('are the same in whatever order their tags are written', () => {
    expect(findId({ tags: { a: '1', b: '2' } })).toBe(findId({ tags: { b: '2', a: '1' } }));
  });
});
