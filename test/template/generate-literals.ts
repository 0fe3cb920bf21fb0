/** Source text of constants, and of the shortest expressions, of every sort. */

import fc from 'fast-check';
import { BASE32_TEXT, BASE64_TEXT, CONSTRAINT_TEXT, LAYOUT_AND_DATE, VERSION_TEXT } from './generate-matching.ts';
import { type SoupSort, soup } from './generate-soups.ts';
import { YAML_TEXT } from './generate-yaml.ts';
import { SORTS, type Sort } from './signatures.ts';

/** Pieces of an interpreted string constant, each as it stands in the source. */
// biome-ignore format: a table
const STRING_PIECES = [
  'a', 'b', 'c', 'Z', '0', '7', ' ', '  ', '-', '_', '/', '.', ',', '<', '&', '>', "'", '`', '+', '=', '$', '%', '{', '}', 'foo', 'BAR',
  'fooBar', 'é', 'ß', 'ǆ', '世界', '😀', 'İ', '\\n', '\\t', '\\r', '\\\\', '\\"', '\\a', '\\x00', '\\x41', '\\xff', '\\xe4\\xb8', '\\101',
  '\\u00e9', '\\u2028', '\\U0001F600', '\\u200b', '\\u0301',
];

const RAW_PIECES = ['a', 'B', ' ', '\n', '"', '\\', "'", '%d', 'é', '世', '\t', '/', '{', '$1'];

const PIECE = fc.constantFrom(...STRING_PIECES);
const INTERPRETED = fc.array(PIECE, { maxLength: 6 }).map((pieces) => `"${pieces.join('')}"`);
const RAW = fc.array(fc.constantFrom(...RAW_PIECES), { maxLength: 5 }).map((pieces) => `\`${pieces.join('')}\``);

/** In the source a regular expression stands in back quotes, where nothing needs an escape. */
// biome-ignore format: a table
const REGEX_ATOMS = [
  'a', 'b', 'foo', '.', '\\d', '\\w', '\\s', '[a-z]', '[^a-z]', '(a|b)', '(\\w)(\\d*)', '(?P<name>o+)', '^', '$', '\\b', '[[:alpha:]]',
  '\\pL', '\\p{Greek}', '\\x41', 'é', '[世界]', '(?i)A', '(?:x)', '', '\\.', '[0-9]', '\\D', '\\S', '\\W', '(?s).', '(?m)^', '\\A', '\\z', '\\Q.\\E',
];
const REGEX_COUNTS = ['', '', '', '*', '+', '?', '{2}', '{1,3}', '{2,}', '*?', '+?', '??'];
const REGEX = fc
  .array(fc.tuple(fc.constantFrom(...REGEX_ATOMS), fc.constantFrom(...REGEX_COUNTS)), { minLength: 1, maxLength: 4 })
  .map((parts) => `\`${parts.map(([atom, count]) => atom + count).join('')}\``);

// biome-ignore format: a table
const INTEGERS = [
  '0', '1', '2', '3', '7', '10', '-1', '-4', '+3', '0x1F', '0b101', '0o17', '017', '1_000', "'a'", "'\\n'", "'世'", '1e2',
];
const LARGE = ['9223372036854775807', '-9223372036854775808', '9223372036854775808', '1e18'];
// biome-ignore format: a table
const FLOATS = [
  '1.5', '.5', '0.1', '-2.75', '1e3', '1e-7', '1e21', '1e100', '0x1p4', '0x1.8p-2', '3.0', '-0.0', '100.25', '2.5', '1_0.5', '6.02e23',
];
// biome-ignore format: a table
const NUMERIC_TEXTS = [
  '"42"', '"-7"', '"3.7"', '"1e3"', '"0x10"', '"010"', '"0b1"', '"1_000"', '" 5"', '"abc"', '""', '"08"', '"1.0"', '"9223372036854775808"',
];

const KEYS = ['"a"', '"b"', '"c"', '"key"', '"_0"', '"A b"', '"é"', '""'];
// biome-ignore format: a table
const LISTS = ['(list)', '(list 1 2 3)', '(list "b" "a" "b")', '(list "a" 1 2.5 nil true)', '(list (list 1) (dict "a" 1))', '(tuple "x" "")', '(fromJson "[3,1,2]")', '(list nil nil)', '(list 0 "" false)', '(list (int64 1) 1)'];
// biome-ignore format: a table
const DICTS = ['(dict)', '(dict "a" 1)', '(dict "a" "x" "b" 2)', '(dict "a" (dict "b" (dict "c" 3)))', '(dict "a" nil "b" "" "c" false)', '(dict "a" (list 1 2))', '(fromJson `{"a":{"b":[1,2]},"c":"d"}`)', '(dict "key" 1.5 "b" true)', '(fromYaml "a: 1\\nb: [x, y]")'];

