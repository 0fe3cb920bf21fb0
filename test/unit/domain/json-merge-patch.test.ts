import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leafPaths, mergePatch, patchedBy, withoutNulls } from '../../../src/domain/json-merge-patch.ts';
import { encodeJson, isJsonObject, type Json, type JsonObject, parseJson } from '../../../src/ports/secret-json.ts';

function object(text: string): JsonObject {
  const json = parseJson(text);
  if (isJsonObject(json)) return json;
  throw new Error('the test has no JSON object');
}

/** https://www.rfc-editor.org/rfc/rfc7386#section-2 */
function applied(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  const result = new Map(isJsonObject(target) ? target : []);
  for (const [name, member] of patch) {
    if (member === null) result.delete(name);
    else result.set(name, applied(result.get(name), member));
  }
  return result;
}

function sorted(json: Json): string {
  const sort = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(sort);
    if (!isJsonObject(value)) return value;
    return new Map([...value].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, sort(member)]));
  };
  return encodeJson(sort(json));
}

describe('the patch from one content to another', () => {
  test.each(
    Object.entries<readonly [existing: string, wanted: string, patch: string]>({
      'is empty where they are the same': ['{"a":{"b":[1,{"c":null}]}}', '{"a":{"b":[1,{"c":null}]}}', '{}'],
      'is empty where the order of members differs': ['{"a":1,"b":{"c":1,"d":2}}', '{"b":{"d":2,"c":1},"a":1}', '{}'],
      'has what is new': ['{}', '{"a":{"b":1}}', '{"a":{"b":1}}'],
      'has what differs, and no more': ['{"a":{"b":1,"c":2}}', '{"a":{"b":3,"c":2}}', '{"a":{"b":3}}'],
      'removes what is not wanted': ['{"a":1,"b":{"c":1}}', '{"b":{}}', '{"b":{"c":null},"a":null}'],
      'leaves alone what is null already': ['{"a":null}', '{}', '{}'],
      'replaces a list whole': ['{"a":[1,2]}', '{"a":[1,3]}', '{"a":[1,3]}'],
      'replaces a list that is shorter': ['{"a":[1,2]}', '{"a":[1]}', '{"a":[1]}'],
      'makes a map of a text': ['{"a":"t"}', '{"a":{"b":1}}', '{"a":{"b":1}}'],
      'makes a text of a map': ['{"a":{"b":1}}', '{"a":"t"}', '{"a":"t"}'],
      'makes an empty map': ['{}', '{"a":{}}', '{"a":{}}'],
      'takes a number for a number': ['{"a":"1"}', '{"a":1}', '{"a":1}'],
      'tells numbers apart that floats do not': [
        '{"a":9007199254740993}',
        '{"a":9007199254740992}',
        '{"a":9007199254740992}',
      ],
      'has a key that prototypes have': ['{}', '{"__proto__":{"a":1}}', '{"__proto__":{"a":1}}'],
      'removes a key that prototypes have': ['{"__proto__":1}', '{}', '{"__proto__":null}'],
    }),
  )('%s', (_sentence, [existing, wanted, patch]) => {
    expect(encodeJson(mergePatch(object(existing), object(wanted)))).toBe(patch);
  });

  test('makes the one of the other, whatever they are', () => {
    const content = fc.dictionary(fc.string({ maxLength: 2 }), fc.jsonValue({ maxDepth: 4 }), { maxKeys: 5 });
    fc.assert(
      fc.property(content, content, (a, b) => {
        const existing = withoutNulls(object(JSON.stringify(a)));
        const wanted = withoutNulls(object(JSON.stringify(b)));
        const patch = mergePatch(existing, wanted);
        expect(sorted(applied(existing, patch))).toBe(sorted(wanted));
        expect(sorted(patchedBy(existing, patch))).toBe(sorted(wanted));
        expect(mergePatch(wanted, wanted).size).toBe(0);
      }),
    );
  });
});

test('leaves are the fields that hold no fields', () => {
  const content = object('{"data":{"a":"1","b":"2"},"spec":{},"x":{"list":[{"y":1}],"deep":{"z":true}}}');
  expect(leafPaths(content)).toEqual([['data', 'a'], ['data', 'b'], ['spec'], ['x', 'list'], ['x', 'deep', 'z']]);
});

test('members that are null go, items stay', () => {
  const content = object('{"a":null,"b":{"c":null,"d":[null,{"e":null}]}}');
  expect(encodeJson(withoutNulls(content))).toBe('{"b":{"d":[null,{"e":null}]}}');
});
