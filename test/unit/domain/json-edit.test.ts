import { describe, expect, test } from 'vitest';
import { draftOf, PathBlocked, removeScalar, writeAt } from '../../../src/domain/json-edit.ts';
import { encodeJson, isJsonObject, type JsonObject, parseJson } from '../../../src/ports/secret-json.ts';

function object(text: string): JsonObject {
  const json = parseJson(text);
  if (isJsonObject(json)) return json;
  throw new Error('the test has no JSON object');
}

function written(before: string, steps: readonly (string | number)[], value = 'x'): string {
  const draft = draftOf(object(before));
  try {
    writeAt(draft, steps, () => value);
  } catch (error) {
    if (error instanceof PathBlocked) return `no ${error.expected} after ${error.steps}`;
    throw error;
  }
  return encodeJson(draft);
}

describe('writing at a path', () => {
  test.each(
    Object.entries<readonly [before: string, steps: readonly (string | number)[], after: string]>({
      'makes the maps on the way': ['{}', ['a', 'b'], '{"a":{"b":"x"}}'],
      'makes the lists on the way': ['{}', ['a', 0, 'b'], '{"a":[{"b":"x"}]}'],
      'fills a list with nulls up to the index': ['{}', ['a', 2], '{"a":[null,null,"x"]}'],
      'lengthens a list': ['{"a":[1]}', ['a', 2], '{"a":[1,null,"x"]}'],
      'makes a map in place of a null': ['{"a":[null,null]}', ['a', 1, 'b'], '{"a":[null,{"b":"x"}]}'],
      'replaces an item': ['{"a":[1,2]}', ['a', 0], '{"a":["x",2]}'],
      'leaves what is beside it': ['{"a":{"b":1,"c":2},"d":3}', ['a', 'b'], '{"a":{"b":"x","c":2},"d":3}'],
      'replaces a map at the end': ['{"a":{"b":1}}', ['a'], '{"a":"x"}'],
      'goes into no text': ['{"a":"t"}', ['a', 'b'], 'no map after 1'],
      'goes into no number': ['{"a":{"b":1}}', ['a', 'b', 'c'], 'no map after 2'],
      'takes no list for a map': ['{"a":[]}', ['a', 'b'], 'no map after 1'],
      'takes no map for a list': ['{"a":{}}', ['a', 0], 'no list after 1'],
      'takes a number as the name of a field where it is one': ['{"a":{}}', ['a', '0'], '{"a":{"0":"x"}}'],
      'makes a field of the name that prototypes have': [
        '{}',
        ['__proto__', 'polluted'],
        '{"__proto__":{"polluted":"x"}}',
      ],
      'makes a field constructor': [
        '{}',
        ['constructor', 'prototype', 'polluted'],
        '{"constructor":{"prototype":{"polluted":"x"}}}',
      ],
    }),
  )('%s', (_sentence, [before, steps, after]) => {
    expect(written(before, steps)).toBe(after);
    expect('polluted' in {}).toBe(false);
  });

  test('leaves alone what the draft was made of', () => {
    const source = object('{"a":{"b":[1]}}');
    const draft = draftOf(source);
    writeAt(draft, ['a', 'b', 0], () => 'x');
    expect(encodeJson(source)).toBe('{"a":{"b":[1]}}');
  });
});

describe('removing a field', () => {
  test.each(
    Object.entries<readonly [path: readonly string[], after: string]>({
      'that is a text': [['a', 'text'], '{"a":{"map":{"x":1},"list":[1]},"b":null}'],
      'that is null': [['b'], '{"a":{"text":"t","map":{"x":1},"list":[1]}}'],
      'in a map in a map': [['a', 'map', 'x'], '{"a":{"text":"t","map":{},"list":[1]},"b":null}'],
      'that is a map is not done': [['a', 'map'], '{"a":{"text":"t","map":{"x":1},"list":[1]},"b":null}'],
      'that is a list is not done': [['a', 'list'], '{"a":{"text":"t","map":{"x":1},"list":[1]},"b":null}'],
      'that is not there changes nothing': [['c', 'd'], '{"a":{"text":"t","map":{"x":1},"list":[1]},"b":null}'],
      'in what is no map changes nothing': [['a', 'text', 'x'], '{"a":{"text":"t","map":{"x":1},"list":[1]},"b":null}'],
    }),
  )('%s', (_sentence, [path, after]) => {
    const draft = draftOf(object('{"a":{"text":"t","map":{"x":1},"list":[1]},"b":null}'));
    removeScalar(draft, path);
    expect(encodeJson(draft)).toBe(after);
  });
});