// biome-ignore format: a table
const JSONS = ['`{}`', '`[]`', '`null`', '`1`', '`"a"`', '`{"a":1,"b":[true,null,"x"]}`', '`[1,2.5,-3e10]`', '`{"a":{"b":{"c":"d"}}}`', '`{"b":1,"a":2,"a":3}`', '`"\\u00e9\\ud83d\\ude00"`', '`{`', '`{"a":}`', '``', '` [1 , 2 ] `', '`"<&>"`', '`1e1000`', '`12345678901234567890`', '`[1]x`', '`"\\ud800"`', '`tru`', '`-0`', '`01`', '`{"c":null}`'];
// biome-ignore format: a table
const YAMLS = ['"a: 1"', '"a: 1\\nb: two\\nc:\\n  - x\\n  - y"', '"{a: 1, b: [1, 2]}"', '"- a\\n- b"', '"a: yes\\nb: 0123\\nc: 0x1F"', '"a: |\\n  x\\n  y\\nb: >\\n  p\\n  q"', '"a: &x 1\\nb: *x"', '""', '"a: ~"', '"a: 2001-01-01"', '"a: 1.5e3\\nb: .inf"', '"1: a\\ntrue: b"', '"a: \\"q\\\\n\\""', '"a: \'it\'\'s\'"', '"a: b: c"', '"\\ta: 1"', '"a: 1\\na: 2"', '"# c\\na: 1 # d"', '"null"', '"<<: {a: 1}\\nb: 2"', '"a: !!str 1"', '"? a\\n: b"', '"---\\na: 1\\n---\\nb: 2"', '"a: 1_000\\nb: 1e3\\nc: +1"', '"key: [a, b"', '"a: \\"\\""'];

// biome-ignore format: a table
const URLS = ['"http://example.com"', '"https://u:p@host.example:8443/a/b?x=1&y=2#frag"', '"mailto:a@b"', '"/rel/path?q"', '""', '"http://[::1]:80/"', '"http://a b"', '"://x"', '"http://host/%41%zz"', '"http://host/a%20b?c=%20#d%20e"', '"HTTP://Host"', '"host:80"', '"//host/p"', '"s3://bucket/key"', '"http://u@h"', '"a:b:c"', '"?q#f"'];
// biome-ignore format: a table
const URL_DICTS = ['(dict "scheme" "https" "host" "example.com")', '(dict "scheme" "http" "host" "h" "path" "/a b" "query" "q=1" "fragment" "f" "userinfo" "u:p")', '(urlParse "https://u:p@h/x?y#z")', '(dict "opaque" "o" "scheme" "s")', '(dict "host" "h" "path" "p")', '(dict "host" 1)'];

// biome-ignore format: a table
const LAYOUTS = ['"2006-01-02"', '"2006-01-02T15:04:05Z07:00"', '"Mon Jan _2 15:04:05 2006"', '"Monday, 02-Jan-06 15:04:05 MST"', '"3:04PM"', '"3:4:5 pm"', '"002 06 1 2"', '"15h04.000"', '".999999999"', '"-0700 -07:00 -07 Z0700"', '"January"', '"x"', '""', '"2006-01-02 15:04:05.000000"', '"02/01/06"', '"Jan 2, 2006 at 3:04pm (MST)"'];
// biome-ignore format: a table
const TIMES = ['(toDate "2006-01-02" "2024-02-29")', '(toDate "2006-01-02 15:04:05" "1999-12-31 23:59:59")', '(toDate "2006-01-02T15:04:05Z07:00" "2020-06-15T12:30:45.123456789+05:30")', '(toDate "x" "y")', '(mustToDate "2006" "1970")', '(toDate "Mon Jan _2 15:04:05 2006" "Tue Mar  5 01:02:03 2019")'];

