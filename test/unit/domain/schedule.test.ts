import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import {
  type Heartbeat,
  heartbeatDueMs,
  intervalProblem,
  nextRefreshTimeMs,
  type Refresh,
  type RefreshFacts,
  refreshOf,
} from '../../../src/domain/schedule.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = Date.parse('2026-01-02T00:00:00Z');

describe('refreshOf', () => {
  test.each<[string, ExternalSecretSpec, Refresh | undefined]>([
    ['the default is every hour', {}, { kind: 'periodic', intervalMs: HOUR_MS }],
    ['an interval is kept', { refreshInterval: '2s' }, { kind: 'periodic', intervalMs: 2_000 }],
    ['Periodic by name', { refreshPolicy: 'Periodic', refreshInterval: '2s' }, { kind: 'periodic', intervalMs: 2_000 }],
    [
      'nothing is asked more often than every second',
      { refreshInterval: '1ms' },
      { kind: 'periodic', intervalMs: 1_000 },
    ],
    ['an interval of zero reads when the object changes', { refreshInterval: '0' }, { kind: 'onChange' }],
    ['a negative interval too', { refreshInterval: '-1h' }, { kind: 'onChange' }],
    ['OnChange passes over the interval', { refreshPolicy: 'OnChange', refreshInterval: '2s' }, { kind: 'onChange' }],
    [
      'CreatedOnce passes over the interval',
      { refreshPolicy: 'CreatedOnce', refreshInterval: '0' },
      { kind: 'createdOnce' },
    ],
    ['an interval that is none', { refreshInterval: '1d' }, undefined],
    [
      'an interval that is none, whatever the policy',
      { refreshPolicy: 'CreatedOnce', refreshInterval: '1d' },
      undefined,
    ],
  ])('%s', (_, spec, refresh) => {
    expect(refreshOf(spec)).toEqual(refresh);
  });

  test('an interval that is none is told with what would be one, and cut', () => {
    expect(intervalProblem({ refreshInterval: '1d' }).message).toBe(
      'spec.refreshInterval "1d" is not a duration; use a number with h, m or s, such as "24h" or "1h30m"',
    );
    expect(intervalProblem({ refreshInterval: 'x'.repeat(10_000) }).message.length).toBeLessThan(200);
  });
});

describe('heartbeatDueMs', () => {
  const base: Heartbeat = {
    key: 'team/app',
    refreshTime: '2026-01-02T00:00:00Z',
    statusIntervalMs: HOUR_MS,
    intervalMs: 60_000,
    startedAtMs: NOW_MS - HOUR_MS,
  };

  test('refreshTime is written at most once in the status interval', () => {
    fc.assert(
      fc.property(fc.string(), (key) => {
        const sinceMs = heartbeatDueMs({ ...base, key }) - NOW_MS;
        expect(sinceMs).toBeGreaterThanOrEqual(HOUR_MS);
        expect(sinceMs).toBeLessThan(1.25 * HOUR_MS);
      }),
    );
  });

  test('an interval longer than the status interval counts, since nothing is newer before it', () => {
    const sinceMs = heartbeatDueMs({ ...base, intervalMs: 24 * HOUR_MS }) - NOW_MS;
    expect(sinceMs).toBeGreaterThanOrEqual(24 * HOUR_MS);
  });

  test('a status interval of zero writes on every refresh', () => {
    expect(heartbeatDueMs({ ...base, statusIntervalMs: 0 })).toBe(NOW_MS + 60_000);
  });

  test('objects that were made together part', () => {
    const dues = Array.from({ length: 1_000 }, (_, at) => heartbeatDueMs({ ...base, key: `team/app-${at}` }));
    const quarters = [0, 0, 0, 0];
    for (const dueMs of dues) {
      const quarter = Math.floor(((dueMs - NOW_MS) / HOUR_MS - 1) * 16);
      quarters[quarter] = (quarters[quarter] ?? 0) + 1;
    }
    expect(quarters).toHaveLength(4);
    for (const count of quarters) expect(count).toBeGreaterThan(100);
  });

  test('what was overdue when the process began is spread over a quarter of the period', () => {
    const startedAtMs = NOW_MS + 100 * HOUR_MS;
    const dues = Array.from({ length: 1_000 }, (_, at) =>
      heartbeatDueMs({ ...base, key: `team/app-${at}`, startedAtMs }),
    );
    expect(Math.min(...dues)).toBeGreaterThanOrEqual(startedAtMs);
    expect(Math.max(...dues)).toBeLessThan(startedAtMs + HOUR_MS / 4);
    expect(Math.max(...dues) - Math.min(...dues)).toBeGreaterThan(HOUR_MS / 5);
  });

  test.each<[string, string | null | undefined]>([
    ['absent', undefined],
    ['null', null],
    ['no time', 'yesterday'],
  ])('a refreshTime that is %s is due at once', (_, refreshTime) => {
    expect(heartbeatDueMs({ ...base, refreshTime })).toBe(base.startedAtMs);
  });
});

describe('nextRefreshTimeMs', () => {
  const SHOWN_MS = NOW_MS - 10_000;
  const base: RefreshFacts = {
    shown: { refreshTime: new Date(SHOWN_MS).toISOString(), syncedResourceVersion: '1-a' },
    syncedResourceVersion: '1-a',
    writtenAtMs: SHOWN_MS,
    freshAtMs: NOW_MS,
    isDue: false,
  };

  test.each<[string, Partial<RefreshFacts>, number]>([
    ['it stays when nothing changed', {}, SHOWN_MS],
    ['it stays when the values were checked since', { freshAtMs: NOW_MS + 5_000 }, SHOWN_MS],
    ['it moves when the target was written since', { writtenAtMs: NOW_MS - 1_000 }, NOW_MS],
    ['it never lies before the write', { writtenAtMs: NOW_MS + 1_000 }, NOW_MS + 1_000],
    ['it moves when the object changed', { syncedResourceVersion: '2-a' }, NOW_MS],
    ['it moves when the heartbeat is due', { isDue: true }, NOW_MS],
    ['it moves when nothing was shown', { shown: undefined }, NOW_MS],
    ['it moves when what was shown is no time', { shown: { refreshTime: 'x', syncedResourceVersion: '1-a' } }, NOW_MS],
    ['it moves from null', { shown: { refreshTime: null, syncedResourceVersion: '1-a' } }, NOW_MS],
  ])('%s', (_, change, ms) => {
    expect(nextRefreshTimeMs({ ...base, ...change })).toBe(ms);
  });
});
