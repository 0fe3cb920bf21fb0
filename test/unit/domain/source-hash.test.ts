import { describe, expect, test } from 'vitest';
import { type Sources, sourceHash } from '../../../src/domain/source-hash.ts';

const BASE: Sources = {
  uid: 'uid-app',
  syncedResourceVersion: '1-abc',
  versions: [
    { arn: 'arn:one', versionId: 'v1', createdAtMs: 1_000 },
    { arn: 'arn:two', versionId: 'v2', createdAtMs: undefined },
  ],
  keys: ['a', 'b'],
  templates: [],
  access: '',
};

describe('sourceHash', () => {
  test.each<[string, Partial<Sources>]>([
    ['another object of the same name', { uid: 'uid-other' }],
    ['a change of spec, labels or annotations', { syncedResourceVersion: '2-abc' }],
    ['another version', { versions: [{ arn: 'arn:one', versionId: 'v9', createdAtMs: 1_000 }] }],
    ['another secret', { versions: [{ arn: 'arn:nine', versionId: 'v1', createdAtMs: 1_000 }] }],
    ['versions in another order', { versions: BASE.versions.toReversed() }],
    ['one version fewer', { versions: BASE.versions.slice(0, 1) }],
    ['one key more', { keys: ['a', 'b', 'c'] }],
    ['one key fewer', { keys: ['a'] }],
    ['other policies by which it was searched', { access: 'red@uid/2' }],
    ['a template from elsewhere', { templates: ['ConfigMap/a@1'] }],
    ['keys that join to the same text', { keys: ['a,b'] }],
    [
      'keys and versions that swap texts',
      { keys: ['arn:one'], versions: [{ arn: 'a', versionId: 'b', createdAtMs: 0 }] },
    ],
  ])('%s changes it', (_, change) => {
    expect(sourceHash({ ...BASE, ...change })).not.toBe(sourceHash(BASE));
  });

  test.each<[string, Partial<Sources>]>([
    ['the order of the keys', { keys: ['b', 'a'] }],
    [
      'the time at which AWS says that a version was made',
      { versions: BASE.versions.map((one) => ({ ...one, createdAtMs: 7 })) },
    ],
  ])('%s does not change it', (_, change) => {
    expect(sourceHash({ ...BASE, ...change })).toBe(sourceHash(BASE));
  });

  test('it is what it was in the version before, so that an upgrade rewrites nothing', () => {
    expect(sourceHash(BASE)).toBe('328e8c249571e239f1c400ce184f0549731cbde3db098576432931bba623bc05');
  });
});
