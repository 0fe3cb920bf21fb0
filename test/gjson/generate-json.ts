/** JSON texts: few keys, so that paths find something, and every kind of value in many spellings. */

import fc from 'fast-check';
import { damage } from '../oracle/damage.ts';

/** As they stand in paths when nothing is escaped. */
export const KEYS = [
  'a', 'b', 'c', 'ab', 'abc', 'first', 'last', 'age', 'a.b', 'b.c', 'a*', 'a?', '*', '', '0', '1', '2', '-1', '#', '@this', '@keys', 'a|b', 'a:b',
  'é', '日本', '😀', 'a\\b', 'a"b', 'x y', '{a}', '[b]', '!true', '~true', 'a\nb', '<&>', '\u2028',
]; // biome-ignore format: a table

const OFTEN = ['a', 'b', 'c', 'first'];

const TEXTS = [
  '', 'a', 'b', 'abc', 'Tom', 'true', 'false', '1', '0', 'T', 'F', 'null', 'x y', 'a*b', 'a?b', 'é', '日本語', '😀', 'a"b', 'a\\b', 'a\\\\', 'a/b', '<b>&</b>', '\u2028', '\u0000',
  '\u001f', '\ufffd', 'line\nbreak', '\ttab', '[1,2]', '{"a":1}', '{"a":[{"b":"x"}]}', '"a"', '1.50', '1e3', '-', '+5', 'nan', 'inf', ' 7 ', 'a, b', '}', ']', '(', 'aaaaaaaaaa',
]; // biome-ignore format: a table

const NUMBERS = [
  '0', '1', '2', '37', '-1', '-0', '1.0', '1.50', '0.1', '-0.5', '1e3', '1E+2', '1e-7', '1.25e-7', '12345678901234567890', '123456789012345678901234567890',
  '9007199254740993', '1e21', '1.5e300', '1e-320', '2.5', '100', '1e400', '-1.5e999', '1000000000000000000000.5', '0.30000000000000004', '1e0', '-1e-10',
]; // biome-ignore format: a table

const SPACE = fc.oneof(
  { weight: 12, arbitrary: fc.constant('') },
  { weight: 2, arbitrary: fc.constant(' ') },
  { weight: 1, arbitrary: fc.constantFrom('\n', '\t', '\r\n', '  ', '\n  ') },
);

/** A character of a string, spelled in one of the ways that it can be. */
function spelled(character: string, way: number): string {
  const plain = JSON.stringify(character).slice(1, -1);
  if (way === 0) return [...Array(character.length).keys()].map((at) => escapedUnit(character.charCodeAt(at))).join('');
  return way === 1 && character === '/' ? '\\/' : plain;
}

function escapedUnit(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}

function stringOf(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(text, fc.array(fc.nat({ max: 11 }), { maxLength: 4 }))
    .map(([plain, ways]) => `"${[...plain].map((character, at) => spelled(character, ways[at] ?? 2)).join('')}"`);
}

const KEY = stringOf(
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...OFTEN) },
    { weight: 2, arbitrary: fc.constantFrom(...KEYS) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3 }).map((key) => key.toWellFormed()) },
  ),
);

const STRING = stringOf(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...TEXTS) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.toWellFormed()) },
  ),
);

const SCALAR = fc.oneof(
  { weight: 5, arbitrary: STRING },
  { weight: 4, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 2, arbitrary: fc.constantFrom('true', 'false', 'null') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('"\\ud800"', '"\\ud83d\\ude00"', '"\\udc00\\ud800"', '"\\ud800\\u0041x"', '""'),
  },
);

/** Members or elements, with white space around each. */
function listed(item: fc.Arbitrary<string>, [open, close]: readonly [string, string], maxLength: number) {
  return fc
    .tuple(fc.array(fc.tuple(SPACE, item, SPACE), { maxLength }), SPACE)
    .map(
      ([items, space]) => `${open}${items.length === 0 ? space : items.map((one) => one.join('')).join(',')}${close}`,
    );
}

const {
  value: VALUE,
  object: OBJECT,
  array: ARRAY,
} = fc.letrec<{ value: string; object: string; array: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
    { weight: 4, arbitrary: SCALAR },
    { weight: 3, arbitrary: tie('object') },
    { weight: 3, arbitrary: tie('array') },
  ),
  object: listed(
    fc.tuple(KEY, SPACE, SPACE, tie('value')).map(([key, before, after, value]) => `${key}${before}:${after}${value}`),
    ['{', '}'],
    5,
  ),
  array: fc.oneof(
    listed(tie('value'), ['[', ']'], 4),
    listed(tie('object'), ['[', ']'], 4),
    listed(SCALAR, ['[', ']'], 12),
  ),
}));

const DOCUMENT = fc.oneof(
  { weight: 8, arbitrary: OBJECT },
  { weight: 4, arbitrary: ARRAY },
  { weight: 1, arbitrary: VALUE },
  { weight: 2, arbitrary: fc.array(VALUE, { maxLength: 4 }).map((lines) => lines.join('\n')) },
);

/** A text whose bytes are those of the characters, as UTF-8. */
export const JSON_TEXT: fc.Arbitrary<Uint8Array> = fc
  .tuple(SPACE, DOCUMENT, SPACE)
  .map((parts) => Buffer.from(parts.join(''), 'utf8'));

const TOKENS = [
  '{', '}', '[', ']', '(', ')', '"', '\\', ',', ':', ' ', '\n', '\u0001', '"a"', '"a":', '{"a":1}', '[1,2]', 'true', 'tru', 'nul', 'nan', 'NaN', 'Infinity', 'inf', '+1', '1_0', '0x1p4', '-',
  '.5', '1.', '1e', '\\u12', '\\q', '\\"', '//', '\xc3', '\xff', '\xe2\x80', '\xed\xa0\x80', '\xa0', '"\x00', '}}', ']]', ',,', '"a" "b"',
]; // biome-ignore format: a table

/** Not quite JSON, or not quite UTF-8. */
export const DAMAGED_TEXT: fc.Arbitrary<Uint8Array> = fc
  .tuple(JSON_TEXT, damage(TOKENS))
  .map(([json, harm]) => Buffer.from(harm(Buffer.from(json).toString('latin1')), 'latin1'));
