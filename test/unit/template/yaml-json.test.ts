/** Templates that render a part of an object: what YAML becomes, and that messages quote nothing. */

import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/template/template.ts';
import { readYamlAsJson } from '../../../src/template/yaml-json.ts';
import { YamlMapError } from '../../../src/template/yaml-map.ts';

function json(text: string, limits = DEFAULT_LIMITS): string {
  try {
    return Buffer.from(readYamlAsJson(Buffer.from(text), limits)).toString();
  } catch (error) {
    if (error instanceof YamlMapError) return error.message;
    throw error;
  }
}

test.each(
  Object.entries<readonly [yaml: string, json: string]>({
    'nothing is null': ['', 'null'],
    'a comment is null': ['# none', 'null'],
    'plain text is text': ['hunter-2', '"hunter-2"'],
    'quotes keep what would be retyped': ['"0123"', '"0123"'],
    'a leading zero makes an octal number': ['0123', '83'],
    'a word for true is true': ['yes', 'true'],
    'a letter for false is false': ['n', 'false'],
    'underscores are dropped': ['1_000', '1000'],
    'a whole number of 64 bits keeps its digits': ['9223372036854775807', '9223372036854775807'],
    'so does a negative one': ['-9223372036854775808', '-9223372036854775808'],
    'a greater one is a float': ['9223372036854775808', '9223372036854776000'],
    'a much greater one has an exponent': ['184467440737095516150000', '1.844674407370955e+23'],
    'a float keeps double precision': ['1234567.891', '1234567.891'],
    'a date is text': ['2026-01-02', '"2026-01-02"'],
    'a map has its keys in order': ['b: 1\na: [x, {c: ~}]', '{"a":["x",{"c":null}],"b":1}'],
    'the later of two equal keys wins': ['a: 1\na: 2', '{"a":2}'],
    'keys are text': ['1: a\ntrue: b', '{"1":"a","true":"b"}'],
    'a key that prototypes have is a key': ['__proto__: {a: 1}', '{"__proto__":{"a":1}}'],
    'only the first document counts': ['a: 1\n---\na: 2', '{"a":1}'],
    'an alias is what it stands for': ['a: &x [1]\nb: *x', '{"a":[1],"b":[1]}'],
    'JSON is YAML': ['{"a": "<b>&é", "c": 3}', '{"a":"<b>&é","c":3}'],
    'a block keeps its lines': ['a: |\n  x\n  y\n', '{"a":"x\\ny\\n"}'],
  }),
)('%s', (_sentence, [yaml, expected]) => {
  expect(json(yaml)).toBe(expected);
});

describe('a problem quotes nothing of the text', () => {
  test.each(
    Object.entries<readonly [yaml: string, problem: string]>({
      'a colon too many': ['a: b\nc: hunter2: d', 'line 2: mapping values are not allowed in this context'],
      'a control character': ['a: hunter2\u0001', 'control characters are not allowed'],
      'no number': ['a: .nan', 'json: unsupported value: NaN'],
      'an anchor in itself': ['a: &hunter2 [*hunter2]', 'an anchor contains itself'],
    }),
  )('%s', (_sentence, [yaml, expected]) => {
    expect(json(yaml)).toBe(expected);
  });

  test('reading is bounded, and so is what aliases make of it', () => {
    const wide = `a: &a [${'x,'.repeat(500)}]\nb: &b [${'*a,'.repeat(500)}]\nc: [${'*b,'.repeat(500)}]`;
    expect(json(wide)).toBe('reading it as YAML exceeded the limit of 1000000 steps');
    const long = `a: &a ${'x'.repeat(100_000)}\nb: [${'*a,'.repeat(50)}]`;
    expect(json(long)).toBe('reading it as YAML exceeded the limit of 4194304 bytes');
  });

  test('bytes that are no text are no YAML', () => {
    expect(() => readYamlAsJson(Uint8Array.of(0xff, 0xfe, 0xfd))).toThrow(YamlMapError);
  });
});
