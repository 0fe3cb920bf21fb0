import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Backoff } from '../../../src/loop/backoff.ts';
import { backoffMs } from '../../../src/ports/backoff.ts';

const LIMITS = { firstMs: 1_000, longestMs: 60_000 };

describe('backoffMs', () => {
  test('it is doubled from failure to failure, up to the longest', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 100, 10_000].map((failures) => backoffMs(failures, LIMITS, 1));
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000]);
  });

  test('it lies in the upper half of the full wait, wherever the dice fall', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (failures, random) => {
          const ms = backoffMs(failures, LIMITS, random);
          expect(ms).toBeGreaterThanOrEqual(backoffMs(failures, LIMITS, 1) / 2);
          expect(ms).toBeLessThanOrEqual(LIMITS.longestMs);
        },
      ),
    );
  });
});

describe('Backoff', () => {
  test('keys are counted apart, and forgotten one by one', () => {
    const backoff = new Backoff(LIMITS, () => 0);
    expect([backoff.failedMs('a'), backoff.failedMs('a'), backoff.failedMs('b')]).toEqual([500, 1_000, 500]);
    backoff.forget('a');
    expect([backoff.failedMs('a'), backoff.failedMs('b')]).toEqual([500, 1_000]);
  });

  test('what failed together does not come back together', () => {
    const backoff = new Backoff(LIMITS);
    const waits = Array.from({ length: 50 }, (_, at) => backoff.failedMs(`key-${at}`));
    expect(new Set(waits).size).toBeGreaterThan(25);
  });
});