// biome-ignore format: a table
const STRINGS = [
  '"foo"', '""', '"Hello, World"', '"fooBar_baz-qux"', '"héllo wörld"', '"世界 😀"', '"a\\tb\\nc"', '"\\xff\\xfea"', '`raw "text" \\n`', '"a,b,,c"', '"  pad  "', '"HTTPServer2Go"',
  '"the quick brown fox jumps over the lazy dog"', '"<a href=\'x\'>&amp;</a>"', '"aaa"', '"ǆ ß İ ŉ"', '"a\\x00b"', '"x"', '"1.5"', '"$1 %d"', '"\\u2028\\u200b\\u0301"', '"line1\\r\\nline2\\n"', '"a"',
];
// biome-ignore format: a table
const REGEXES = [
  '`a+`', '`[a-z]+`', '`(\\w)(\\w)`', '`o`', '`^`', '`$`', '``', '`\\s*`', '`(?i)HELLO`', '`(?P<name>o+)(.)`', '`[`', '`(a`', '`a**`', '`\\pL+`', '`\\d`', '`(?m)^.`', '`.`', '`(?s).+`', '`x|y|`', '`a{2}`',
  '`a{1001}`', '`\\1`', '`(?<n>l)`', '`(?=a)`', '`[^\\x00-\\x7F]`', '`\\bf`', '`[[:upper:]]`', '`,`',
];

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: what a replacement in Go looks like
/** Constants, and the shortest expressions, of every sort. Each is an operand: it needs no parentheses around it. */
// biome-ignore format: a table
export const LITERAL_TEXTS: Readonly<Record<Sort, readonly string[]>> = {
  any: [...STRINGS.slice(0, 8), ...INTEGERS, ...FLOATS, 'true', 'false', 'nil', ...LISTS, ...DICTS],
  b32: ['"MZXW6==="', '"MZXW6YTBOI======"', '""', '"mzxw6"', '"MZXW6"', '"!!"', '"MZXW\\n6==="'],
  b64: ['"Zm9v"', '"aGVsbG8="', '""', '"Zg=="', '"Zg"', '"/+=="', '"_-=="', '"Zm9v\\nYmFy"', '"===="', '"Zm9vé"', '"Z"', '"Zh=="'],
  bool: ['true', 'false', '(eq 1 1)', '(not "x")'],
  constraint: ['"^1.2.0"', '">=1.0"', '"~1.2.3"', '"1.x"', '">1 <2"', '"1.2 - 1.4"', '"!=1.2.3"', '"=1.2.3 || 2"', '"*"', '"x"', '">=1.0-0"', '"^0.2"', '"~>1"', '"<1.2.3-beta"'],
  date: ['"2024-02-29"', '"2023-02-29"', '"1999-12-31 23:59:59"', '"12:30PM"', '"2020-06-15T12:30:45Z"', '"x"', '""'],
  dict: DICTS,
  duration: ['"90s"', '"1h30m"', '"-2h"', '"1.5h"', '"2400h"', '"10000h"', '"1ns"', '"5"', '"x"', '"1us2ms"', '"+1m"', '"0"', '""'],
  f64: FLOATS,
  format: ['"%v"'],
  hex: ['"666f6f"', '"FF00"', '""', '"6"', '"zz"', '"6 "', '"0x41"', '"c3a9"', '"6z"'],
  i64: ['(int64 7)', '(add 1 2)', '(int64 "42")', '(mul 3 -4)', '(add1 9223372036854775807)', '(int64 0)'],
  int: [...INTEGERS, ...INTEGERS, ...INTEGERS, ...LARGE],
  ints: ['(until 3)', '(untilStep 5 0 -2)', '(until 0)', '(untilStep 0 10 3)'],
  json: JSONS,
  key: KEYS,
  kind: ['"string"', '"int"', '"slice"', '"map"', '"invalid"', '"float64"', '"bool"', '"struct"', '"int64"', '"ptr"'],
  layout: LAYOUTS,
  list: LISTS,
  lists: ['(chunk 2 (list 1 2 3))', '(list (list 1 2) (list 3 4))', '(chunk 1 (list))'],
  num: [...INTEGERS, ...FLOATS, ...NUMERIC_TEXTS, ...LARGE, 'true', 'false', 'nil'],
  parts: ['(split "," "x,y,z")', '(splitn "-" 2 "a-b-c")', '(split "" "aé")'],
  path: ['"/a/b/c.tar.gz"', '"a/../b"', '""', '"/"', '"."', '"../x/./y//z"', '"/a/"', '"dir/.hidden"', '"a\\\\b.c"', '"é/世.x"', '"//a"', '"a/b/../../.."'],
  plain: ['"foo"', '"hello world"', '"x"'],
  regex: REGEXES,
  replacement: ['"x"', '"$1"', '"${1}x"', '"$1x"', '"$name"', '"$$"', '"${2}-${1}"', '""', '"$"', '"${name}!"', '"$0$0"', '"${x"', '"\\\\1"'],
  size: ['0', '1', '2', '3', '4', '5', '8', '12', '20', '-1', '-3', "'\\a'"],
  str: STRINGS,
  strs: ['(splitList "," "a,b,c")', '(splitList "" "aé")', '(toStrings (list 1 "b" nil))', '(sortAlpha (list "b" "a"))', '(regexFindAll "[a-z]" "x1y2" -1)', '(splitList "," "")'],
  time: TIMES,
  type: ['"string"', '"int"', '"[]interface {}"', '"map[string]interface {}"', '"float64"', '"<nil>"', '"time.Time"', '"[]string"', '"int64"', '"*semver.Version"', '"semver.Version"'],
  url: URLS,
  urlparts: URL_DICTS,
  version: ['"1.2.3"', '"v1.2"', '"2.0.0-beta.1+build.5"', '"1"', '"x"', '""', '"1.2.3-"', '"01.2.3"', '"1.2.3.4"', '"1.2.3-alpha"', '"0.0.0"', '"18446744073709551616.0.0"'],
  when: [...TIMES, '0', '1700000000', '-1', '(int64 1234567890)', '86399'],
  yaml: YAMLS,
  zone: ['"UTC"', '"Europe/Berlin"', '"America/New_York"', '"Asia/Kolkata"', '"Local"', '""', '"Nowhere/Land"', '"Australia/Lord_Howe"'],
};

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above
const fromTable = (sort: Sort) => fc.constantFrom(...LITERAL_TEXTS[sort]);

