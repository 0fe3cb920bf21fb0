import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDurationMs } from '../../../src/domain/duration.ts';

describe('parseDurationMs', () => {
  test.each<[string, string, number]>([
    ['the CRD default', '1h0m0s', 3_600_000],
    ['seconds', '90s', 90_000],
    ['a fraction', '1.5h', 5_400_000],
    ['a fraction without a whole part', '.5m', 30_000],
    ['a point without a fraction', '2.s', 2_000],
    ['milliseconds, which are not minutes', '250ms', 250],
    ['microseconds in both spellings of the sign', '500µs500μs', 1],
    ['nanoseconds', '1000000ns', 1],
    ['zero without a unit', '0', 0],
    ['zero with a unit', '0s', 0],
    ['a negative duration', '-1m30s', -90_000],
    ['an explicit plus', '+2s', 2_000],
    ['the same unit twice', '1s1s', 2_000],
    ['the longest one that Go knows', '2562047h', 2_562_047 * 3_600_000],
  ])('%s', (_, text, ms) => {
    expect(parseDurationMs(text)).toBeCloseTo(ms, 6);
  });

  test.each([
    ['a day, which Go does not know', '1d'],
    ['nothing', ''],
    ['a number without a unit', '30'],
    ['a unit without a number', 'h'],
    ['a space inside', '1h 30m'],
    ['a space around', ' 1h'],
    ['a line break at the end', '1h\n'],
    ['an exponent', '1e3s'],
    ['two signs', '--1s'],
    ['a sign inside', '1h-30m'],
    ['a lone point', '.s'],
    ['an upper-case unit', '1H'],
    ['a word', 'hourly'],
    ['more than the 292 years that fit into Go', '2562048h'],
    ['an endless number', `${'9'.repeat(400)}h`],
  ])('refuses %s', (_, text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  });

  test('a long text that almost is one is refused at once', () => {
    const startedAtMs = performance.now();
    expect(parseDurationMs(`${'1h'.repeat(50_000)}x`)).toBeUndefined();
    expect(parseDurationMs(`${'1'.repeat(100_000)}`)).toBeUndefined();
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
  });

  test('hours, minutes and seconds add up, whatever they are', () => {
    const part = fc.nat({ max: 100_000 });
    fc.assert(
      fc.property(part, part, part, fc.boolean(), (h, m, s, isNegative) => {
        const ms = h * 3_600_000 + m * 60_000 + s * 1000;
        expect(parseDurationMs(`${isNegative ? '-' : ''}${h}h${m}m${s}s`)).toBeCloseTo(isNegative ? -ms : ms, 3);
      }),
    );
  });
});
