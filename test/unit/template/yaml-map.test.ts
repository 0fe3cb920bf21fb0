/** Templates that render many keys at once: how scalars become text, and that messages quote nothing. */

import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/template/template.ts';
import { readYamlMap, YamlMapError } from '../../../src/template/yaml-map.ts';

function read(text: string): Readonly<Record<string, string>> {
  const map = readYamlMap(Buffer.from(text));
  return Object.fromEntries(Array.from(map, ([key, value]) => [key, Buffer.from(value).toString()]));
}

function problem(text: string, limits = DEFAULT_LIMITS): string {
  try {
    readYamlMap(Buffer.from(text), limits);
  } catch (error) {
    if (error instanceof YamlMapError) return error.message;
    throw error;
  }
  return 'no problem';
}

describe('a scalar becomes text', () => {
  test.each(
    Object.entries<readonly [yaml: string, text: string]>({
      'plain text stays': ['hunter-2', 'hunter-2'],
      'a word for true is retyped': ['yes', 'true'],
      'a letter for false is retyped': ['n', 'false'],
      'a leading zero makes an octal number': ['0123', '83'],
      'quotes keep a leading zero': ['"0123"', '0123'],
      'single quotes keep a word': ["'yes'", 'yes'],
      'a hexadecimal number is retyped': ['0x1F', '31'],
      'underscores are dropped': ['1_000', '1000'],
      'a great integer keeps its digits': ['9223372036854775807', '9223372036854775807'],
      'an unsigned integer keeps its digits': ['18446744073709551615', '18446744073709551615'],
      'a greater one becomes a float': ['184467440737095516150', '1.8446744e+20'],
      'a float has single precision': ['1234567.891', '1.2345679e+06'],
      'a short float stays': ['0.1', '0.1'],
      'a float without fraction loses its point': ['1.0', '1'],
      'infinity has a sign': ['.inf', '+Inf'],
      'no number is a number': ['.nan', 'NaN'],
      'nothing is the empty text': ['', ''],
      'null is the empty text': ['~', ''],
      'a date stays text': ['2026-01-02', '2026-01-02'],
      'a block keeps its lines': ['|\n  a\n  b\n', 'a\nb\n'],
    }),
  )('%s', (_sentence, [yaml, expected]) => {
    expect(read(`k: ${yaml}`)).toEqual({ k: expected });
  });
});

test.each(
  Object.entries<readonly [yaml: string, map: Readonly<Record<string, string>>]>({
    'nothing gives nothing': ['', {}],
    'a comment gives nothing': ['# none\n', {}],
    'a null document gives nothing': ['null', {}],
    'the later of two equal keys wins': ['a: 1\na: 2', { a: '2' }],
    'keys are text': ['1: a\ntrue: b', { '1': 'a', true: 'b' }],
    'only the first document counts': ['a: 1\n---\na: 2', { a: '1' }],
    'an alias is what it stands for': ['a: &x 0123\nb: *x', { a: '83', b: '83' }],
    'JSON is YAML': ['{"a": "b", "c": 3}', { a: 'b', c: '3' }],
  }),
)('%s', (_sentence, [yaml, expected]) => {
  expect(read(yaml)).toEqual(expected);
});

describe('a problem quotes nothing of the text', () => {
  test.each(
    Object.entries<readonly [yaml: string, problem: string]>({
      'a list': ['- hunter2', 'it is no map'],
      'a text': ['hunter2', 'it is no map'],
      'a list as value': ['a: 1\nb:\n- hunter2', 'line 3: a value is a list or a map, and only text can be'],
      'a map as value': ['hunter2: {a: b}', 'line 1: a value is a list or a map, and only text can be'],
      'a list through an alias': ['<<: {hunter2: [1]}', 'line 1: a value is a list or a map, and only text can be'],
      'a colon too many': ['a: b\nc: hunter2: d', 'line 2: mapping values are not allowed in this context'],
      'an alias of nothing': ['a: *hunter2', 'an alias has no anchor; put values that begin with "*" in quotes'],
      'an anchor in itself': ['a: &hunter2 [*hunter2]', 'an anchor contains itself'],
      'a tag that does not fit': ['a: !!int hunter2', 'a value does not fit its tag'],
      'a control character': ['a: hunter2\u0001', 'control characters are not allowed'],
      'a quote without end': ['a: "hunter2', 'found unexpected end of stream'],
      'a key that is a list': ['[hunter2]: a', 'a key is no text; put keys in quotes'],
      'a key that is a map': ['? {hunter2: a}\n: b', 'a key is no text; put keys in quotes'],
      'a key that is null': ['null: hunter2', 'a key is no text; put keys in quotes'],
      'no key': [': hunter2', 'a key is no text; put keys in quotes'],
      'a percent sign at the beginning': ['%hunter2\na: b', 'found unknown directive name'],
    }),
  )('%s', (_sentence, [yaml, expected]) => {
    expect(problem(yaml)).toBe(expected);
  });

  test('reading is bounded', () => {
    const wide = `a: &a [${'x,'.repeat(500)}]\nb: &b [${'*a,'.repeat(500)}]\nc: [${'*b,'.repeat(500)}]`;
    expect(problem(wide)).toBe('reading it as YAML exceeded the limit of 1000000 steps');
    expect(problem('a: b', { ...DEFAULT_LIMITS, steps: 2 })).toBe('reading it as YAML exceeded the limit of 2 steps');
  });

  test('aliases cannot make more than the limit of bytes', () => {
    const text = `a: &a ${'x'.repeat(100_000)}\n${Array.from({ length: 50 }, (_, i) => `k${i}: *a`).join('\n')}`;
    expect(problem(text)).toBe('its values exceeded the limit of 4194304 bytes');
  });

  test('nesting is bounded', () => {
    expect(problem(`a: ${'['.repeat(1200)}${']'.repeat(1200)}`)).not.toBe('no problem');
  });
});
