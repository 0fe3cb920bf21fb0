import { describe, expect, test } from 'vitest';
import type { ExternalSecret } from '../../../src/api/external-secret.ts';
import { adoptingPatch } from '../../../src/domain/adoption.ts';
import { type Sources, sourceHash } from '../../../src/domain/source-hash.ts';
import { targetShape } from '../../../src/domain/target.ts';
import { syncedResourceVersion } from '../../../src/domain/upstream-hash.ts';
import {
  isMarkedWith,
  lateMark,
  nextVersionMark,
  versionHash,
  versionMarkOf,
  withVersionMark,
} from '../../../src/domain/version-mark.ts';
import type { SecretMetadata } from '../../../src/ports/cluster.ts';
import { externalSecret, writtenTarget } from './manifests.ts';

const NOW_MS = Date.parse('2026-06-01T12:00:00Z');
const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-AbCdEf';
const ONE = { arn: ARN, versionId: 'v1', createdAtMs: 1 };
const TWO = { arn: ARN, versionId: 'v2', createdAtMs: 2 };

const asking = externalSecret({ metadata: { annotations: { 'keyturn.dev/rollout': 'auto' } } });

function sources(versions: Sources['versions'], of: ExternalSecret = asking): Sources {
  const version = syncedResourceVersion(of.metadata);
  return {
    uid: of.metadata.uid,
    syncedResourceVersion: version,
    versions,
    keys: ['password'],
    templates: [],
    access: '',
  };
}

function targetWith(annotations: Readonly<Record<string, string>>): SecretMetadata {
  const target = writtenTarget(asking);
  return { ...target, annotations: { ...target.annotations, ...annotations } };
}

function marked(version: string, time: string): SecretMetadata {
  return targetWith({ 'keyturn.dev/version': `${version} ${time}` });
}

const hashOne = versionHash([ONE]);

describe('the hash', () => {
  test('is the same in whatever order, and however often a version is read', () => {
    expect(versionHash([TWO, ONE, ONE])).toBe(versionHash([ONE, TWO]));
  });

  test('is another for another version, and for a secret that was made anew', () => {
    expect(versionHash([TWO])).not.toBe(hashOne);
    expect(versionHash([{ ...ONE, arn: `${ARN}x` }])).not.toBe(hashOne);
  });
});

