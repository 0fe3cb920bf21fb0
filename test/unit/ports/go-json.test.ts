import { describe, expect, test } from 'vitest';
import { encodeGoJson } from '../../../src/ports/go-json.ts';

describe('an object of texts, for HTML', () => {
  // What Go 1.26 prints for json.Marshal(map[string]string{...}).
  test.each<[string, readonly (readonly [string, string])[], string]>([
    ['of nothing', [], '{}'],
    [
      'sorts by bytes: capitals first, and an emoji after a private-use letter, unlike UTF-16',
      [
        ['b', '1'],
        ['\u{1f600}', '2'],
        ['\ue000', '3'],
        ['B', '4'],
        ['10', '5'],
        ['9', '6'],
      ],
      '{"10":"5","9":"6","B":"4","b":"1","\ue000":"3","\u{1f600}":"2"}',
    ],
    [
      'escapes what HTML and JavaScript could take for their own',
      [['<a&b>', '\u2028\u2029']],
      '{"\\u003ca\\u0026b\\u003e":"\\u2028\\u2029"}',
    ],
    [
      'escapes control characters, quotes and backslashes as JSON',
      [['k', '"\\/\b\f\n\r\t\u0001\u007f']],
      '{"k":"\\"\\\\/\\b\\f\\n\\r\\t\\u0001\u007f"}',
    ],
    ['takes the last of two values', new Map([['k', 'x']]).set('k', 'y').entries().toArray(), '{"k":"y"}'],
  ])('%s', (_, entries, text) => {
    expect(encodeGoJson(new Map(entries), true)).toBe(text);
    expect(Object.fromEntries(entries)).toEqual(JSON.parse(text));
  });
});
