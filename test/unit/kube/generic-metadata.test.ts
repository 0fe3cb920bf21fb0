import { describe, expect, test } from 'vitest';
import { readContentOwners, readGenericMetadata } from '../../../src/kube/generic-metadata.ts';

function entry(fieldsV1: object, more: object = {}): object {
  return { manager: 'm', operation: 'Update', time: '2026-01-02T03:04:05Z', fieldsType: 'FieldsV1', fieldsV1, ...more };
}

const AT_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
const NOTHING = { manager: 'm', changedAtMs: AT_MS, labels: [], annotations: [], fields: [], size: 0 };

describe('what a manager owns', () => {
  test.each(
    Object.entries<readonly [entries: readonly object[], owners: readonly object[]]>({
      'fields of content': [
        [entry({ 'f:data': { '.': {}, 'f:a': {}, 'f:b.c/d': {} } })],
        [
          {
            ...NOTHING,
            fields: [
              ['data', 'a'],
              ['data', 'b.c/d'],
            ],
            size: 2,
          },
        ],
      ],
      'an empty map': [[entry({ 'f:spec': {} })], [{ ...NOTHING, fields: [['spec']], size: 1 }]],
      'a map that it has made, and nothing in it': [
        [entry({ 'f:spec': { '.': {} } })],
        [{ ...NOTHING, fields: [['spec']], size: 1 }],
      ],
      'labels and annotations': [
        [
          entry({
            'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} }, 'f:annotations': { 'f:b': {} }, 'f:finalizers': {} },
          }),
        ],
        [{ ...NOTHING, labels: ['a'], annotations: ['b'] }],
      ],
      'no status': [
        [entry({ 'f:status': { 'f:ready': {} }, 'f:spec': { 'f:a': {} } })],
        [{ ...NOTHING, fields: [['spec', 'a']], size: 1 }],
      ],
      'items of a list, by number and not by what is in them': [
        [
          entry({
            'f:spec': {
              'f:rules': { '.': {}, 'k:{"name":"hunter2"}': { '.': {}, 'f:name': {}, 'f:to': {} }, 'v:"hunter3"': {} },
            },
          }),
        ],
        [{ ...NOTHING, fields: [['spec', 'rules']], size: 3 }],
      ],
      'a field that prototypes have': [
        [entry(JSON.parse('{"f:data":{"f:__proto__":{}}}') as object)],
        [{ ...NOTHING, fields: [['data', '__proto__']], size: 1 }],
      ],
      'nothing by a write to a subresource': [[entry({ 'f:spec': { 'f:a': {} } }, { subresource: 'scale' })], []],
      'nothing where nobody is named': [[entry({}, { manager: '' })], []],
      'what it wrote in several ways, together': [
        [
          entry({ 'f:data': { 'f:a': {} }, 'f:metadata': { 'f:labels': { 'f:x': {} } } }),
          entry({ 'f:data': { 'f:a': {}, 'f:b': {} } }, { operation: 'Apply', time: '2026-01-02T03:04:06Z' }),
        ],
        [
          {
            ...NOTHING,
            changedAtMs: AT_MS + 1_000,
            labels: ['x'],
            fields: [
              ['data', 'a'],
              ['data', 'b'],
            ],
            size: 2,
          },
        ],
      ],
      'something at a time that is none': [
        [entry({ 'f:a': {} }, { time: 'soon' })],
        [{ ...NOTHING, changedAtMs: 0, fields: [['a']], size: 1 }],
      ],
    }),
  )('%s', (_sentence, [entries, owners]) => {
    expect(readContentOwners(entries)).toEqual(owners);
  });

  test.each([undefined, 'x', [null], [{ manager: 'm', fieldsV1: 'x' }]])('%j has no fields', (managedFields) => {
    expect(readContentOwners(managedFields).flatMap(({ fields }) => fields)).toEqual([]);
  });
});

test('the metadata is that of any object, and holds no copy of it', () => {
  const raw = {
    kind: 'PartialObjectMetadata',
    metadata: {
      namespace: 'team',
      name: 'app',
      uid: 'u-1',
      resourceVersion: '7',
      labels: { a: 'b' },
      annotations: { note: 'x', 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"password":"hunter2"}}' },
      managedFields: [entry({ 'f:data': { 'f:a': {} } })],
    },
  };
  expect(readGenericMetadata(raw)).toEqual({
    namespace: 'team',
    name: 'app',
    uid: 'u-1',
    resourceVersion: '7',
    deleting: false,
    labels: { a: 'b' },
    annotations: { note: 'x' },
    controller: undefined,
    fieldOwners: [{ ...NOTHING, fields: [['data', 'a']], size: 1 }],
  });
  expect(readGenericMetadata({ metadata: { name: 'app' } })).toBeUndefined();
});
