import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Due, DueHeap } from '../../../src/rotation/due-heap.ts';

function due(dueAtMs: number): Due {
  return { dueAtMs, heapAt: -1 };
}

/** Takes everything out, first things first. */
function drain(heap: DueHeap<Due>): readonly number[] {
  const times: number[] = [];
  for (let first = heap.first; first !== undefined; first = heap.first) {
    times.push(first.dueAtMs);
    heap.remove(first);
  }
  return times;
}

describe('a heap of things that are due', () => {
  const step = fc.record({
    at: fc.nat(19),
    does: fc.constantFrom('put', 'put', 'remove'),
    dueAtMs: fc.integer({ min: 0, max: 30 }),
  });

  test('gives what was put in and not taken out, in order, whatever was moved on the way', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const heap = new DueHeap<Due>();
        const items = Array.from({ length: 20 }, () => due(0));
        const inside = new Set<Due>();
        for (const { at, does, dueAtMs } of steps) {
          const item = items[at] ?? due(0);
          if (does === 'put') {
            item.dueAtMs = dueAtMs;
            heap.put(item);
            inside.add(item);
          } else {
            heap.remove(item);
            inside.delete(item);
          }
          const earliest = Math.min(...[...inside].map((each) => each.dueAtMs));
          expect(heap.first?.dueAtMs ?? Number.POSITIVE_INFINITY).toBe(earliest);
          expect(items.filter(({ heapAt }) => heapAt !== -1)).toEqual(items.filter((each) => inside.has(each)));
        }
        const times = [...inside].map(({ dueAtMs }) => dueAtMs).toSorted((a, b) => a - b);
        expect(drain(heap)).toEqual(times);
      }),
    );
  });

  test('has nothing against taking out what is not in', () => {
    const heap = new DueHeap<Due>();
    const item = due(1);
    heap.remove(item);
    heap.put(item);
    heap.remove(item);
    heap.remove(item);
    expect(heap.first).toBeUndefined();
  });
});
