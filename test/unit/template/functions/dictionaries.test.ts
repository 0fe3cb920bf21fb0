/** Dictionaries: set and unset change, the rest makes new ones. What is expected is what Go's own engine gave. */

import { expect, test } from 'vitest';
import { failure, rendered } from './rendering.ts';

test.each([
  ['dict of an odd number of arguments', '{{ dict "a" 1 "b" | toJson }}', '{"a":1,"b":""}'],
  ['dict takes any key as text', '{{ dict 1 2 nil 3 true 4 | toJson }}', '{"1":2,"\\u003cnil\\u003e":3,"true":4}'],
  ['get of what is missing is empty', '{{ get (dict "a" 1) "a" }} {{ get (dict) "a" | quote }}', '1 ""'],
  [
    'set is seen everywhere',
    '{{ $d := dict }}{{ $e := dict "d" $d }}{{ $_ := set $d "a" 1 }}{{ $e }}',
    'map[d:map[a:1]]',
  ],
  [
    'unset and hasKey',
    '{{ $d := dict "a" nil "b" 2 }}{{ hasKey $d "a" }} {{ $_ := unset $d "a" }}{{ hasKey $d "a" }} {{ $d }}',
    'true false map[b:2]',
  ],
  ['pluck takes one key of many maps', '{{ pluck "a" (dict "a" 1) (dict) (dict "a" nil) | toJson }}', '[1,null]'],
  ['pick and omit', '{{ pick (dict "a" 1 "b" 2) "a" "x" }} {{ omit (dict "a" 1 "b" 2) "a" "x" }}', 'map[a:1] map[b:2]'],
  [
    'dig finds, or gives the default',
    '{{ dig "a" "b" "none" (dict "a" (dict "b" 1)) }} {{ dig "a" "x" "none" (dict "a" (dict)) }} {{ dig "x" "y" "none" (dict) }}',
    '1 none none',
  ],
  [
    'merge keeps what is there, but for what is empty',
    '{{ merge (dict "a" 1 "b" "" "c" 0) (dict "a" 2 "b" "x" "c" 3 "d" nil "e" 4) | toJson }}',
    '{"a":1,"b":"x","c":3,"e":4}',
  ],
  [
    'merge goes into maps, not into lists',
    '{{ merge (dict "m" (dict "a" 1) "l" (list 1)) (dict "m" (dict "a" 2 "b" 3) "l" (list 2)) | toJson }}',
    '{"l":[1],"m":{"a":1,"b":3}}',
  ],
  ['merge from many, the first wins', '{{ merge (dict) (dict "a" 1) (dict "a" 2 "b" 2) | toJson }}', '{"a":1,"b":2}'],
  [
    'mergeOverwrite takes what comes, empty too',
    '{{ mergeOverwrite (dict "a" 1 "b" 2 "m" (dict "x" 1)) (dict "a" "" "b" nil "m" (dict "y" 2)) | toJson }}',
    '{"a":"","b":null,"m":{"x":1,"y":2}}',
  ],
  [
    'mergeOverwrite of a map by another kind',
    '{{ mergeOverwrite (dict "a" (dict "x" 1)) (dict "a" 2) | toJson }} {{ mergeOverwrite (dict "a" 2) (dict "a" (dict "x" 1)) | toJson }}',
    '{"a":2} {"a":{"x":1}}',
  ],
  [
    'merge shares what it takes in',
    '{{ $s := dict "m" (dict "a" 1) }}{{ $d := merge (dict) $s }}{{ $_ := set $d.m "a" 2 }}{{ $s }}',
    'map[m:map[a:2]]',
  ],
  [
    'deepCopy shares nothing',
    '{{ $d := dict "l" (list (dict "a" 1)) }}{{ $c := deepCopy $d }}{{ $_ := set (first $c.l) "a" 2 }}{{ $d }} {{ $c }}',
    'map[l:[map[a:1]]] map[l:[map[a:2]]]',
  ],
])('%s', (_, template, output) => {
  expect(rendered(template)).toBe(output);
});

test.each([
  ['set fails for nil', '{{ set nil "a" 1 }}', 'assignment to entry in nil map'],
  [
    'dig fails for what is no map on the way',
    '{{ dig "a" "b" "none" (dict "a" 1) }}',
    'interface conversion: interface {} is int, not map[string]interface {}',
  ],
  ['dig fails for too few arguments', '{{ dig "a" (dict) }}', 'dig needs at least three arguments'],
  [
    'merge fails for a value of any type in a map of strings',
    '{{ merge (dict "a" (split "," "x")) (dict "a" (dict "b" 1)) }}',
    'reflect.Value.SetMapIndex: value of type interface {} is not assignable to type string',
  ],
  ['deepCopy fails for nil', '{{ deepCopy nil }}', 'reflect: call of reflect.Value.Type on zero Value'],
])('%s', (_, template, message) => {
  expect(failure(template)).toBe(message);
});
