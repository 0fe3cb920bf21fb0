import { describe, expect, test } from 'vitest';
import {
  changesData,
  changesMetadata,
  differenceOf,
  type TargetDifference,
} from '../../../src/domain/target-difference.ts';
import type { SecretMetadata, SecretPatch } from '../../../src/ports/cluster.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';
import { externalSecret, writtenTarget } from './manifests.ts';
import { other } from './situations.ts';

const metadata: SecretMetadata = {
  ...writtenTarget(externalSecret()),
  labels: { kept: 'a', old: 'b' },
  annotations: { note: 'c' },
  finalizers: ['example.com/theirs'],
};

function data(texts: Readonly<Record<string, string>>): ReadonlyMap<string, SecretValue> {
  return new Map(Object.entries(texts).map(([key, text]) => [key, SecretValue.fromText(text)]));
}

const UNTOUCHED: SecretPatch = {
  labels: {},
  annotations: {},
  controller: undefined,
  data: data({}),
  removedDataKeys: [],
};

/** Names a value by itself, so that a test sees which one was meant. */
const digest = (value: SecretValue) => `#${value.revealText()}`;

function difference(patch: Partial<SecretPatch>, present = data({ a: '1', b: '2' }), isImmutable = false) {
  const write = {
    kind: 'patch',
    present: { metadata, data: present, isImmutable },
    patch: { ...UNTOUCHED, ...patch },
  } as const;
  const found = differenceOf(write, digest);
  if (found === undefined) throw new Error('no difference is told');
  return found;
}

describe('what a patch makes different', () => {
  test('keys are added, changed, removed, or the same; what is not in it is not told', () => {
    const { keys } = difference(
      { data: data({ b: '3', c: '4', a: '1' }), removedDataKeys: ['d', 'e'] },
      data({ a: '1', b: '2', d: '5', x: '9' }),
    );
    expect(keys).toEqual([
      { key: 'a', change: 'same', before: '#1', after: '#1' },
      { key: 'b', change: 'changed', before: '#2', after: '#3' },
      { key: 'c', change: 'added', after: '#4' },
      { key: 'd', change: 'removed', before: '#5' },
    ]);
  });

  test('an empty value is one that is there', () => {
    expect(difference({ data: data({ a: '' }) }, data({})).keys).toEqual([{ key: 'a', change: 'added', after: '#' }]);
  });

  test('labels and annotations are told by their names', () => {
    const edits = { kept: 'a', old: null, gone: null, fresh: 'x', changed: 'y' };
    const labels = { ...metadata.labels, changed: 'x' };
    const write = {
      kind: 'patch',
      present: { metadata: { ...metadata, labels }, data: data({}), isImmutable: false },
      patch: { ...UNTOUCHED, labels: edits },
    } as const;
    expect(differenceOf(write, digest)?.labels).toEqual({ added: ['fresh'], changed: ['changed'], removed: ['old'] });
  });

  test.each<[string, Partial<SecretPatch>, Partial<TargetDifference>]>([
    ['the same owner', { controller: metadata.controller }, { owner: 'same' }],
    ['another owner', { controller: other }, { owner: 'set' }],
    ['no owner any more', { controller: null }, { owner: 'removed' }],
    ['an owner that is left alone', { controller: undefined }, { owner: 'same' }],
    ['immutable from now on', { immutable: true }, { becomesImmutable: true }],
    [
      'a finalizer beside others',
      { finalizers: ['example.com/theirs', 'example.com/new'] },
      { addedFinalizers: ['example.com/new'] },
    ],
  ])('%s', (_, patch, expected) => {
    const found = difference(patch);
    expect(found).toMatchObject(expected);
    const isSame = 'owner' in expected && expected.owner === 'same';
    expect([changesData(found), changesMetadata(found)]).toEqual([false, !isSame]);
  });

  test('immutable as before is no change', () => {
    expect(changesMetadata(difference({ immutable: true }, data({}), true))).toBe(false);
  });

  test('data that is the same is no change of it', () => {
    expect(changesData(difference({ data: data({ a: '1' }) }))).toBe(false);
    expect(changesData(difference({ data: data({ a: '2' }) }))).toBe(true);
    expect(changesData(difference({ removedDataKeys: ['a'] }))).toBe(true);
  });
});

test('of a new Secret everything is added', () => {
  const secret = {
    namespace: 'team',
    name: 'app',
    type: 'Opaque',
    labels: { a: 'b' },
    annotations: {},
    controller: other,
    data: data({ k: 'v' }),
    immutable: true,
  };
  expect(differenceOf({ kind: 'create', secret }, digest)).toEqual({
    keys: [{ key: 'k', change: 'added', after: '#v' }],
    labels: { added: ['a'], changed: [], removed: [] },
    annotations: { added: [], changed: [], removed: [] },
    owner: 'set',
    type: 'Opaque',
    becomesImmutable: true,
    addedFinalizers: [],
  });
});

test('of a deletion there is nothing to tell', () => {
  expect(differenceOf({ kind: 'delete', target: metadata }, digest)).toBeUndefined();
});