describe('the mark of a target that is about to be written', () => {
  const before = { target: undefined, mark: undefined, status: undefined };

  test('there is none where nobody asks for it, or where there is no Secret', () => {
    expect(nextVersionMark(externalSecret(), before, sources([ONE]), NOW_MS)).toBeUndefined();
    const none = externalSecret({ ...asking, spec: { target: { creationPolicy: 'None' } } });
    expect(nextVersionMark(none, before, sources([ONE]), NOW_MS)).toBeUndefined();
  });

  test('of a new target says that it is the first', () => {
    expect(nextVersionMark(asking, before, sources([ONE]), NOW_MS)).toEqual({
      version: hashOne,
      sinceMs: NOW_MS,
      isFirst: true,
    });
  });

  test('of the same versions stays', () => {
    const target = marked(hashOne, '2026-05-01T00:00:00Z');
    const mark = nextVersionMark(asking, { ...before, target }, sources([ONE]), NOW_MS);
    expect(mark).toEqual({ version: hashOne, sinceMs: Date.parse('2026-05-01T00:00:00Z'), isFirst: false });
  });

  test('of the same versions stays, though somebody deleted the target', () => {
    const mark = { version: hashOne, sinceMs: 7_000, isFirst: false };
    expect(nextVersionMark(asking, { ...before, mark }, sources([ONE]), NOW_MS)).toEqual(mark);
  });

  test('of a Secret that somebody has made in its place begins now', () => {
    const mark = { version: hashOne, sinceMs: 7_000, isFirst: false };
    const target = { ...targetWith({}), fieldOwners: [] };
    expect(nextVersionMark(asking, { ...before, target, mark }, sources([ONE]), NOW_MS)).toMatchObject({
      sinceMs: NOW_MS,
    });
  });

  test('of a write that nobody answered begins when the API server made it', () => {
    const target = marked(hashOne, '2020-01-01T00:00:00Z');
    const mark = { version: versionHash([TWO]), sinceMs: 7_000, isFirst: false };
    expect(nextVersionMark(asking, { ...before, target, mark }, sources([ONE]), NOW_MS)).toEqual({
      version: hashOne,
      sinceMs: target.fieldOwners[0]?.changedAtMs,
      isFirst: false,
    });
  });

  test('of a write that took long begins when it had ended', () => {
    const mark = { version: hashOne, sinceMs: NOW_MS, isFirst: false };
    expect(lateMark(mark, NOW_MS, NOW_MS + 900)).toBeUndefined();
    expect(lateMark(mark, NOW_MS, NOW_MS + 5_000)).toEqual({ ...mark, sinceMs: NOW_MS + 5_000 });
    expect(lateMark({ ...mark, sinceMs: 7_000 }, NOW_MS, NOW_MS + 5_000)).toBeUndefined();
  });

  test('of another version begins now', () => {
    const target = marked(hashOne, '2026-05-01T00:00:00Z');
    const mark = nextVersionMark(asking, { ...before, target }, sources([TWO]), NOW_MS);
    expect(mark).toMatchObject({ version: versionHash([TWO]), sinceMs: NOW_MS, isFirst: false });
  });

  test('keeps what was there before, and no more than three of these', () => {
    const present = marked(hashOne, '2026-05-04T00:00:00Z').annotations['keyturn.dev/version'];
    const of = (at: number) => `${String(at).repeat(16)} 2026-05-0${at}T00:00:00Z`;
    const text = [present, of(3), of(2), `${of(1)} new`].join(', ');
    const target = targetWith({ 'keyturn.dev/version': text });
    const mark = nextVersionMark(asking, { ...before, target }, sources([TWO]), NOW_MS);
    const { annotations } = withVersionMark(asking, targetShape(asking, [], 'hash'), mark);
    const now = `${versionHash([TWO])} 2026-06-01T12:00:00Z`;
    expect(annotations['keyturn.dev/version']).toBe([now, present, of(3), of(2)].join(', '));
  });

  test('keeps nothing of what somebody else has put there, or of a write whose time is not known', () => {
    const target = marked(hashOne, '2026-05-04T00:00:00Z');
    const foreign = { ...target, fieldOwners: [] };
    const mark = nextVersionMark(asking, { ...before, target: foreign }, sources([TWO]), NOW_MS);
    expect(mark).toEqual({ version: versionHash([TWO]), sinceMs: NOW_MS, isFirst: false });
    const kept = nextVersionMark(asking, { ...before, target }, sources([TWO]), NOW_MS);
    expect(kept?.before).toHaveLength(1);
    expect(lateMark(kept, NOW_MS, NOW_MS + 5_000)).toEqual({ ...mark, sinceMs: NOW_MS + 5_000 });
  });

  test('keeps nothing of what is there and is not what this process has put there', () => {
    const target = marked(hashOne, '2020-01-01T00:00:00Z');
    const mark = { version: versionHash([TWO]), sinceMs: Date.parse('2020-01-02T00:00:00Z'), isFirst: false };
    const right = { version: mark.version, sinceMs: NOW_MS, isFirst: false };
    expect(nextVersionMark(asking, { ...before, target, mark }, sources([TWO]), NOW_MS)).toEqual(right);
  });

  test('of a version that somebody has put back, before it came back, begins now', () => {
    const target = marked(hashOne, '2020-01-01T00:00:00Z');
    const mark = { version: versionHash([TWO]), sinceMs: Date.parse('2020-01-02T00:00:00Z'), isFirst: false };
    const now = { version: hashOne, sinceMs: NOW_MS, isFirst: false };
    expect(nextVersionMark(asking, { ...before, target, mark }, sources([ONE]), NOW_MS)).toEqual(now);
  });

  test('that another process has left keeps nothing where the target was changed since', () => {
    const target = marked(hashOne, '2020-01-01T00:00:00Z');
    const mark = nextVersionMark(asking, { ...before, target }, sources([TWO]), NOW_MS);
    expect(mark).toEqual({ version: versionHash([TWO]), sinceMs: NOW_MS, isFirst: false });
  });

  test('of which a part cannot be read has what is newer than that', () => {
    const text = `${hashOne} 2026-05-04T00:00:00Z, x, ${hashOne} 2026-05-01T00:00:00Z`;
    expect(versionMarkOf(asking, { annotations: { 'keyturn.dev/version': text } })).not.toHaveProperty('before');
  });

  test('of a target without one is as old as its last change, where its sources are proven to be these', () => {
    const quiet = externalSecret();
    const target = targetWith({ 'keyturn.dev/source-hash': sourceHash(sources([ONE], quiet)) });
    const status = { syncedResourceVersion: syncedResourceVersion(quiet.metadata) };
    const changedAtMs = target.fieldOwners[0]?.changedAtMs;
    const mark = nextVersionMark(asking, { ...before, target, status }, sources([ONE]), NOW_MS);
    expect(mark).toEqual({ version: hashOne, sinceMs: changedAtMs, isFirst: false });
    const moved = nextVersionMark(asking, { ...before, target, status }, sources([TWO]), NOW_MS);
    expect(moved).toMatchObject({ sinceMs: NOW_MS });
  });
});

