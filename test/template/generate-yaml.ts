/** YAML texts: maps and lists in block and flow style, scalars of every style and type, comments, anchors. */

import fc from 'fast-check';

/** Lines of a value: the first stands behind its key or dash, the others are indented under it. */
interface Written {
  readonly head: string;
  readonly lines: readonly string[];
}

// biome-ignore format: a table
const PLAIN = [
  '1', '-2', '+3', '2.5', '-.5', '1e3', '1.5E-3', '0x1F', '0o17', '0123', '089', '0b101', '1_000', '.inf', '-.INF', '.NaN', '12345678901234567890', 'true', 'True', 'yes', 'No',
  'on', 'OFF', 'y', 'N', 'null', '~', '', 'a', 'plain text', 'a-b', 'a:b', 'x#y', 'http://h:80/p?q=1', '-x', '2024-01-02', '2001-12-14t21:59:43.10-05:00', '12:30', '190:20:30', '1.2.3', 'é 世界',
  '1e', '0x', '_1', '=', '.', '--', 'a "b" c', "it's", 'a, b', '1,000', '00', '-0', '0.0', '1e400', '1.0', '100000', '123456.789', 'NULL', 'nULL', 'tRUE',
];

// biome-ignore format: a table
const QUOTED = [
  '""', '"a"', "''", "'it''s'", '"1"', "'true'", '"\\n\\t\\""', '"\\u00e9\\x41\\U0001F600"', '"a # b"', "'a: b'", '"\\e\\0\\_\\N"', '"  pad  "', "' x '", '"a\\\\b"', '"{}"', "'[x]'",
];

const TAGGED = [
  '!!str 1',
  '!!int "3"',
  '!!float 1',
  '!!bool "true"',
  '!!null ""',
  '!!binary aGVsbG8=',
  '!!str',
  '!!str true',
  '!local x',
];
const FLOW = [
  '[]',
  '{}',
  '[1, two, "3"]',
  '{a: 1, b: x}',
  '[[1], {a: b}]',
  '{a: {b: [c]}}',
  '[a, b, ]',
  '{ "q": 1 , r: }',
  '[a: 1]',
  '{x}',
];

const line = (head: string): Written => ({ head, lines: [] });

const SCALAR = fc
  .oneof(
    { weight: 6, arbitrary: fc.constantFrom(...PLAIN) },
    { weight: 3, arbitrary: fc.constantFrom(...QUOTED) },
    { weight: 1, arbitrary: fc.constantFrom(...TAGGED) },
    { weight: 2, arbitrary: fc.constantFrom(...FLOW) },
  )
  .map(line);

/** Many lines: literal and folded, with all that says what becomes of the last line breaks. */
const TEXT_LINE = fc.constantFrom('one', 'two words', '', '  deeper', '# no comment', 'a: b', '- c', 'é', 'tab\there');
const BLOCK_TEXT = fc
  .tuple(fc.constantFrom('|', '>', '|-', '>-', '|+', '>+'), fc.array(TEXT_LINE, { minLength: 1, maxLength: 4 }))
  .map(([head, lines]): Written => ({ head, lines: ['first', ...lines] }));

const KEY = fc.constantFrom(
  'a',
  'b',
  'c',
  'key',
  'A b',
  '"q"',
  "'s'",
  'é',
  '1',
  '1.5',
  'true',
  'yes',
  'a-b',
  'x.y',
  '0x10',
  '2024-01-02',
  'a/b',
);

function value(depth: number): fc.Arbitrary<Written> {
  if (depth === 0) return fc.oneof({ weight: 6, arbitrary: SCALAR }, BLOCK_TEXT);
  return fc.oneof(
    { weight: 5, arbitrary: SCALAR },
    { weight: 1, arbitrary: BLOCK_TEXT },
    map(depth - 1),
    list(depth - 1),
  );
}

function map(depth: number): fc.Arbitrary<Written> {
  const entry = fc.record({
    before: fc.constantFrom([], [], [], ['# comment'], ['']),
    key: KEY,
    anchor: fc.constantFrom('', '', '', ' &x'),
    written: value(depth),
  });
  return fc.uniqueArray(entry, { minLength: 1, maxLength: 3, selector: ({ key }) => key }).map((entries) => {
    const lines = entries.flatMap(({ before, key, anchor, written }) => [
      ...before,
      ...under(`${key}:${anchor}`, written),
    ]);
    return { head: '', lines };
  });
}

function list(depth: number): fc.Arbitrary<Written> {
  return fc
    .array(value(depth), { minLength: 1, maxLength: 3 })
    .map((items) => ({ head: '', lines: items.flatMap((item) => under('-', item)) }));
}

function under(start: string, { head, lines }: Written): string[] {
  return [`${start}${head === '' ? '' : ` ${head}`}`, ...lines.map((text) => (text === '' ? '' : `  ${text}`))];
}

/** Most are maps, as `fromYaml` wants; with and without a line break at the end. */
export const YAML_TEXT: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof({ weight: 9, arbitrary: map(2) }, list(1), SCALAR),
    fc.constantFrom('', '---\n', '# top\n', '\n'),
    fc.constantFrom('', '\n', '\n', '\n\n', '\n...\n', '\n---\nb: 2\n'),
  )
  .map(([{ head, lines }, before, after]) => before + [...(head === '' ? [] : [head]), ...lines].join('\n') + after);
