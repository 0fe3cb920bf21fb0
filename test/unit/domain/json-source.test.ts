import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type JsonNode, readJson, sourceOf } from '../../../src/domain/json-source.ts';

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function everyNode(node: JsonNode): readonly JsonNode[] {
  if (node.kind === 'object') return [node, ...node.members.flatMap(([, member]) => everyNode(member))];
  if (node.kind === 'array') return [node, ...node.items.flatMap(everyNode)];
  return [node];
}

/** What a node stands for, by way of its source: what `JSON.parse` would have made of it. */
function meaningOf(node: JsonNode, source: string): unknown {
  switch (node.kind) {
    case 'object':
      return Object.fromEntries(node.members.map(([key, member]) => [key, meaningOf(member, source)]));
    case 'array':
      return node.items.map((item) => meaningOf(item, source));
    case 'string':
      return node.text;
    default:
      return JSON.parse(sourceOf(node, source));
  }
}

/** A JSON text with white space, escapes and number forms that JSON.stringify never makes. */
const spacedJson = fc
  .tuple(fc.json({ maxDepth: 4 }), fc.constantFrom('', ' ', '\t', '\n', '\r\n', ' \n\t '))
  .map(([text, space]) => text.replace(/(?<=[[{,:])(?=[^"]*(?:"[^"\\]*"[^"]*)*$)/g, space));

/** A JSON text with one character taken out, put in or exchanged. */
const mutatedJson = fc
  .tuple(
    fc.json({ maxDepth: 3 }),
    fc.nat(),
    fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', '0', '-', '.', 'e', 'u', ' ', '\u0000', '\ufeff', ''),
    fc.nat({ max: 1 }),
  )
  .map(([text, where, piece, cut]) => {
    const at = where % (text.length + 1);
    return `${text.slice(0, at)}${piece}${text.slice(at + cut)}`;
  });

describe('readJson', () => {
  test.each([
    ['arbitrary JSON', fc.json()],
    ['JSON with odd white space', spacedJson],
    ['JSON with one mutation', mutatedJson],
    ['any text', fc.string({ unit: 'binary' })],
  ])('agrees with JSON.parse on %s', (_, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        const expected = parsed(text);
        const node = readJson(text);
        expect(node !== undefined).toBe(expected !== undefined);
        if (node !== undefined) expect(meaningOf(node, text)).toEqual(expected?.value);
      }),
      { numRuns: 400 },
    );
  });

  test('the span of every value reads as the same value again', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        const root = readJson(text);
        for (const node of root === undefined ? [] : everyNode(root)) {
          const span = sourceOf(node, text);
          expect(parsed(span)).toEqual({ value: meaningOf(node, text) });
          expect(span).toBe(span.trim());
        }
      }),
    );
  });

  test.each([
    ['a leading zero', '01'],
    ['a lone minus', '-'],
    ['a point without digits', '1.'],
    ['a plus sign', '+1'],
    ['a trailing comma', '[1,]'],
    ['a comma first', '[,1]'],
    ['a missing colon', '{"a" 1}'],
    ['a key that is no string', '{1:2}'],
    ['single quotes', "{'a':1}"],
    ['a comment', '{"a":1}//'],
    ['two documents', '{} {}'],
    ['a raw line break inside a string', '"a\nb"'],
    ['an unknown escape', '"\\x"'],
    ['a string without an end', '"abc'],
    ['a string that ends in a backslash', '"abc\\'],
    ['a byte order mark', '\ufeff{}'],
    ['NaN', 'NaN'],
    ['a word with a tail', 'trueish'],
    ['a no-break space', '\u00a0{}'],
    ['nothing', ''],
    ['white space only', ' \n'],
  ])('refuses %s', (_, text) => {
    expect(readJson(text)).toBeUndefined();
  });

  test('both members of a doubled key are there, in order', () => {
    expect(readJson('{"a":1,"a":2}')).toMatchObject({
      members: [
        ['a', { start: 5 }],
        ['a', { start: 11 }],
      ],
    });
  });

  test('keys that mean something to JavaScript are keys like any other', () => {
    const source = '{"__proto__":{"x":1},"constructor":2,"toString":3}';
    expect(readJson(source)).toMatchObject({
      members: [
        ['__proto__', {}],
        ['constructor', {}],
        ['toString', {}],
      ],
    });
  });

  test('a string of a mebibyte is read', () => {
    const text = 'x\u00e9\\"'.repeat(200_000);
    expect(readJson(JSON.stringify({ text }))).toMatchObject({ members: [['text', { text }]] });
  });

  test('nesting is read to a depth and refused beyond it, without running out of stack', () => {
    expect(readJson('['.repeat(500) + ']'.repeat(500))).toBeDefined();
    expect(readJson('['.repeat(100_000) + ']'.repeat(100_000))).toBeUndefined();
    expect(readJson('{"a":'.repeat(100_000))).toBeUndefined();
  });
});