describe('a target', () => {
  test('says what was put there', () => {
    const mark = { version: hashOne, sinceMs: NOW_MS, isFirst: true };
    const { annotations } = withVersionMark(asking, targetShape(asking, [], 'hash'), mark);
    expect(versionMarkOf(asking, { annotations })).toEqual(mark);
  });

  test.each(['Merge', 'CreateOrMerge', 'Orphan'] as const)('of policy %s has one for each ExternalSecret', (policy) => {
    const merging = externalSecret({ ...asking, spec: { target: { creationPolicy: policy } } });
    const mark = { version: hashOne, sinceMs: NOW_MS, isFirst: false };
    const { annotations } = withVersionMark(merging, targetShape(merging, [], 'hash'), mark);
    expect(Object.keys(annotations).find((name) => name.startsWith('keyturn.dev/version'))).toMatch(
      /^keyturn\.dev\/version\.[0-9a-f]{16}$/,
    );
  });

  test.each(['', 'x', 'ffff 2026', `${hashOne} yesterday`])('with %j says nothing', (text) => {
    expect(versionMarkOf(asking, { annotations: { 'keyturn.dev/version': text } })).toBeUndefined();
  });

  test('that should say of which versions it is, and does not, is not as it should be', () => {
    expect(isMarkedWith(asking, targetWith({}), [ONE])).toBe(false);
    expect(isMarkedWith(asking, marked(hashOne, '2026-05-01T00:00:00Z'), [TWO])).toBe(false);
    expect(isMarkedWith(asking, marked(hashOne, '2026-05-01T00:00:00Z'), [ONE])).toBe(true);
    expect(isMarkedWith(externalSecret(), targetWith({}), [ONE])).toBe(true);
  });

  test('that is adopted has its versions since its data was written, and what it had before is not known', () => {
    const target = targetWith({});
    const shape = targetShape(asking, ['password'], 'hash');
    const before = [{ version: versionHash([TWO]), sinceMs: 7_000, isFirst: false }];
    const { annotations } = adoptingPatch(
      target,
      withVersionMark(asking, shape, { version: hashOne, sinceMs: NOW_MS, isFirst: false, before }),
    );
    const text = String(annotations['keyturn.dev/version']);
    expect(versionMarkOf(asking, { annotations: { 'keyturn.dev/version': text } })).toEqual({
      version: hashOne,
      sinceMs: target.fieldOwners[0]?.changedAtMs,
      isFirst: false,
    });
  });
});
