// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references in Go's replacements look like that
/** What is expected is what Go's own `ReplaceAllString` gave. */

import { expect, test } from 'vitest';
import { compileGoRegexp, type Meter } from '../../../src/regexp/go-regexp.ts';
import { expand, readReplacement, replaceMatches } from '../../../src/regexp/replacement.ts';

const UNMETERED: Meter = { search: (work) => work(), found: () => undefined };

function replaceAll(pattern: string, replacement: string, text: string): string {
  const compiled = compileGoRegexp(pattern);
  if (compiled.kind !== 'regexp') throw new Error(compiled.kind);
  const { regexp } = compiled;
  const pieces = readReplacement(replacement, regexp.groups);
  const matches = regexp.findForReplacement(text, UNMETERED);
  return replaceMatches(
    text,
    matches,
    (match) => expand(pieces, replacement, text, match),
    () => undefined,
  );
}

test.each([
  ['an empty match right after another one is not replaced', '(.*)', 'my_$1', 'foo', 'my_foo'],
  ['a reference takes the longest name', '(.*)', '$1_x', 'foo', ''],
  ['unless braces end it', '(.*)', '${1}_x', 'foo', 'foo_x'],
  ['letters outside ASCII belong to a name', '(é)', '$1é|${1}é', 'é', '|éé'],
  ['empty matches between others are replaced', 'a*', '-', 'baac', '-b-c-'],
  ['an alternative that matches nothing', 'b|', '-', 'abc', '-a-c-'],
  ['an empty expression matches between characters, not between bytes', '', '-', 'aé😀', '-a-é-😀-'],
  ['the beginning is only the first one', '^a', 'b', 'aaa', 'baa'],
  ['the end is only the last one', 'a$', 'b', 'aaa', 'aab'],
  ['boundaries look at what stands before', '\\ba', 'X', 'aa a', 'Xa X'],
  ['a prefix is put before', '^', 'p/', 'key', 'p/key'],
  ['a suffix is put behind', '$', '/s', 'key', 'key/s'],
  ['each match is replaced', '/', '_', 'a/b/c', 'a_b_c'],
  ['a path is taken away', 'path/to/(.*)', '$1', 'path/to/key', 'key'],
  ['flags', '(?i)DB', 'x', 'dbDB', 'xx'],
  ['lines', '(?m)^', '>', 'a\nb', '>a\n>b'],
  ['POSIX classes', '[[:alpha:]]+', 'A', 'ab1c', 'A1A'],
  ['groups by name, in both spellings', '(?P<n>[a-z]+)-(?<m>[0-9]+)', '$m.$n', 'ab-12', '12.ab'],
  ['a group that took no part is empty', '(a)|(b)', '[$1|$2]', 'abc', '[a|][|b]c'],
  ['two dollar signs are one', 'x', '$$', 'axb', 'a$b'],
  ['a dollar sign that refers to nothing is itself', 'x', '$', 'axb', 'a$b'],
  ['0 is the whole, unknown numbers and those with zeros in front are empty', '(x)', '$0$1$2$01', 'axb', 'axxb'],
  ['a number that is far too large is empty', 'a', '$99999999999', 'a', ''],
  ['a number that is too large to be one is a name', '(?P<9999999999>a)', '[$9999999999|$99999999]', 'a', '[a|]'],
  ['characters outside the basic plane are one', '[^a-z]', '_', 'aé😀b', 'a__b'],
  ['the very end', '\\z', '!', 'ab', 'ab!'],
  ['an empty match at the end, after a match', 'x*', '$0-', 'xxaxx', 'xx-axx-'],
])('%s', (_, pattern, replacement, text, expected) => {
  expect(replaceAll(pattern, replacement, text)).toBe(expected);
});

test.each([
  ['a parenthesis that is not closed', 'a('],
  ['lookaround', '(?=a)'],
  ['references back', '(a)\\1'],
  ['a range that is upside down', '[z-a]'],
  ['two repetitions', 'a**'],
  ['a single byte', '\\C'],
  ['too many repetitions', 'x{1001}'],
  ['an unknown class', '\\pX'],
])('%s is no expression', (_, pattern) => {
  expect(compileGoRegexp(pattern)).toMatchObject({ kind: 'invalid' });
});

test('what would take seconds to compile or to search is told', () => {
  expect(compileGoRegexp(`${'(a|b)'.repeat(400)}{1000}`)).toEqual({ kind: 'tooLarge' });
  const compiled = compileGoRegexp('(a{0,500}b)');
  expect(compiled.kind === 'regexp' && compiled.regexp.isTooCostlyFor('a'.repeat(1_000))).toBe(false);
  expect(compiled.kind === 'regexp' && compiled.regexp.isTooCostlyFor('a'.repeat(1_000_000))).toBe(true);
});
