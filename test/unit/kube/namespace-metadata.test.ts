import { expect, test } from 'vitest';
import { readNamespaceMetadata } from '../../../src/kube/namespace-metadata.ts';

const metadata = { name: 'blue', uid: 'u-1', resourceVersion: '7' };
const plain = { ...metadata, deleting: false, labels: {}, finalizers: [] };

test.each([
  ['no more than its name', {}, plain],
  [
    'labels and finalizers',
    { labels: { a: 'b' }, finalizers: ['x'] },
    { ...plain, labels: { a: 'b' }, finalizers: ['x'] },
  ],
  ['a deletion time', { deletionTimestamp: '2026-01-01T00:00:00Z' }, { ...plain, deleting: true }],
])('a Namespace with %s is read', (_sentence, more, expected) => {
  expect(readNamespaceMetadata({ metadata: { ...metadata, ...more } })).toEqual(expected);
});

test.each(['name', 'uid', 'resourceVersion'])('one without %s is not', (field) => {
  expect(readNamespaceMetadata({ metadata: { ...metadata, [field]: undefined } })).toBeUndefined();
});
