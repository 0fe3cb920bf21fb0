import { describe, expect, test } from 'vitest';
import type { ExternalSecretStatus } from '../../../src/api/external-secret.ts';
import { failedStatus, readyCondition, sameStatus, syncedStatus, timestampOf } from '../../../src/domain/status.ts';

const AT_MS = Date.parse('2026-01-01T00:00:00.900Z');
const LATER_MS = Date.parse('2026-01-01T01:00:00Z');

const SYNCED: ExternalSecretStatus = syncedStatus(
  undefined,
  {
    reason: 'SecretSynced',
    message: 'secret synced',
    syncedResourceVersion: '1-a',
    refreshedAtMs: AT_MS,
    bindingName: 'app',
  },
  AT_MS,
);

test('times are whole seconds, cut and not rounded', () => {
  expect(timestampOf(AT_MS)).toBe('2026-01-01T00:00:00Z');
});

describe('readyCondition', () => {
  const failed = { status: 'False', reason: 'SecretSyncedError', message: 'why' } as const;

  test('the transition time moves when the status flips', () => {
    const flipped = readyCondition(SYNCED.conditions, failed, LATER_MS);
    expect(flipped).toEqual({ type: 'Ready', ...failed, lastTransitionTime: '2026-01-01T01:00:00Z' });
  });

  test('the transition time stays when only the reason or the message changes', () => {
    const first = readyCondition(undefined, failed, AT_MS);
    const second = readyCondition([first], { ...failed, reason: 'Other', message: 'another' }, LATER_MS);
    expect(second).toMatchObject({ reason: 'Other', message: 'another', lastTransitionTime: '2026-01-01T00:00:00Z' });
  });

  test('a condition that was left without a transition time gets one', () => {
    expect(readyCondition([{ type: 'Ready', status: 'False' }], failed, AT_MS).lastTransitionTime).toBe(
      '2026-01-01T00:00:00Z',
    );
  });

  test('a condition of another type is not the one before', () => {
    expect(
      readyCondition([{ type: 'Deleted', status: 'False', lastTransitionTime: 'x' }], failed, AT_MS).lastTransitionTime,
    ).not.toBe('x');
  });

  test('a retry with another request id changes nothing', () => {
    const first = readyCondition(undefined, { ...failed, message: 'why (AWS request id 1)' }, AT_MS);
    const second = readyCondition([first], { ...failed, message: 'why (AWS request id 2)' }, LATER_MS);
    expect(second).toEqual(first);
  });
});

describe('the status of an ExternalSecret', () => {
  test('a sync says when, for what and into which Secret', () => {
    expect(SYNCED).toEqual({
      refreshTime: '2026-01-01T00:00:00Z',
      syncedResourceVersion: '1-a',
      binding: { name: 'app' },
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'SecretSynced',
          message: 'secret synced',
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
    });
  });

  test('a failure changes the condition and nothing else', () => {
    const failed = failedStatus(SYNCED, 'SecretSyncedError', 'why', LATER_MS);
    expect({ ...failed, conditions: [] }).toEqual({ ...SYNCED, conditions: [] });
    expect(failed.conditions).toMatchObject([{ status: 'False', message: 'why' }]);
  });

  test.each<[string, ExternalSecretStatus | undefined, boolean]>([
    ['itself', SYNCED, true],
    ['nothing', undefined, false],
    ['an empty status', {}, false],
    ['another refresh time', { ...SYNCED, refreshTime: '2026-01-01T00:00:01Z' }, false],
    ['another synced version', { ...SYNCED, syncedResourceVersion: '2-a' }, false],
    ['another binding', { ...SYNCED, binding: { name: 'other' } }, false],
    ['a binding where none should be', { ...SYNCED, binding: {} }, false],
    [
      'another message',
      { ...SYNCED, conditions: [{ type: 'Ready', status: 'True', reason: 'SecretSynced', message: 'x' }] },
      false,
    ],
    [
      'one condition more',
      { ...SYNCED, conditions: [...(SYNCED.conditions ?? []), { type: 'Deleted', status: 'False' }] },
      false,
    ],
    ['no condition', { ...SYNCED, conditions: [] }, false],
    [
      'another transition time only',
      { ...SYNCED, conditions: SYNCED.conditions?.map((one) => ({ ...one, lastTransitionTime: 'x' })) ?? [] },
      true,
    ],
  ])('compared with %s', (_, before, isSame) => {
    expect(sameStatus(before, SYNCED)).toBe(isSame);
  });
});
