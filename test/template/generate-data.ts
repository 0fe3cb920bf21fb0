/** Data for templates: values of many kinds under keys that the generated templates know. */

import fc from 'fast-check';
import { YAML_TEXT } from './generate-yaml.ts';
import type { Sort } from './signatures.ts';

type Data = ReadonlyMap<string, Uint8Array>;

const utf8 = (text: string): Uint8Array => Buffer.from(text, 'utf8');

/** What a string under each key is good for. */
export const DATA_SORTS: ReadonlyMap<string, Sort> = new Map<string, Sort>([
  ['text', 'str'],
  ['word', 'str'],
  ['bytes', 'str'],
  ['empty', 'str'],
  ['lines', 'str'],
  ['number', 'num'],
  ['float', 'num'],
  ['json', 'json'],
  ['object', 'json'],
  ['yaml', 'yaml'],
  ['base64', 'b64'],
  ['path', 'path'],
  ['url', 'url'],
  ['é', 'str'],
]);

const KEY = fc.constantFrom('a', 'b', 'c', 'key', 'é', 'A b', '<x>');

const SCALAR = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.integer({ min: -1000, max: 100_000_000 }),
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.boolean(),
  fc.constant(null),
);

const { value: JSON_VALUE, object: JSON_OBJECT } = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    SCALAR,
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.dictionary(KEY, tie('value'), { maxKeys: 3 }),
}));

const asJson = (value: unknown) => utf8(JSON.stringify(value));

// biome-ignore format: a table
const WORDS = fc.constantFrom('foo', 'fooBar baz', 'FOO_BAR', 'a,b,c', 'Hello, World', 'x', 'héllo wörld', 'snake_case-and kebab', 'HTTPServer2Go', '  pad  ', 'tab\there', 'ǆ ß İ', 'a1b22c333');
const NUMBERS = fc.oneof(
  fc.integer().map(String),
  fc.constantFrom('0', '42', '-7', '007', '1e3', '0x1f', 'abc', ' 1', '1_0', '9223372036854775807'),
);

const VALUES: Readonly<Record<string, fc.Arbitrary<Uint8Array>>> = {
  text: fc.string({ unit: 'grapheme', maxLength: 12 }).map(utf8),
  word: WORDS.map(utf8),
  bytes: fc.uint8Array({ maxLength: 8 }),
  empty: fc.constant(utf8('')),
  lines: fc.array(WORDS, { maxLength: 4 }).map((lines) => utf8(lines.join('\n'))),
  number: NUMBERS.map(utf8),
  float: fc.oneof(fc.double().map(String), fc.constantFrom('1.5', '-0', '1e21', '.5')).map(utf8),
  json: fc.oneof({ weight: 6, arbitrary: JSON_VALUE.map(asJson) }, fc.constantFrom('{', '[1,]', 'nul', '').map(utf8)),
  object: JSON_OBJECT.map(asJson),
  yaml: YAML_TEXT.map(utf8),
  base64: fc.oneof(
    fc.uint8Array({ maxLength: 9 }).map((bytes) => utf8(Buffer.from(bytes).toString('base64'))),
    WORDS.map(utf8),
  ),
  path: fc.constantFrom('/etc/ssl/cert.pem', 'a/b/../c', '', '../..', 'x.tar.gz').map(utf8),
  url: fc
    .constantFrom('https://u:p@db.example.com:5432/name?ssl=true#top', 'postgres://host/db', '', '%zz', '/only/path')
    .map(utf8),
  é: WORDS.map(utf8),
};

export const DATA: fc.Arbitrary<Data> = fc.record(VALUES).map((record) => new Map(Object.entries(record)));
