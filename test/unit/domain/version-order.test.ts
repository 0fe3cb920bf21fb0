import { describe, expect, test } from 'vitest';
import { type Doubt, judgeVersion, ROLLBACK_CONFIRM_MS } from '../../../src/domain/version-order.ts';
import type { SecretVersion } from '../../../src/ports/secret-source.ts';

const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf';

function version(versionId: string, createdAtMs: number | undefined, arn = ARN): SecretVersion {
  return { arn, versionId, createdAtMs };
}

const OLD = version('old', 1_000);
const NEW = version('new', 2_000);

describe('judgeVersion', () => {
  test.each<[string, SecretVersion | undefined, SecretVersion, string]>([
    ['the first version ever seen has moved', undefined, OLD, 'moved'],
    ['the same version is the same', NEW, NEW, 'same'],
    ['the same version without a time is the same', NEW, version('new', undefined), 'same'],
    ['a newer version has moved', OLD, NEW, 'moved'],
    ['another version of the same instant has moved', OLD, version('twin', 1_000), 'moved'],
    ['an older version is doubtful', NEW, OLD, 'doubtful'],
    ['without the time of one of them nothing is older', NEW, version('old', undefined), 'moved'],
    ['without the time of the known one nothing is older', version('new', undefined), OLD, 'moved'],
    ['a secret that was made anew has moved, however old', NEW, version('x', 1, `${ARN}2`), 'moved'],
    ['the same version id of another secret has moved', NEW, version('new', 2_000, `${ARN}2`), 'moved'],
  ])('%s', (_, known, seen, kind) => {
    expect(judgeVersion(known, undefined, seen, 10_000).kind).toBe(kind);
  });

  test('an older version is believed only when it has been the answer for the whole time', () => {
    const first = judgeVersion(NEW, undefined, OLD, 10_000);
    expect(first).toEqual({ kind: 'doubtful', doubt: { versionId: 'old', sinceMs: 10_000 } });
    const doubt: Doubt = { versionId: 'old', sinceMs: 10_000 };
    expect(judgeVersion(NEW, doubt, OLD, 10_000 + ROLLBACK_CONFIRM_MS - 1)).toEqual({ kind: 'doubtful', doubt });
    expect(judgeVersion(NEW, doubt, OLD, 10_000 + ROLLBACK_CONFIRM_MS)).toEqual({ kind: 'moved' });
  });

  test('doubt about one version says nothing of another', () => {
    const doubt: Doubt = { versionId: 'older', sinceMs: 0 };
    expect(judgeVersion(NEW, doubt, OLD, 100_000)).toEqual({
      kind: 'doubtful',
      doubt: { versionId: 'old', sinceMs: 100_000 },
    });
  });
});
