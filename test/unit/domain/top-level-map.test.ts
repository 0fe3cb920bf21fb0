import { describe, expect, test } from 'vitest';
import { topLevelMap } from '../../../src/domain/top-level-map.ts';

describe('the top-level map', () => {
  test.each<[string, string, Record<string, string>]>([
    ['strings are unquoted', '{"a":"x\\ty"}', { a: 'x\ty' }],
    [
      'numbers stay as they stand',
      '{"a":1.0,"b":1e3,"c":12345678901234567890}',
      { a: '1.0', b: '1e3', c: '12345678901234567890' },
    ],
    ['truth values are words', '{"a":true,"b":false}', { a: 'true', b: 'false' }],
    ['null is empty', '{"a":null}', { a: '' }],
    ['objects and arrays are their source', '{"a": {"b": 1 }, "c":[1, 2]}', { a: '{"b": 1 }', c: '[1, 2]' }],
    ['the last of two equal keys counts, as in Go', '{"a":1,"a":2}', { a: '2' }],
    ['an empty object is an empty map', '{}', {}],
    ['null is an empty map', ' null ', {}],
  ])('%s', (_, source, entries) => {
    const result = topLevelMap(source);
    expect(result.kind === 'map' && Object.fromEntries(result.entries)).toEqual(entries);
  });

  test.each([
    ['an array', '[1]'],
    ['a string', '"a"'],
    ['a number', '1'],
    ['no JSON', 'user=admin'],
    ['nothing', ''],
  ])('%s is no object', (_, source) => {
    expect(topLevelMap(source)).toEqual({ kind: 'notObject' });
  });
});
