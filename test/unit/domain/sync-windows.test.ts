import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SyncWindows } from '../../../src/api/sync-windows.ts';
import { isOpen, nextOpeningMs, readSyncWindows, refreshGate } from '../../../src/domain/sync-windows.ts';
import { InvalidSpec } from '../../../src/ports/errors.ts';

type Kind = SyncWindows['kind'];

function windows(kind: Kind, ...each: readonly (readonly [schedule: string, duration: string])[]): SyncWindows {
  return { kind, windows: each.map(([schedule, duration]) => ({ schedule, duration })) };
}

function at(time: string): number {
  return Date.parse(`2026-06-${time}Z`);
}

function gate(syncWindows: SyncWindows, time: string): string {
  const result = refreshGate({ syncWindows }, at(time));
  switch (result.kind) {
    case 'closed':
      return `closed until ${new Date(result.askAgainMs).toISOString().slice('2026-06-'.length).replace('.000Z', '')}`;
    case 'open':
      return 'open';
    case 'invalid':
      throw result.error;
  }
}

const NIGHT = ['0 22 * * *', '2h'] as const;
const NOON = ['0 12 * * *', '30m'] as const;

describe('allow', () => {
  test.each([
    ['when the window opens', [NIGHT], '01T22:00:00', 'open'],
    ['inside of it', [NIGHT], '01T22:30:00', 'open'],
    ['when it closes', [NIGHT], '02T00:00:00', 'open'],
    ['a moment later', [NIGHT], '02T00:00:00.001', 'closed until 02T22:00:00'],
    ['a moment before it opens', [NIGHT], '01T21:59:59.999', 'closed until 01T22:00:00'],
    ['far from it', [NIGHT], '02T03:00:00', 'closed until 02T22:00:00'],
    ['inside of the next one', [NIGHT], '02T22:30:00', 'open'],
    ['inside of one of two', [NIGHT, NOON], '02T12:30:00', 'open'],
    ['between two', [NIGHT, NOON], '02T12:30:00.001', 'closed until 02T22:00:00'],
    ['a window that is longer than its period', [['@hourly', '90m']], '02T12:59:59', 'open'],
    ['a window of weekdays, on Saturday', [['0 9 * * mon-fri', '8h']], '06T10:00:00', 'closed until 08T09:00:00'],
    ['a window over the weekend', [['0 20 * * fri', '60h']], '08T07:59:00', 'open'],
    ['@every, which is counted from 1970', [['@every 2h', '1h']], '02T13:00:00.001', 'closed until 02T14:00:00'],
    ['a fraction of a millisecond', [['0 12 * * *', '500us']], '02T12:00:00.001', 'closed until 03T12:00:00'],
  ] as const)('%s', (_, each, time, expected) => {
    expect(gate(windows('allow', ...each), time)).toBe(expected);
  });
});

describe('deny', () => {
  test.each([
    ['a moment before the window opens', [NIGHT], '01T21:59:59.999', 'open'],
    ['when it opens', [NIGHT], '01T22:00:00', 'closed until 02T00:00:00.001Z'],
    ['when it closes', [NIGHT], '02T00:00:00', 'closed until 02T00:00:00.001Z'],
    ['a moment later', [NIGHT], '02T00:00:00.001', 'open'],
    ['two that overlap', [NIGHT, ['0 23 * * *', '3h']], '01T22:30:00', 'closed until 02T02:00:00.001Z'],
    ['two that touch', [NIGHT, ['0 0 * * *', '1h']], '01T22:30:00', 'closed until 02T01:00:00.001Z'],
    ['one inside of the other', [['0 0 * * *', '20h'], NOON], '02T12:10:00', 'closed until 02T20:00:00.001Z'],
    ['a window longer than its period', [['0 8-9 * * *', '90m']], '02T08:10:00', 'closed until 02T10:30:00.001Z'],
    ['a chain of minutes, to its end', [['* 8-12 * * *', '1m']], '02T08:10:00', 'closed until 02T13:00:00.001Z'],
  ] as const)('%s', (_, each, time, expected) => {
    expect(gate(windows('deny', ...each), time)).toBe(expected);
  });

  test('a window that never closes is asked again later, not looked at for ever', () => {
    const nowMs = at('02T08:10:00');
    const never = readSyncWindows(windows('deny', ['* * * * *', '1m']));
    expect(isOpen(never, nowMs)).toBe(false);
    expect(nextOpeningMs(never, nowMs)).toBeGreaterThan(nowMs + 8 * 3_600_000);
    expect(isOpen(never, nextOpeningMs(never, nowMs))).toBe(false);
  });
});

test('without windows it is always open', () => {
  expect(refreshGate({}, 0)).toEqual({ kind: 'open' });
  expect(refreshGate({ syncWindows: { kind: 'allow', windows: [] } }, 0)).toEqual({ kind: 'open' });
});

test.each<[string, readonly (readonly [string, string])[], string]>([
  [
    'a schedule that cannot be read',
    [NIGHT, ['0 0 * * 7', '1h']],
    'spec.syncWindows.windows[1].schedule "0 0 * * 7" is no cron schedule: "7" goes beyond what the day of the week can ' +
      'have, which is 0 to 6; use for example "0 22 * * mon-fri"',
  ],
  [
    'a schedule that never comes',
    [['0 0 30 2 *', '1h']],
    'spec.syncWindows.windows[0].schedule "0 0 30 2 *" names a time that never comes; use for example "0 22 * * mon-fri"',
  ],
  [
    'a schedule without end',
    [[`${'0,'.repeat(300)}0 * * * *`, '1h']],
    `spec.syncWindows.windows[0].schedule "${'0,'.repeat(32)}" has more than 500 characters; ` +
      'use for example "0 22 * * mon-fri"',
  ],
  [
    'more windows than anybody can oversee',
    Array.from({ length: 51 }, () => NIGHT),
    'spec.syncWindows.windows has 51 windows, and 50 are the most; join some of them, as in "0 8,12,18 * * mon-fri"',
  ],
  ...['1d', '', '0s', '-1h', '30'].map((duration): [string, readonly (readonly [string, string])[], string] => [
    `a duration of "${duration}"`,
    [['@daily', duration]],
    `spec.syncWindows.windows[0].duration "${duration}" is not a duration above zero; ` +
      'use a number with h, m or s, such as "8h" or "90m"',
  ]),
])('%s is named', (_, each, message) => {
  expect(refreshGate({ syncWindows: windows('deny', ...each) }, 0)).toEqual({
    kind: 'invalid',
    error: new InvalidSpec(message),
  });
});

test('a closed gate opens just when it says, and not before', () => {
  const each = [NIGHT, NOON, ['@every 5h', '3h'], ['*/40 1-3 * * *', '20m'], ['@monthly', '49h']] as const;
  const moment = fc.integer({ min: at('01T00:00:00'), max: at('30T00:00:00') });
  fc.assert(
    fc.property(
      fc.constantFrom<Kind>('allow', 'deny'),
      fc.subarray([...each], { minLength: 1 }),
      moment,
      (kind, some, ms) => {
        const read = readSyncWindows(windows(kind, ...some));
        const next = nextOpeningMs(read, ms);
        expect(isOpen(read, next)).toBe(true);
        if (isOpen(read, ms)) {
          expect(next).toBe(ms);
          return;
        }
        expect(next).toBeGreaterThan(ms);
        expect(isOpen(read, next - 1)).toBe(false);
        const between = ms + Math.floor((next - ms) / 2);
        expect(between < next && isOpen(read, between)).toBe(false);
      },
    ),
  );
});
