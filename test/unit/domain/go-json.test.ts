/** What is expected is what Go's own `encoding/json` gave. */

import { expect, test } from 'vitest';
import { decodeGoJson } from '../../../src/domain/go-json.ts';
import { encodeGoJson } from '../../../src/ports/go-json.ts';

function recoded(source: string, escapesHtml = false): string | undefined {
  const decoded = decodeGoJson(source);
  return decoded === undefined ? undefined : encodeGoJson(decoded, escapesHtml);
}

test.each([
  ['a whole number', '1.0', '1'],
  ['an exponent that is not needed', '1e3', '1000'],
  ['an integer that no float64 holds', '12345678901234567890', '12345678901234567000'],
  ['the next one after 2^53', '9007199254740993', '9007199254740992'],
  ['a large number', '1e21', '1e+21'],
  ['a small number', '1e-7', '1e-7'],
  ['a negative zero', '-0', '-0'],
  ['more digits than a float64 holds', '123456789.123456789', '123456789.12345679'],
  [
    'escapes',
    '"<&>\\u2028\\u007f\\u0001\\b\\f\\n\\r\\t\\/\\\\\\""',
    '"<&>\\u2028\u007f\\u0001\\b\\f\\n\\r\\t/\\\\\\""',
  ],
  ['half of a pair', '"\\ud800"', '"�"'],
  ['a pair', '"\\ud83d\\ude00"', '"😀"'],
  ['nothing inside', '[[],{}]', '[[],{}]'],
  ['spaces', '[1.0, {"b":1e21,"a":[null,true,"<"]}]', '[1,{"a":[null,true,"<"],"b":1e+21}]'],
  [
    'keys in the order of their bytes, the last of two equal ones',
    '{"\\ue000":1,"\\ud83d\\ude00":2,"a":1e-7,"a":-0,"<":" "}',
    '{"<":" ","a":-0,"\ue000":1,"😀":2}',
  ],
])('%s', (_, source, expected) => {
  expect(recoded(source)).toBe(expected);
});

test('for HTML some characters are escaped, in keys too', () => {
  expect(recoded('{"<":"a&b>\u2029"}', true)).toBe('{"\\u003c":"a\\u0026b\\u003e\\u2029"}');
});

test.each([
  ['a number that no float64 holds', '[1E400]'],
  ['what is no JSON', '{"a":01}'],
  ['something behind', '{"a":1} x'],
  ['nothing', ''],
])('%s is refused', (_, source) => {
  expect(decodeGoJson(source)).toBeUndefined();
});
