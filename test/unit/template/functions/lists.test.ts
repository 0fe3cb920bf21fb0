/** Lists: new ones are made, old ones stay. What is expected is what Go's own engine gave. */

import { expect, test } from 'vitest';
import { failure, rendered } from './rendering.ts';

test.each([
  [
    'append and prepend make new lists',
    '{{ $l := list 1 }}{{ append $l 2 }} {{ prepend $l 0 }} {{ $l }}',
    '[1 2] [0 1] [1]',
  ],
  [
    'first last rest and initial',
    '{{ $l := list 1 2 3 }}{{ first $l }} {{ last $l }} {{ rest $l }} {{ initial $l }}',
    '1 3 [2 3] [1 2]',
  ],
  [
    'first of an empty list is nil, rest a nil list',
    '{{ first list }} {{ rest list | toJson }} {{ initial list | toJson }} {{ kindOf (rest list) }}',
    '<no value> null null slice',
  ],
  ['reverse', '{{ reverse (list 1 "a" nil) }}', '[<nil> a 1]'],
  [
    'uniq compares all the way down, with types',
    '{{ uniq (list 1 "1" 1 (list 1) (list 1) (int64 1) nil nil) | toJson }}',
    '[1,"1",[1],1,null]',
  ],
  ['without', '{{ without (list 1 2 "1" 3) 1 3 }}', '[2 1]'],
  ['has', '{{ has 4 (list 1 4) }} {{ has "4" (list 4) }} {{ has 1 nil }}', 'true false false'],
  ['compact leaves out what is empty', '{{ compact (list 0 1 "" "a" nil false (dict) (list) 0.0) }}', '[1 a]'],
  [
    'slice',
    '{{ slice (list 1 2 3) 1 2 }} {{ slice (list 1 2 3) 1 }} {{ slice (list) 0 }} {{ slice (until 3) 1 | typeOf }}',
    '[2] [2 3] <no value> []int',
  ],
  [
    'concat of lists of different types',
    '{{ concat (list 1) (until 2) (splitList "," "a,b") | toJson }} {{ concat | toJson }}',
    '[1,0,1,"a","b"] null',
  ],
  [
    'chunk',
    '{{ chunk 2 (list 1 2 3) }} {{ chunk 3 (list) | toJson }} {{ chunk 2 (until 4) | typeOf }}',
    '[[1 2] [3]] [] [][]interface {}',
  ],
  ['chunk of negative sizes is as in Go', '{{ chunk -2 (list 1) }} {{ chunk -1 (list 1 2) }}', '[[1]] []'],
  ['tuple and list keep what they are given', '{{ tuple nil 1 "a" | toJson }} {{ list | toJson }}', '[null,1,"a"] []'],
])('%s', (_, template, output) => {
  expect(rendered(template)).toBe(output);
});

test.each([
  ['append fails for what is no list', '{{ append "a" 1 }}', 'Cannot push on type string'],
  ['first fails for nil', '{{ first nil }}', 'runtime error: invalid memory address or nil pointer dereference'],
  ['has fails for what is no list', '{{ has 1 "a" }}', 'Cannot find has on type string'],
  ['concat fails for what is no list', '{{ concat 1 }}', 'Cannot concat type int as list'],
  ['chunk fails for size zero', '{{ chunk 0 (list 1) }}', 'runtime error: makeslice: len out of range'],
])('%s', (_, template, message) => {
  expect(failure(template)).toBe(message);
});
