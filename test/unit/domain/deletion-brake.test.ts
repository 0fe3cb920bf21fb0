import { describe, expect, test } from 'vitest';
import { holdMessage, isConfirmed, isTooMuch, shownHold, windowMs } from '../../../src/domain/deletion-brake.ts';
import { failedStatus } from '../../../src/domain/status.ts';
import { externalSecret } from './manifests.ts';

const HOLD = '2026-01-01T00:00:00Z';
const MINUTE_MS = 60_000;

describe('how much is too much', () => {
  test.each<[string, number, number, number, boolean]>([
    ['four of four', 4, 4, 20, false],
    ['five of five', 5, 5, 20, true],
    ['five of 25, which is the share', 5, 25, 20, false],
    ['six of 25, which is more', 6, 25, 20, true],
    ['2,000 of 10,000', 2_000, 10_000, 20, false],
    ['2,001 of 10,000', 2_001, 10_000, 20, true],
    ['everything, with the brake switched off', 500, 500, 0, false],
    ['everything, with a share that nothing exceeds', 500, 500, 100, false],
    ['one in a hundred and a little more', 11, 1_000, 1, true],
  ])('%s', (_, vanished, followed, percent, expected) => {
    expect(isTooMuch({ vanished, followed }, percent)).toBe(expected);
  });

  test.each<[string, number | undefined, number]>([
    ['of what is looked at all the time, an hour', MINUTE_MS, 60],
    ['of what is not polled, an hour', undefined, 60],
    ['of what is looked at every six hours, six hours', 360 * MINUTE_MS, 360],
    ['of what is looked at every month, a day', 30 * 24 * 60 * MINUTE_MS, 24 * 60],
  ])('is counted over a window: %s', (_, intervalMs, minutes) => {
    expect(windowMs(intervalMs)).toBe(minutes * MINUTE_MS);
  });
});

describe('the condition', () => {
  const message = holdMessage(externalSecret(), HOLD, { vanished: 7, followed: 20 });

  test('says how much vanished and how it is confirmed', () => {
    expect(message).toContain('7 of 20 secrets that are read with this identity vanished at AWS at once');
    expect(message).toContain(
      'kubectl annotate externalsecret app -n team --overwrite keyturn.dev/confirm-deletion=2026-01-01T00:00:00Z',
    );
  });

  test('tells a later process under which hold the object waits', () => {
    expect(shownHold(failedStatus(undefined, 'DeletionHeld', message, 0))).toBe(HOLD);
  });

  test.each([
    ['there is none', undefined],
    ['it tells of something else', failedStatus(undefined, 'SecretSyncedError', message, 0)],
    ['it names no hold', failedStatus(undefined, 'DeletionHeld', 'waits', 0)],
  ])('tells of none when %s', (_, status) => {
    expect(shownHold(status)).toBeUndefined();
  });
});

test.each<[string, Readonly<Record<string, string>>, boolean]>([
  ['the annotation with its name', { 'keyturn.dev/confirm-deletion': HOLD }, true],
  ['no annotation', {}, false],
  ['one that is left from an earlier hold', { 'keyturn.dev/confirm-deletion': '2025-12-31T00:00:00Z' }, false],
  ['a plain yes', { 'keyturn.dev/confirm-deletion': 'true' }, false],
])('%s confirms a hold: %s', (_, annotations, expected) => {
  expect(isConfirmed(externalSecret({ metadata: { annotations } }), HOLD)).toBe(expected);
});
