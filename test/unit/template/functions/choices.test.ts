/** Choices, types and failing. What is expected is what Go's own engine gave. */

import { expect, test } from 'vitest';
import { failure, rendered } from './rendering.ts';

test.each([
  [
    'default for what is empty',
    '{{ default "d" "" }} {{ default "d" 0 }} {{ default "d" nil }} {{ default "d" (list) }} {{ default "d" }} {{ default "d" "x" }} {{ default "d" false }}',
    'd d d d d x d',
  ],
  ['empty of times and versions', '{{ empty (toDate "2006" "") }} {{ empty (semver "0.0.0") }}', 'false false'],
  [
    'coalesce all and any',
    '{{ coalesce 0 "" nil "x" "y" }} {{ coalesce 0 | kindOf }} {{ all 1 "a" }} {{ all 1 "" }} {{ all }} {{ any 0 "" }} {{ any 0 1 }} {{ any }}',
    'x invalid true false true false true false',
  ],
  ['ternary takes the condition last', '{{ ternary 1 2 true }} {{ false | ternary 1 2 }}', '1 2'],
  [
    'kindOf and typeOf',
    '{{ kindOf 1 }} {{ kindOf nil }} {{ kindOf (dict) }} {{ typeOf 1.5 }} {{ typeOf nil }} {{ typeOf (list) }} {{ typeOf now }} {{ typeOf (semver "1.0.0") }}',
    'int invalid map float64 <nil> []interface {} time.Time *semver.Version',
  ],
  [
    'typeIs and typeIsLike',
    '{{ typeIs "int" 1 }} {{ typeIs "semver.Version" (semver "1.0.0") }} {{ typeIsLike "semver.Version" (semver "1.0.0") }} {{ kindIs "slice" (list) }}',
    'true false true true',
  ],
  [
    'deepEqual minds types and nil',
    '{{ deepEqual 1 1 }} {{ deepEqual 1 (int64 1) }} {{ deepEqual (list) (rest list) }} {{ deepEqual (dict "a" (list 1)) (dict "a" (list 1)) }} {{ deepEqual nil nil }}',
    'true false false true true',
  ],
  ['hello', '{{ hello }}', 'Hello!'],
])('%s', (_, template, output) => {
  expect(rendered(template)).toBe(output);
});

test.each([['fail says what it was told', '{{ fail "no user" }}', 'no user']])('%s', (_, template, message) => {
  expect(failure(template)).toBe(message);
});
