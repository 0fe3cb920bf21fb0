import { describe, expect, test } from 'vitest';
import {
  type Doubt,
  judgeLabel,
  judgeVersion,
  type Known,
  ROLLBACK_CONFIRM_MS,
} from '../../../src/domain/version-order.ts';
import type { SecretVersion } from '../../../src/ports/secret-source.ts';

const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf';

function version(versionId: string, createdAtMs: number | undefined, arn = ARN): SecretVersion {
  return { arn, versionId, createdAtMs };
}

const OLD = version('old', 1_000);
const NEW = version('new', 2_000);

function doubting(doubt: Doubt | undefined): Known {
  return { version: NEW, doubt, announced: undefined };
}

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
    expect(judgeVersion({ version: known, doubt: undefined, announced: undefined }, seen, 10_000).kind).toBe(kind);
  });

  test('an older version is believed only when it has been the answer for the whole time', () => {
    const first = judgeVersion(doubting(undefined), OLD, 10_000);
    expect(first).toEqual({ kind: 'doubtful', doubt: { versionId: 'old', sinceMs: 10_000 } });
    const doubt: Doubt = { versionId: 'old', sinceMs: 10_000 };
    expect(judgeVersion(doubting(doubt), OLD, 10_000 + ROLLBACK_CONFIRM_MS - 1)).toEqual({ kind: 'doubtful', doubt });
    expect(judgeVersion(doubting(doubt), OLD, 10_000 + ROLLBACK_CONFIRM_MS)).toEqual({ kind: 'moved' });
  });

  test('doubt about one version says nothing of another', () => {
    const doubt: Doubt = { versionId: 'older', sinceMs: 0 };
    expect(judgeVersion(doubting(doubt), OLD, 100_000)).toEqual({
      kind: 'doubtful',
      doubt: { versionId: 'old', sinceMs: 100_000 },
    });
  });

  const told = (versionId: string | undefined): Known => ({
    version: NEW,
    doubt: undefined,
    announced: { versionId, sinceMs: 10_000 },
  });

  test.each<[string, Known, SecretVersion, number, string]>([
    ['a version that an event named, and AWS does not give yet, is waited for', told('next'), NEW, 12_000, 'behind'],
    ['it is not waited for for ever', told('next'), NEW, 20_000, 'same'],
    ['the version that was named has moved', told('next'), version('next', 3_000), 12_000, 'moved'],
    [
      'another version than the one that was named has moved too',
      told('next'),
      version('third', 4_000),
      12_000,
      'moved',
    ],
    ['an older version that was named is a rollback, and not doubted', told('old'), OLD, 12_000, 'moved'],
    ['an older version than known and named is doubtful', told('next'), OLD, 12_000, 'doubtful'],
    ['an event that names no version waits for none', told(undefined), NEW, 12_000, 'same'],
    ['an event that names what is known waits for nothing', told('new'), NEW, 12_000, 'same'],
  ])('%s', (_, known, seen, nowMs, kind) => {
    expect(judgeVersion(known, seen, nowMs).kind).toBe(kind);
  });
});

describe('judgeLabel', () => {
  const [OLD_LABEL, NEW_LABEL] = [version('old', undefined), version('new', undefined)];

  test.each<[string, SecretVersion | undefined, SecretVersion, string]>([
    ['the first version ever seen has moved', undefined, OLD_LABEL, 'moved'],
    ['the same version is the same', NEW, NEW_LABEL, 'same'],
    ['another version than one whose age is known may be a stale one: a read has to tell', NEW, OLD_LABEL, 'unproven'],
    ['of a secret that was made anew a read has to tell too', NEW, version('x', undefined, `${ARN}2`), 'unproven'],
    ['another than one whose age is not known either has moved', NEW_LABEL, OLD_LABEL, 'moved'],
  ])('%s', (_, known, seen, kind) => {
    const nothing = { doubt: undefined, announced: undefined, failure: undefined };
    expect(judgeLabel({ version: known, ...nothing }, seen, 10_000).kind).toBe(kind);
  });

  test('it ends no failure, even of the same version: whether it can be read, a read has to tell', () => {
    const known = { version: NEW, doubt: undefined, announced: undefined, failure: new Error('denied') };
    expect(judgeLabel(known, NEW_LABEL, 10_000).kind).toBe('unproven');
  });

  test('a version that an event named, and AWS does not give yet, is waited for', () => {
    const announced = { versionId: 'next', sinceMs: 10_000 };
    const known = { version: NEW, doubt: undefined, announced, failure: undefined };
    expect(judgeLabel(known, NEW_LABEL, 12_000).kind).toBe('behind');
  });
});
