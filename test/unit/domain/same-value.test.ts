import { describe, expect, test } from 'vitest';
import { sameValue } from '../../../src/domain/same-value.ts';

const same: Readonly<Record<string, readonly [unknown, unknown]>> = {
  'members in another order': [
    { a: 1, b: { c: [1, 2] } },
    { b: { c: [1, 2] }, a: 1 },
  ],
  'a member that is undefined and none': [{ a: 1, b: undefined }, { a: 1 }],
  'null and null': [{ a: null }, { a: null }],
};
const different: Readonly<Record<string, readonly [unknown, unknown]>> = {
  'items in another order': [
    [1, 2],
    [2, 1],
  ],
  'one member more': [{ a: 1 }, { a: 1, b: 2 }],
  'one member less': [{ a: 1, b: 2 }, { a: 1 }],
  'one item more': [[1], [1, 2]],
  'null and none': [{ a: null }, {}],
  'a number and its text': [{ a: 1 }, { a: '1' }],
  'a list and an object with its members': [[1], { 0: 1 }],
  'what every object inherits and none': [{ constructor: 'x' }, {}],
};

describe('sameValue', () => {
  test.each(Object.entries(same))('is true of %s', (_sentence, [a, b]) => {
    expect([sameValue(a, b), sameValue(b, a)]).toEqual([true, true]);
  });

  test.each(Object.entries(different))('is false of %s', (_sentence, [a, b]) => {
    expect([sameValue(a, b), sameValue(b, a)]).toEqual([false, false]);
  });
});
