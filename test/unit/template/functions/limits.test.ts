/** What functions may cost: they ask before they make much, and pay for what they look at. */

import { expect, test } from 'vitest';
import { failure, rendered } from './rendering.ts';

const LIMITS = { steps: 20_000, bytes: 256 * 1024, depth: 100 };

/** Doubles twenty-five times, sharing its halves. */
const DOUBLED = '{{ $x := list "a" }}{{ range until 25 }}{{ $x = list $x $x }}{{ end }}';
const ENDLESS = '{{ $d := dict }}{{ $_ := set $d "d" $d }}';

test.each([
  ['repeat', '{{ repeat 1000000000 "a" }}'],
  ['repeat beyond what JavaScript counts', '{{ repeat 9223372036854775807 "ab" }}'],
  ['until', '{{ until 1000000000 }}'],
  ['untilStep', '{{ untilStep 0 9223372036854775807 1 }}'],
  ['seq', '{{ seq 1000000000 }}'],
  ['indent', '{{ indent 1000000000 "a" }}'],
  ['indent of many lines', '{{ indent 10000 (repeat 10000 "\\n") }}'],
  ['randAlphaNum', '{{ randAlphaNum 1000000000 }}'],
  ['replace that grows', '{{ $x := "a" }}{{ range until 60 }}{{ $x = replace "a" "aa" $x }}{{ end }}'],
  ['regexReplaceAll that grows', '{{ regexReplaceAll "a" (repeat 1000 "a") (repeat 1000 "b") }}'],
  ['wrapWith', '{{ wrapWith 1 (repeat 1000 "b") (repeat 1000 "a") }}'],
  ['join', '{{ join (repeat 1000 "a") (until 1000) }}'],
  ['concat that grows', '{{ $x := list 1 }}{{ range until 60 }}{{ $x = concat $x $x }}{{ end }}'],
  ['quote that grows', '{{ $x := "\\"" }}{{ range until 60 }}{{ $x = quote $x }}{{ end }}'],
  ['splitList by nothing', '{{ splitList "" (repeat 100000 "a") }}'],
  ['uniq of many', '{{ uniq (until 2000) }}'],
  ['toJson of a list that is shared', `${DOUBLED}{{ toJson $x }}`],
  ['toYaml of a list that is shared', `${DOUBLED}{{ toYaml $x }}`],
  ['toString of a list that is shared', `${DOUBLED}{{ toString $x }}`],
  ['deepCopy of a list that is shared', `${DOUBLED}{{ deepCopy $x | len }}`],
  ['deepEqual of lists that are shared', `${DOUBLED}{{ deepEqual $x (deepCopy $x) }}`],
  ['fromYaml of anchors in anchors', '{{ fromYaml .bomb | len }}'],
  [
    'the same work again and again',
    '{{ $x := repeat 100000 "a" }}{{ range until 1000 }}{{ $_ := sha512sum $x }}{{ end }}',
  ],
])('%s is stopped by the limits', (_, template) => {
  const levels = Array.from({ length: 8 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(9)}]`);
  const bomb = ['l0: &l0 [x,x,x,x,x,x,x,x,x]', ...levels].join('\n');
  expect(failure(template, { data: { bomb }, limits: LIMITS })).toMatch(/exceeded the limit/);
});

test.each([
  ['toJson', `${ENDLESS}{{ toJson $d }}`],
  ['toYaml', `${ENDLESS}{{ toYaml $d }}`],
  ['deepCopy', `${ENDLESS}{{ deepCopy $d }}`],
  ['deepEqual', `${ENDLESS}{{ $e := dict }}{{ $_ := set $e "d" $e }}{{ deepEqual $d $e }}`],
  ['merge', `${ENDLESS}{{ $e := dict }}{{ $_ := set $e "d" $e }}{{ merge $d $e }}`],
])('%s of a map that holds itself fails', (_, template) => {
  expect(failure(template)).toBe('value is nested too deeply');
});

test.each([
  ['a pattern that is too large', '{{ regexMatch (repeat 2000 "a{900}") "a" }}', 'regular expression is too large'],
  [
    'a program that is too slow for the text',
    '{{ regexMatch "((a{1,30}){1,30})+b" (repeat 100000 "a") }}',
    'regular expression is too costly for a text of this length',
  ],
])('regexMatch refuses %s', (_, template, message) => {
  expect(failure(template)).toBe(message);
});

test('a pattern that others take exponential time for is answered at once', () => {
  expect(rendered('{{ regexMatch "(a*)*b" (repeat 100000 "a") }}')).toBe('false');
});

test('JSON that is nested too deeply is no JSON', () => {
  expect(rendered('{{ fromJson (repeat 100000 "[") | kindOf }}')).toBe('invalid');
});

test('a certificate chain of a hundred kilobytes is no trouble', () => {
  const pem = `-----BEGIN CERTIFICATE-----\n${`${'A'.repeat(64)}\n`.repeat(1500)}-----END CERTIFICATE-----\n`;
  const template = [
    '{{ .pem | indent 4 | len }} {{ .pem | b64enc | b64dec | sha256sum | len }}',
    '{{ regexReplaceAll "\\\\s" .pem "" | len }} {{ dict "a" .pem | toYaml | fromYaml | toJson | len }}',
  ].join(' ');
  expect(rendered(template, { data: { pem } })).toBe('103566 64 96050 99062');
});

test.each(['quote', 'toJson', 'b64enc', 'regexQuoteMeta'])(
  'a text that grows a little with each %s is stopped by its size',
  (name) => {
    const template = `{{ $x := "\\"*" }}{{ range until 200 }}{{ $x = ${name} $x }}{{ end }}`;
    const limits = { steps: 1_000_000, bytes: 64 * 1024, depth: 100 };
    expect(failure(template, { limits })).toMatch(/exceeded the limit of 65536 bytes/);
  },
);
