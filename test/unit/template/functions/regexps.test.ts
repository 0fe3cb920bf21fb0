// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references in Go's replacements look like that
/** Regular expressions: RE2 with Go's rules. What is expected is what Go's own engine gave. */

import { expect, test } from 'vitest';
import { failure, rendered } from './rendering.ts';

const R = String.raw;

test.each([
  [
    'regexMatch looks anywhere',
    '{{ regexMatch "b+" "abbc" }} {{ regexMatch "^b" "ab" }} {{ regexMatch "[" "a" }}',
    'true false false',
  ],
  [
    'regexFind gives the first, or nothing',
    '{{ regexFind "[a-z][0-9]" "x1y2" }} {{ regexFind "z" "a" | quote }}',
    'x1 ""',
  ],
  [
    'regexFindAll up to a number',
    '{{ regexFindAll "[2468]" "123456789" -1 }} {{ regexFindAll "[2468]" "123456789" 2 }} {{ regexFindAll "x" "a" -1 | toJson }}',
    '[2 4 6 8] [2 4] null',
  ],
  [
    'an empty match right after another one does not count',
    '{{ regexFindAll "a*" "baac" -1 | toJson }} {{ regexReplaceAll "(.*)" "foo" "my_$1" }} {{ regexReplaceAll "a*" "baac" "-" }}',
    '["","aa",""] my_foo -b-c-',
  ],
  [
    'a reference takes the longest name',
    '{{ regexReplaceAll "a(x*)b" "-ab-axxb-" "$1W" }} {{ regexReplaceAll "a(x*)b" "-ab-axxb-" "${1}W" }}',
    '--- -W-xxW-',
  ],
  [
    'references by name, dollar signs, and what is none',
    '{{ regexReplaceAll "(?P<n>a)" "a" "[$n|${n}|$0|$$|$|$x|${|${2}|$01]" }}',
    '[a|a|a|$|$||${||]',
  ],
  [
    'what stands around a reference keeps its bytes',
    '{{ regexReplaceAll "(b)" "aébc\\xff" "é${1}ü\\xfe$$" | quote }}',
    '"aéébü\\xfe$c\\xff"',
  ],
  [
    'regexReplaceAllLiteral knows no references',
    '{{ regexReplaceAllLiteral "a(x*)b" "-ab-axxb-" "${1}" }}',
    '-${1}-${1}-',
  ],
  [
    'regexSplit',
    '{{ regexSplit "z+" "pizza" -1 | toJson }} {{ regexSplit "z" "pizza" 2 | toJson }} {{ regexSplit "" "aé" -1 | toJson }} {{ regexSplit "a" "" -1 | toJson }} {{ regexSplit "a" "b" 0 | toJson }}',
    '["pi","a"] ["pi","za"] ["a","é"] [""] null',
  ],
  [
    'characters, not bytes',
    '{{ regexFindAll "." "aé😀" -1 | toJson }} {{ regexReplaceAll "[^a-z]" "aé😀b" "_" }}',
    '["a","é","😀"] a__b',
  ],
  [
    'each byte that is no UTF-8 is one character',
    R`{{ regexFindAll "." "a\xff\xfeb" -1 | len }} {{ regexReplaceAll "\xef\xbf\xbd" "a\xffb" "_" }} {{ regexFind "a." "a\xff" | quote }}`,
    '4 a_b "a\\xff"',
  ],
  [
    'flags, classes and bounds',
    R`{{ regexFindAll "(?i)a\\b" "A a ab" -1 | toJson }} {{ regexMatch "^\\p{Greek}+$" "αβ" }} {{ regexMatch "(?s)a.b" "a\nb" }} {{ regexFind "a{2,3}?" "aaaa" }} {{ regexMatch "[[:alpha:]]\\z" "x" }}`,
    '["A","a"] true true aa true',
  ],
  [
    'regexQuoteMeta',
    R`{{ regexQuoteMeta "1.2.3 [a]$^|()*+?{}\\é" }}`,
    '1\\.2\\.3 \\[a\\]\\$\\^\\|\\(\\)\\*\\+\\?\\{\\}\\\\é',
  ],
])('%s', (_, template, output) => {
  expect(rendered(template)).toBe(output);
});

test.each([
  ['lookaround and references back are refused', '{{ regexFind "(?=a)" "a" }}', 'invalid regular expression'],
  ['mustRegexFind fails for what is none', '{{ mustRegexFind "a(" "a" }}', 'invalid regular expression'],
])('%s', (_, template, message) => {
  expect(failure(template)).toBe(message);
});
