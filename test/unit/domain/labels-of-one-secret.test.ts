import { expect, test } from 'vitest';
import type { RemoteRef } from '../../../src/api/remote-ref.ts';
import { labelsOfOneSecret } from '../../../src/domain/labels-of-one-secret.ts';
import { keyOf, reference } from './manifests.ts';

type Read = readonly [key: string, version: string, arn: string];

/** What must be looked at again of secrets that were read: key and version. */
const TABLE: Readonly<Record<string, { readonly read: readonly Read[]; readonly again: readonly string[] }>> = {
  'two labels of one secret': {
    read: [
      ['db', 'AWSCURRENT', 'arn:db'],
      ['db', 'AWSPREVIOUS', 'arn:db'],
    ],
    again: ['db AWSCURRENT', 'db AWSPREVIOUS'],
  },
  'two labels, by the name and by the ARN': {
    read: [
      ['db', 'AWSCURRENT', 'arn:db'],
      ['arn:db', 'AWSPREVIOUS', 'arn:db'],
    ],
    again: ['db AWSCURRENT', 'arn:db AWSPREVIOUS'],
  },
  'one label twice is one thing': {
    read: [
      ['db', 'AWSCURRENT', 'arn:db'],
      ['db', 'AWSCURRENT', 'arn:db'],
    ],
    again: [],
  },
  'labels of two secrets have nothing to do with each other': {
    read: [
      ['db', 'AWSCURRENT', 'arn:db'],
      ['cache', 'AWSPREVIOUS', 'arn:cache'],
    ],
    again: [],
  },
  'a version by its id never moves': {
    read: [
      ['db', 'AWSCURRENT', 'arn:db'],
      ['db', 'uuid/v1', 'arn:db'],
    ],
    again: [],
  },
  'only the secrets of which there are several': {
    read: [
      ['cache', 'AWSCURRENT', 'arn:cache'],
      ['db', 'AWSPREVIOUS', 'arn:db'],
      ['db', 'blue', 'arn:db'],
    ],
    again: ['db AWSPREVIOUS', 'db blue'],
  },
};

const refOf = ([key, version]: Read) => reference({ key, version } satisfies Partial<RemoteRef>);

test.each(Object.entries(TABLE))('%s', (_, { read, again }) => {
  const references = read.map((each) => ({ reference: refOf(each), arn: each[2] }));
  const found = labelsOfOneSecret(
    references.map((each) => each.reference),
    (asked) => {
      const arn = references.find((each) => each.reference === asked)?.arn;
      return arn === undefined ? undefined : { arn, versionId: 'v', createdAtMs: 0 };
    },
  );
  const versions = new Map(read.map((each) => [refOf(each).id, `${each[0]} ${each[1]}`]));
  expect(found.map((each) => versions.get(each.id) ?? keyOf(each))).toEqual(again);
});

test('what was not read has no label', () => {
  const references = [refOf(['db', 'AWSCURRENT', '']), refOf(['db', 'AWSPREVIOUS', ''])];
  expect(labelsOfOneSecret(references, () => undefined)).toEqual([]);
});
