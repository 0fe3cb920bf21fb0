import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginningOf, covers, literal, widest } from '../../../src/domain/policy-pattern.ts';

describe('a pattern', () => {
  it.each([
    ['covers itself', 'a-??????', 'a-??????', true],
    ['with a star covers what has room for six characters', 'a-*', 'a-??????', true],
    ['with room for six characters covers a text of that form', 'a-??????', 'a-AbCdEf', true],
    ['with room for six characters does not cover a star', 'a-??????', 'a-*', false],
    ['that is a text covers no pattern', 'a-AbCdEf', 'a-??????', false],
    ['with a star at its end covers what is longer', 'team/*', 'team/db-??????', true],
    ['with a star at its end covers nothing that begins otherwise', 'team/*', 'other/db-??????', false],
    ['of everything covers everything', '*', 'arn:aws:secretsmanager:*', true],
    ['with a star in the middle tries every place', 'a*b*c', 'axxbxbxc', true],
    ['with a star in the middle still needs its end', 'a*b*c', 'axxbxbx', false],
    ['covers a star that stands where its own does', '*:secret:a*', '*:secret:ab*', true],
    ['is covered by no shorter text', 'ab', 'abc', false],
  ])('%s', (_, wide, narrow, expected) => {
    expect(covers(wide, narrow)).toBe(expected);
  });

  it('that covers another matches every text that the other matches', () => {
    const piece = fc.constantFrom('a', 'b', '?', '*');
    const pattern = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
    const texts = fc.array(fc.constantFrom('a', 'b'), { maxLength: 8 }).map((letters) => letters.join(''));
    const matches = (from: string, text: string) =>
      new RegExp(`^${from.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(text);
    void fc.assert(
      fc.property(pattern, pattern, texts, (wide, narrow, text) => {
        if (covers(wide, narrow) && matches(narrow, text)) expect(matches(wide, text)).toBe(true);
        expect(covers(wide, text)).toBe(matches(wide, text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('of a text has no wildcards in it', () => {
    expect(literal('a*b?c$d')).toBe(['a', '{*}b', '{?}c', '{$}d'].join('$'));
  });
});

it('of several patterns those stay that others do not cover', () => {
  expect(widest(['b-??????', 'a/x-??????', 'a/*', 'b-??????', 'a/y*'])).toEqual(['a/*', 'b-??????']);
});

describe('what begins everything that matches', () => {
  it.each<[string, string, string, boolean]>([
    ['an anchored text is that text', '^team/db', 'team/db', false],
    ['a text that is anchored at both ends is all there is', '^team/db$', 'team/db', true],
    ['an escaped character is itself', '^team\\.db-1$', 'team.db-1', true],
    ['the characters before a class are known', '^team/[a-z]+$', 'team/', false],
    ['a character that may be missing is not known', '^teams?/', 'team', false],
    ['a character that may come again is not known', '^te+am', 't', false],
    ['a dot is any character', '^team.db', 'team', false],
    ['an alternative may begin otherwise', '^team|other', '', false],
    ['what is not anchored may stand anywhere', 'team/db$', '', false],
    ['a flag changes what a text is', '(?i)^team', '', false],
    ['a class of its own is no text', '^\\d+', '', false],
  ])('%s', (_, regexp, text, isWhole) => {
    expect(beginningOf(regexp)).toEqual({ text, isWhole });
  });
});
