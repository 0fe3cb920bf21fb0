/** JSON: as Go's encoder and decoder. What is expected is what Go's own engine gave. */

import { expect, test } from 'vitest';
import { failure, rendered } from './rendering.ts';

const R = String.raw;

test.each([
  [
    'fromJson makes floats of all numbers',
    R`{{ $v := fromJson "{\"a\":1,\"b\":[true,null,\"x\"],\"c\":{\"d\":12345678901234567890}}" }}{{ $v }} {{ typeOf $v.a }}`,
    'map[a:1 b:[true <nil> x] c:map[d:1.2345678901234567e+19]] float64',
  ],
  [
    'fromJson of what is no JSON is nil',
    '{{ fromJson "{" | kindOf }} {{ fromJson "1 2" | kindOf }} {{ fromJson "" | kindOf }} {{ fromJson "1e400" | kindOf }}',
    'invalid invalid invalid invalid',
  ],
  ['fromJson takes the last of equal keys', R`{{ fromJson "{\"a\":1,\"a\":2}" }}`, 'map[a:2]'],
  [
    'fromJson mends half surrogates and bytes that are no UTF-8',
    R`{{ fromJson "\"\\ud83d\\ude00 \\ud83d x \xff\"" | quote }}`,
    '"😀 � x �"',
  ],
  [
    'toJson sorts keys and escapes for HTML',
    '{{ dict "b" "<&>" "a" (list nil true 1.5) | toJson }}',
    '{"a":[null,true,1.5],"b":"\\u003c\\u0026\\u003e"}',
  ],
  [
    'toRawJson does not escape for HTML',
    R`{{ toRawJson "<&>\u2028" }} {{ toJson "<&>\u2028" }}`,
    '"<&>\\u2028" "\\u003c\\u0026\\u003e\\u2028"',
  ],
  [
    'toJson of numbers',
    '{{ list 1 1.0 -0.0 1e20 1e21 1e-6 1e-7 0.1 123456789.125 | toJson }}',
    '[1,1,-0,100000000000000000000,1e+21,0.000001,1e-7,0.1,123456789.125]',
  ],
  ['toJson of text', R`{{ toJson "é\x00\x1f\x7f\t\n\"\\\xff" }}`, '"é\\u0000\\u001f\u007f\\t\\n\\"\\\\\\ufffd"'],
  [
    'toJson of what JSON has not is empty',
    '{{ toJson (float64 "inf") | quote }} {{ toPrettyJson (list (float64 "nan")) | quote }}',
    '"" ""',
  ],
  [
    'toPrettyJson indents by two',
    '{{ dict "a" (list 1 (dict) (list)) "b" (dict "c" nil) | toPrettyJson }}',
    '{\n  "a": [\n    1,\n    {},\n    []\n  ],\n  "b": {\n    "c": null\n  }\n}',
  ],
  [
    'toJson of times, versions and nil lists',
    '{{ toJson (toDate "2006-01-02 15:04:05.000" "2020-01-02 03:04:05.060") }} {{ toJson (semver "v1.2") }} {{ toJson (rest list) }}',
    '"2020-01-02T03:04:05.06Z" "1.2.0" null',
  ],
])('%s', (_, template, output) => {
  expect(rendered(template)).toBe(output);
});

test.each([
  ['mustFromJson of what is no JSON fails', '{{ mustFromJson "[1,]" }}', 'invalid JSON'],
  [
    'mustToJson and toRawJson of what JSON has not fail',
    '{{ mustToJson (float64 "inf") }}',
    'json: unsupported value: +Inf',
  ],
])('%s', (_, template, message) => {
  expect(failure(template)).toBe(message);
});
