/** YAML: through JSON, by the rules of YAML 1.1. What is expected is what Go's own engine gave. */

import { expect, test } from 'vitest';
import { rendered } from './rendering.ts';

const R = String.raw;

test.each([
  [
    'toYaml is flush and sorted as people sort',
    '{{ dict "b10" 1 "b9" (list 1 (dict "x" (list))) "a" (dict "c" nil "d" (dict)) | toYaml }}',
    'a:\n  c: null\n  d: {}\nb9:\n- 1\n- x: []\nb10: 1',
  ],
  [
    'toYaml quotes what would be read as something else',
    '{{ list "yes" "null" "1" "0x1F" "1e3" "2001-01-01" "1:30" "" " x" "a: b" "# c" "<<" "~" "- x" "it\'s" | toYaml }}',
    '- "yes"\n- "null"\n- "1"\n- "0x1F"\n- "1e3"\n- "2001-01-01"\n- "1:30"\n- ""\n- \' x\'\n- \'a: b\'\n- \'# c\'\n- <<\n- "~"\n- \'- x\'\n- it\'s',
  ],
  [
    'toYaml of lines is a literal',
    R`{{ dict "a" "x\ny\n" "b" "x\ny" "c" "x\n\n" "d" " x\ny" "e" "x \ny" | toYaml }}`,
    'a: |\n  x\n  y\nb: |-\n  x\n  y\nc: |+\n  x\n\nd: |2-\n   x\n  y\ne: "x \\ny"',
  ],
  [
    'toYaml folds long lines',
    '{{ toYaml (dict "k" (repeat 30 "word ")) }}',
    "k: 'word word word word word word word word word word word word word word word word\n  word word word word word word word word word word word word word word '",
  ],
  [
    'toYaml of numbers',
    '{{ list 1 1.5 1e20 1e21 1234567.891 -0.0 0.00001 100000000.0 | toYaml }}',
    '- 1\n- 1.5\n- 1e+20\n- 1e+21\n- 1.234567891e+06\n- 0\n- 1e-05\n- 100000000',
  ],
  [
    'toYaml of a long key',
    '{{ toYaml (dict (repeat 130 "k") 1) }}',
    '? kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\n: 1',
  ],
  [
    'toYaml of odd characters',
    R`{{ list "é" "\u00a0" "\u2028x" "\t" "\x1b" "😀" "\xff" | toYaml }}`,
    '- é\n- \u00a0\n- \'\u2028  x\'\n- "\\t"\n- "\\e"\n- "\\U0001F600"\n- �',
  ],
  ['toYaml of what JSON has not is empty', '{{ toYaml (float64 "inf") | quote }}', '""'],
  [
    'fromYaml reads YAML 1.1',
    R`{{ fromYaml "a: yes\nb: 017\nc: 0x1F\nd: 1_000\ne: ~\nf: 1.5e3\ng: 2001-01-01\nh: 'yes'\ni: 1:30\nj: 0b11\nk: .5" | toJson }}`,
    '{"a":true,"b":15,"c":31,"d":1000,"e":null,"f":1500,"g":"2001-01-01","h":"yes","i":"1:30","j":3,"k":0.5}',
  ],
  [
    'fromYaml makes text of keys',
    R`{{ fromYaml "1: a\ntrue: b\n1.5: c\n0x10: d" | toJson }}`,
    '{"1":"a","1.5":"c","16":"d","true":"b"}',
  ],
  [
    'fromYaml follows anchors and merges',
    R`{{ fromYaml "a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  k: 3\nc: *x" | toJson }}`,
    '{"a":{"k":1,"l":2},"b":{"k":3,"l":2},"c":{"k":1,"l":2}}',
  ],
  [
    'fromYaml reads blocks',
    R`{{ fromYaml "a: |\n  x\n  y\nb: >-\n  x\n  y\nc: |+\n  z\n\n" | toJson }}`,
    '{"a":"x\\ny\\n","b":"x y","c":"z\\n\\n"}',
  ],
  ['fromYaml reads one document', R`{{ fromYaml "a: 1\n---\nb: [" | toJson }}`, '{"a":1}'],
  [
    'fromYaml of nothing is empty',
    '{{ fromYaml "" | toJson }} {{ fromYaml "# x" | toJson }} {{ fromYaml "null" | toJson }}',
    '{} {} {}',
  ],
  [
    'fromYaml of what is no map is an error',
    '{{ fromYaml "[1]" | toJson }} {{ fromYaml "x" | toJson }} {{ fromYaml "1" | toJson }}',
    '{"Error":"error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}"} {"Error":"error unmarshaling JSON: while decoding JSON: json: cannot unmarshal string into Go value of type map[string]interface {}"} {"Error":"error unmarshaling JSON: while decoding JSON: json: cannot unmarshal number into Go value of type map[string]interface {}"}',
  ],
  [
    'fromYaml of what is no YAML is an error',
    R`{{ fromYaml "a: b: c" | toJson }} {{ fromYaml "a: [" | toJson }} {{ fromYaml "a: \"\\q\"" | toJson }} {{ fromYaml "a:\n\tb: 1" | toJson }}`,
    '{"Error":"error converting YAML to JSON: yaml: mapping values are not allowed in this context"} {"Error":"error converting YAML to JSON: yaml: line 1: did not find expected node content"} {"Error":"error converting YAML to JSON: yaml: found unknown escape character"} {"Error":"error converting YAML to JSON: yaml: line 2: found character that cannot start any token"}',
  ],
  [
    'fromYaml of a tag that does not fit is an error',
    '{{ fromYaml "a: !!int x" | toJson }} {{ fromYaml "a: !!str 1" | toJson }} {{ fromYaml "a: !!binary aGk=" | toJson }}',
    '{"Error":"error converting YAML to JSON: yaml: cannot decode !!str `x` as a !!int"} {"a":"1"} {"a":"hi"}',
  ],
  [
    'fromYaml and toYaml agree',
    R`{{ dict "a" (list 1 "x" nil (dict "b" true)) "c" "l1\nl2\n" | toYaml | fromYaml | toJson }}`,
    '{"a":[1,"x",null,{"b":true}],"c":"l1\\nl2"}',
  ],
])('%s', (_, template, output) => {
  expect(rendered(template)).toBe(output);
});
