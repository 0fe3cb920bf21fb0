import { describe, expect, test } from 'vitest';
import * as errors from '../../../src/ports/errors.ts';

const { KeyturnError, ...kinds } = errors;

/** Where trying again by itself would give the same answer. */
const WAITING = ['InvalidSpec', 'PolicyDenied', 'StoreNotReady', 'TargetConflict', 'TargetImmutable'];

describe('every error', () => {
  test.each(Object.entries(kinds))(
    '%s has its name, its advice and its request id, which is not in the message',
    (name, Kind) => {
      const cause = new Error('inner');
      const error = new Kind('what to do', { cause, requestId: 'r-1' });
      expect(error).toBeInstanceOf(KeyturnError);
      expect(error).toMatchObject({ name, message: 'what to do', requestId: 'r-1', cause });
      expect(error.retry).toBe(WAITING.includes(name) ? 'onChange' : 'backoff');
      expect(String(error)).toBe(`${name}: what to do`);
    },
  );

  test('without a cause has none', () => {
    expect(new errors.AccessDenied('no')).not.toHaveProperty('cause');
  });
});
