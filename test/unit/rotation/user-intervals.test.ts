import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UserIntervals } from '../../../src/rotation/user-intervals.ts';

const NEVER = Number.POSITIVE_INFINITY;

const step = fc.record({
  user: fc.constantFrom('a', 'b', 'c'),
  intervalMs: fc.option(fc.constantFrom(10, 20, 30, NEVER), { nil: undefined }),
});

test('users and their intervals are what a plain map says, in the order in which they came', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const intervals = new UserIntervals();
      const model = new Map<string, number>();
      for (const { user, intervalMs } of steps) {
        if (intervalMs === undefined) {
          intervals.delete(user);
          model.delete(user);
        } else {
          intervals.set(user, intervalMs);
          model.set(user, intervalMs);
        }
        expect(intervals.size).toBe(model.size);
        expect(intervals.users).toEqual([...model.keys()]);
        expect(intervals.followers).toEqual([...model].filter(([, ms]) => ms < NEVER).map(([each]) => each));
        expect(intervals.shortestMs).toBe(Math.min(...model.values()));
        for (const each of ['a', 'b', 'c']) expect(intervals.get(each)).toBe(model.get(each) ?? NEVER);
      }
    }),
  );
});
