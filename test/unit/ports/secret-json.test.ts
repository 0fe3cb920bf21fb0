import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { encodeJson, parseJson, SecretJson } from '../../../src/ports/secret-json.ts';

describe('JSON is kept as it is written', () => {
  test.each(
    Object.entries<readonly [text: string, written: string]>({
      'a number that no float holds': ['{"a":9007199254740993}', '{"a":9007199254740993}'],
      'a number with a fraction of nothing': ['[1.0,1e3,-0]', '[1.0,1e3,-0]'],
      'a key that prototypes have': ['{"__proto__":{"a":1}}', '{"__proto__":{"a":1}}'],
      'the order of members': ['{"b":1,"a":2,"1":3}', '{"1":3,"b":1,"a":2}'],
      'truth values and null': ['[true,false,null]', '[true,false,null]'],
      'text with escapes': ['"a\\u0000\\n\\"é"', '"a\\u0000\\n\\"é"'],
      'the last of two equal keys': ['{"a":1,"a":2}', '{"a":2}'],
      'empty maps and lists': ['{"a":{},"b":[]}', '{"a":{},"b":[]}'],
    }),
  )('%s', (_sentence, [text, written]) => {
    const json = parseJson(text);
    expect(json === undefined ? undefined : encodeJson(json)).toBe(written);
  });

  test('a key that prototypes have changes no prototype', () => {
    parseJson('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}');
    expect('polluted' in {}).toBe(false);
  });
});

test.each(
  Object.entries({
    'what is no JSON': '{"a":',
    nothing: '',
    'a value behind the value': '1 2',
    'nesting without end': `${'['.repeat(600)}${']'.repeat(600)}`,
    'nesting that no stack holds': '['.repeat(1_000_000),
  }),
)('%s is not read', (_sentence, text) => {
  expect(parseJson(text)).toBeUndefined();
});

test('content is not printed by accident', () => {
  const content = new SecretJson(new Map([['password', 'canary-hunter2']]));
  const printed = [String(content), JSON.stringify({ content }), inspect({ content }, { depth: 9 }), `${content}`];
  expect(printed.join()).not.toContain('canary');
  expect(printed[0]).toBe('[redacted]');
  expect(content.reveal().get('password')).toBe('canary-hunter2');
});
