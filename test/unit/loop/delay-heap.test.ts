import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DelayHeap } from '../../../src/loop/delay-heap.ts';

test('an empty heap has nothing', () => {
  const heap = new DelayHeap();
  expect(heap.firstAtMs).toBeUndefined();
  expect(heap.pop()).toBeUndefined();
  expect(heap.size).toBe(0);
});

test('equal times leave in the order they came', () => {
  const heap = new DelayHeap();
  for (const key of ['a', 'b', 'c', 'd', 'e']) heap.push(key, 7);
  expect(Array.from({ length: 5 }, () => heap.pop()?.key)).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('pushes and pops in any order give what a sorted list gives', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat({ max: 20 })), { maxLength: 200 }), (steps) => {
      const heap = new DelayHeap();
      const sorted: { key: string; atMs: number }[] = [];
      for (const [at, atMs] of steps.entries()) {
        if (atMs === null) {
          expect(heap.pop()).toEqual(sorted.length === 0 ? undefined : expect.objectContaining(sorted.shift() ?? {}));
        } else {
          heap.push(`key-${at}`, atMs);
          sorted.push({ key: `key-${at}`, atMs });
          sorted.sort((a, b) => a.atMs - b.atMs);
        }
        expect(heap.size).toBe(sorted.length);
        expect(heap.firstAtMs).toBe(sorted[0]?.atMs);
      }
    }),
  );
});
