import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { propertyText } from '../../../src/domain/property-path.ts';
import { Effort } from '../../../src/gjson/gjson.ts';

function found(source: string, path: string): string | undefined {
  const result = propertyText(Buffer.from(source), path, new Effort());
  return result.kind === 'found' ? Buffer.from(result.text).toString('utf8') : undefined;
}

function kindOf(source: string, path: string): string {
  return propertyText(Buffer.from(source), path, new Effort()).kind;
}

describe('the text of a property', () => {
  test.each<[string, string, string, string]>([
    ['a string comes unescaped', '{"a":"x\\n\\u00e9\\"y"}', 'a', 'x\n\u00e9"y'],
    ['an empty string is there', '{"a":""}', 'a', ''],
    ['true is true', '{"a":true}', 'a', 'true'],
    ['false is false', '{"a":false}', 'a', 'false'],
    ['null is there and empty', '{"a":null}', 'a', ''],
    ['a small integer is verbatim', '{"a":42}', 'a', '42'],
    ['a negative integer is verbatim', '{"a":-7}', 'a', '-7'],
    ['a big integer keeps every digit', '{"a":123456789012345678901234567890}', 'a', '123456789012345678901234567890'],
    ['1.0 is 1', '{"a":1.0}', 'a', '1'],
    ['1.50 is 1.5', '{"a":1.50}', 'a', '1.5'],
    ['1e3 is 1000', '{"a":1e3}', 'a', '1000'],
    ['1E+2 is 100', '{"a":1E+2}', 'a', '100'],
    ['0.1 stays 0.1', '{"a":0.1}', 'a', '0.1'],
    ['-0.5 keeps its sign', '{"a":-0.5}', 'a', '-0.5'],
    ['a small number is a plain decimal', '{"a":1.25e-7}', 'a', '0.000000125'],
    ['a very small number is a plain decimal', '{"a":1e-150}', 'a', `0.${'0'.repeat(149)}1`],
    ['a large number is a plain decimal', '{"a":1.5e21}', 'a', '1500000000000000000000'],
    ['a very large number is a plain decimal', '{"a":1e300}', 'a', `1${'0'.repeat(300)}`],
    ['a number beyond all numbers stays as it stands', '{"a":1.5e999}', 'a', '1.5e999'],
    ['an object is its source, white space included', '{"a": { "b" : 1.0 } }', 'a', '{ "b" : 1.0 }'],
    ['an array is its source', '{"a":[1, 2.0,"x"]}', 'a', '[1, 2.0,"x"]'],
    ['a path goes down', '{"a":{"b":{"c":"deep"}}}', 'a.b.c', 'deep'],
    ['an index goes into an array', '{"a":[{"b":"zero"},{"b":"one"}]}', 'a.1.b', 'one'],
    ['an index works on an array at the root', '["zero","one"]', '1', 'one'],
    ['a number is a key of an object', '{"a":{"1":"x"}}', 'a.1', 'x'],
    ['a literal dotted key wins over nesting', '{"a":{"b":"nested"},"a.b":"literal"}', 'a.b', 'literal'],
    ['a literal dotted key wins wherever it stands', '{"a.b":"literal","a":{"b":"nested"}}', 'a.b', 'literal'],
    ['an escaped dot is a part of the key', '{"a":{"b.c":"x"}}', 'a.b\\.c', 'x'],
    ['an escaped backslash is a part of the key', '{"a":{"b\\\\c":"x"}}', 'a.b\\\\c', 'x'],
    ['an escaped star is a part of the key', '{"a":{"b*":"x"}}', 'a.b\\*', 'x'],
    ['a key with special characters is found when they are escaped', '{"a*|#b":"x"}', 'a\\*\\|#b', 'x'],
    ['a key that begins with an at sign is found below', '{"a":{"@type":"x"}}', 'a.@type', 'x'],
    ['an escaped dot before an at sign is no modifier', '{"a":{"b.@this":"x"}}', 'a.b\\.@this', 'x'],
    ['the first of two equal keys counts, as in gjson', '{"a":1,"a":2}', 'a', '1'],
    ['a key with a space', '{"a b":{"c d":"x"}}', 'a b.c d', 'x'],
    ['a key that JavaScript knows', '{"__proto__":{"x":"y"}}', '__proto__.x', 'y'],
  ])('%s', (_, source, path, text) => {
    expect(found(source, path)).toBe(text);
  });

  test('every number is a plain decimal that means the same number', () => {
    fc.assert(
      fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (number) => {
        const text = found(`[${number}]`, '0') ?? '';
        expect(text).toMatch(/^-?\d+(\.\d+)?$/);
        expect(Number(text)).toBe(JSON.parse(String(number)));
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['a name that is not there', '{"a":1}', 'b'],
    ['a name in a text', '{"a":"text"}', 'a.length'],
    ['an index past the end', '{"a":[1]}', 'a.1'],
    ['an index past all numbers', '{"a":[1]}', 'a.99999999999999999999'],
    ['a negative index', '{"a":[1]}', 'a.-1'],
    ['a property of JavaScript objects', '{"a":{}}', 'a.toString'],
    ['a property of JavaScript arrays', '{"a":[1]}', 'a.length'],
    ['any property of a scalar root', '"text"', 'a'],
    ['a step through null', '{"a":null}', 'a.b'],
  ])('%s is missing', (_, source, path) => {
    expect(kindOf(source, path)).toBe('missing');
  });

  test.each([
    ['a plain text', 'not json'],
    ['half a document', '{"a":'],
    ['nothing', ''],
  ])('%s is not JSON', (_, source) => {
    expect(kindOf(source, 'a')).toBe('notJson');
  });

  test('a path of JSON lines that finds nothing does not say that they are not JSON', () => {
    expect(kindOf('{"a":1}\n{"a":2}', '..#(a==3)')).toBe('missing');
  });

  test('a string that is not JSON further on is not given up to there', () => {
    expect(kindOf('{"a":"begins\\qends"}', 'a')).toBe('notJson');
    expect(kindOf('{"a.b":"begins\\qends"}', 'a.b')).toBe('notJson');
  });
});

describe('the language of paths', () => {
  test.each<[string, string, string, string]>([
    ['a wildcard', '{"user_name":"x"}', 'user*', 'x'],
    ['a single wildcard', '{"key1":"x"}', 'key?', 'x'],
    ['what each element has', '{"a":[{"b":1},{"b":2}]}', 'a.#.b', '[1,2]'],
    ['a query', '{"a":[{"b":"x","c":1},{"b":"y","c":2}]}', 'a.#(b=="y").c', '2'],
    ['a query for all', '{"a":[{"b":"x","c":1},{"b":"x","c":2}]}', 'a.#(b=="x")#.c', '[1,2]'],
    ['a pipe', '{"a":[{"b":1},{"b":2}]}', 'a.#.b|0', '1'],
    ['a modifier at the front', '{"a":1}', '@keys', '["a"]'],
    ['a modifier below', '{"a":{"b":1}}', 'a.@values', '[1]'],
    ['a modifier with an argument', '{"a":[1,[2,[3]]]}', 'a.@flatten:{"deep":true}', '[1,2,3]'],
    ['JSON that is a string inside', '{"a":"{\\"b\\":1}"}', 'a.@fromstr.b', '1'],
    ['a multipath of an object', '{"a":1,"b":{"c":2}}', '{a,"x":b}', '{"a":1,"x":{"c":2}}'],
    ['a multipath of an array', '{"a":1,"b":2}', '[b,a]', '[2,1]'],
    ['a literal', '{"a":1}', '{a,"type":!"db"}', '{"a":1,"type":"db"}'],
    ['a line', '{"a":1}\n{"a":2}', '..1.a', '2'],
    ['a member of what is not quite JSON', '{"a":1,"b":"line\nbreak",}', 'b', 'line\nbreak'],
  ])('has %s', (_, source, path, text) => {
    expect(found(source, path)).toBe(text);
  });

  test('bytes that are not UTF-8 pass as they are', () => {
    const source = Buffer.from('7b2261223a22ff80fe227d', 'hex');
    const result = propertyText(source, 'a', new Effort());
    expect(result).toEqual({ kind: 'found', text: Buffer.from('ff80fe', 'hex') });
  });

  test('names that are escaped and joined are found again', () => {
    const name = fc.string({
      unit: fc.constantFrom('a', '.', '\\', '*', '0', ' ', '|', '#', '@', '{', 'é'),
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), (names) => {
        const source = names.reduceRight<unknown>((inner, one) => ({ [one]: inner }), 'x');
        const path = names.map((one) => one.replace(/[^a0é ]/g, '\\$&')).join('.');
        expect(found(JSON.stringify(source), path)).toBe('x');
      }),
    );
  });
});