/** What JSON escapes, Go does too, and in the same way. */
const ANY_TEXT = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => JSON.stringify(text));

const ANY_INTEGER = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
const SMALL_INTEGER = fc.integer({ min: -1000, max: 1000 }).map(String);
const ANY_FLOAT = fc.double({ noNaN: true, noDefaultInfinity: true }).map(String);
const PLAIN_FLOAT = fc.tuple(SMALL_INTEGER, fc.nat(9999)).map(([whole, fraction]) => `${whole}.${fraction}`);

const withSoup = (sort: SoupSort) => fc.oneof({ weight: 3, arbitrary: fromTable(sort) }, soup(sort));

export const LITERALS: Readonly<Record<Sort, fc.Arbitrary<string>>> = {
  ...eachSort(fromTable),
  any: fc.oneof({ weight: 6, arbitrary: fromTable('any') }, INTERPRETED, RAW, ANY_TEXT, PLAIN_FLOAT),
  b32: fc.oneof(fromTable('b32'), BASE32_TEXT),
  b64: fc.oneof(fromTable('b64'), BASE64_TEXT),
  constraint: fc.oneof({ weight: 3, arbitrary: CONSTRAINT_TEXT }, withSoup('constraint')),
  date: withSoup('date'),
  duration: withSoup('duration'),
  f64: fc.oneof({ weight: 2, arbitrary: fromTable('f64') }, ANY_FLOAT, PLAIN_FLOAT),
  int: fc.oneof({ weight: 4, arbitrary: fromTable('int') }, SMALL_INTEGER, ANY_INTEGER),
  json: withSoup('json'),
  layout: withSoup('layout'),
  num: fc.oneof(
    { weight: 4, arbitrary: fromTable('num') },
    soup('num'),
    SMALL_INTEGER,
    ANY_INTEGER,
    ANY_FLOAT,
    PLAIN_FLOAT,
  ),
  path: withSoup('path'),
  regex: fc.oneof({ weight: 3, arbitrary: REGEX }, withSoup('regex')),
  replacement: withSoup('replacement'),
  str: fc.oneof({ weight: 5, arbitrary: INTERPRETED }, { weight: 2, arbitrary: fromTable('str') }, RAW, ANY_TEXT),
  time: fc.oneof(
    { weight: 3, arbitrary: fromTable('time') },
    LAYOUT_AND_DATE.map((pair) => `(toDate ${pair})`),
  ),
  url: withSoup('url'),
  version: fc.oneof({ weight: 3, arbitrary: VERSION_TEXT }, withSoup('version')),
  when: fc.oneof(
    { weight: 3, arbitrary: fromTable('when') },
    LAYOUT_AND_DATE.map((pair) => `(toDate ${pair})`),
  ),
  yaml: fc.oneof(
    fromTable('yaml'),
    YAML_TEXT.map((text) => JSON.stringify(text)),
  ),
};

function eachSort<T>(make: (sort: Sort) => T): Record<Sort, T> {
  return Object.fromEntries(SORTS.map((sort) => [sort, make(sort)])) as Record<Sort, T>;
}
