import { describe, expect, it } from 'vitest';
import { readFieldOwners, readSecretMetadata } from '../../../src/kube/secret-metadata.ts';

const metadata = { namespace: 'team', name: 'db', uid: 'u-1', resourceVersion: '7' };
const owner = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', name: 'db', uid: 'u-2' };
const managed = (manager: string, fieldsV1: object, more: object = {}) => ({
  manager,
  operation: 'Update',
  apiVersion: 'v1',
  time: '2026-01-02T03:04:05Z',
  fieldsType: 'FieldsV1',
  fieldsV1,
  ...more,
});
const none = { dataKeys: [], labels: [], annotations: [], changedAtMs: Date.parse('2026-01-02T03:04:05Z') };

describe('metadata of a Secret', () => {
  it('reads the least that there can be', () => {
    expect(readSecretMetadata({ metadata })).toEqual({
      ...metadata,
      deleting: false,
      labels: {},
      annotations: {},
      controller: undefined,
      fieldOwners: [],
    });
  });

  it.each(['namespace', 'name', 'uid', 'resourceVersion'])('is nothing without %s', (field) => {
    expect(readSecretMetadata({ metadata: { ...metadata, [field]: undefined } })).toBeUndefined();
  });

  it('tells the controller from the other owners', () => {
    const other = { apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: 'u-3' };
    const ownerReferences = [
      { ...other, blockOwnerDeletion: true },
      { ...owner, controller: true },
    ];
    expect(readSecretMetadata({ metadata: { ...metadata, ownerReferences } })).toMatchObject({
      controller: owner,
      otherOwners: [{ ...other, blockOwnerDeletion: true }],
    });
  });

  it('keeps labels and annotations, but no copy of the object in them', () => {
    const copy = '{"data":{"password":"aHVudGVyMg=="}}';
    const read = readSecretMetadata({
      metadata: {
        ...metadata,
        deletionTimestamp: '2026-01-02T03:04:05Z',
        labels: { app: 'web', broken: 1 },
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': copy, note: 'kept' },
      },
    });
    expect(read).toMatchObject({ deleting: true, labels: { app: 'web' }, annotations: { note: 'kept' } });
    expect(JSON.stringify(read)).not.toContain('aHVudGVyMg');
  });
});

describe('managedFields', () => {
  it('tell who has set immutable, in whichever of its entries', () => {
    const [ours, theirs] = readFieldOwners([
      managed('ours', { 'f:immutable': {} }),
      managed('ours', { 'f:data': { 'f:a': {} } }),
      managed('theirs', { 'f:data': { 'f:b': {} } }),
    ]);
    expect(ours).toMatchObject({ dataKeys: ['a'], immutable: true });
    expect(theirs).not.toHaveProperty('immutable');
  });

  it.each<[string, unknown, unknown]>([
    [
      'names the keys, labels and annotations that a manager owns',
      [
        managed('keyturn', {
          'f:data': { '.': {}, 'f:password': {}, 'f:tls.crt': {} },
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} }, 'f:annotations': { 'f:keyturn.dev/source-hash': {} } },
          'f:type': {},
        }),
      ],
      [
        {
          ...none,
          manager: 'keyturn',
          dataKeys: ['password', 'tls.crt'],
          labels: ['app'],
          annotations: ['keyturn.dev/source-hash'],
        },
      ],
    ],
    [
      'joins the entries of one manager and keeps its latest time',
      [
        managed('keyturn', { 'f:data': { 'f:a': {} } }),
        managed(
          'keyturn',
          { 'f:data': { 'f:a': {}, 'f:b': {} } },
          { operation: 'Apply', time: '2026-01-02T03:04:06Z' },
        ),
      ],
      [{ ...none, manager: 'keyturn', dataKeys: ['a', 'b'], changedAtMs: Date.parse('2026-01-02T03:04:06Z') }],
    ],
    ['leaves subresources out', [managed('kubelet', { 'f:data': { 'f:a': {} } }, { subresource: 'status' })], []],
    [
      'keeps a manager that owns nothing of ours, since it shows that nothing was stripped',
      [managed('x', { 'f:type': {} })],
      [{ ...none, manager: 'x' }],
    ],
    [
      'takes a key called `__proto__` as a key',
      [managed('x', JSON.parse('{"f:data":{"f:__proto__":{}}}'))],
      [{ ...none, manager: 'x', dataKeys: ['__proto__'] }],
    ],
    ['takes ownership of the whole map for no key', [managed('x', { 'f:data': {} })], [{ ...none, manager: 'x' }]],
    ['reads a missing time as the beginning', [{ manager: 'x' }], [{ ...none, manager: 'x', changedAtMs: 0 }]],
    ['is empty when it was stripped', undefined, []],
    ['is empty when it is not what it should be', 'none', []],
  ])('%s', (_sentence, managedFields, expected) => {
    expect(readFieldOwners(managedFields)).toEqual(expected);
  });
});
