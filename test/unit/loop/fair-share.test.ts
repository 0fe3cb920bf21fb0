import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fairShares } from '../../../src/loop/fair-share.ts';

function shares(held: Readonly<Record<string, number>>, shards: number): Readonly<Record<string, number>> {
  return Object.fromEntries(fairShares(new Map(Object.entries(held)), shards));
}

describe('fair shares', () => {
  test.each<[string, Readonly<Record<string, number>>, number, Readonly<Record<string, number>>]>([
    ['one has everything', { a: 0 }, 3, { a: 3 }],
    ['what can be divided is divided', { a: 4, b: 0 }, 4, { a: 2, b: 2 }],
    ['who has more keeps what cannot be divided', { a: 1, b: 2 }, 3, { a: 1, b: 2 }],
    ['of equals the first by name has it', { b: 1, a: 1 }, 3, { a: 2, b: 1 }],
    ['a newcomer gets the small share', { a: 2, b: 2, c: 0 }, 4, { a: 2, b: 1, c: 1 }],
    ['there may be too few for all', { a: 1, b: 1, c: 0 }, 2, { a: 1, b: 1, c: 0 }],
  ])('%s', (_, held, shards, expected) => {
    expect(shares(held, shards)).toEqual(expected);
  });

  const counts = fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 8 });
  const mapOf = (each: readonly number[]) => new Map(each.map((count, at) => [`member-${at}`, count]));

  test('add up, and differ by one at most', () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 60 }), (held, shards) => {
        const given = [...fairShares(mapOf(held), shards).values()];
        expect(given.reduce((sum, each) => sum + each, 0)).toBe(shards);
        expect(Math.max(...given) - Math.min(...given)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('leave alone what is fair', () => {
    fc.assert(
      fc.property(counts, (held) => {
        const shards = Math.max(
          1,
          held.reduce((sum, each) => sum + each, 0),
        );
        const fair = fairShares(mapOf(held), shards);
        expect(fairShares(fair, shards)).toEqual(fair);
      }),
    );
  });
});
