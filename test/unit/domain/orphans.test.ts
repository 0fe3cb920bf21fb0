import { expect, test } from 'vitest';
import type { ExternalSecretStatus, ExternalSecretTarget } from '../../../src/api/external-secret.ts';
import { isOrphan, mayHaveOrphans } from '../../../src/domain/orphans.ts';
import type { SecretMetadata } from '../../../src/ports/cluster.ts';
import { externalSecret, writtenTarget } from './manifests.ts';

const REFRESHED = { refreshTime: '2026-01-01T00:00:00Z' };
const renamed = externalSecret({ spec: { target: { name: 'new' } } });

test.each<[string, ExternalSecretTarget, ExternalSecretStatus | undefined, boolean]>([
  ['not at the first sync', {}, undefined, false],
  ['not when it failed so far', {}, { conditions: [] }, false],
  ['not when the name is the same', {}, { ...REFRESHED, binding: { name: 'app' } }, false],
  ['when the name is another one', { name: 'new' }, { ...REFRESHED, binding: { name: 'app' } }, true],
  ['when nothing was bound for a while', { name: 'new' }, REFRESHED, true],
  ['not of Orphan', { name: 'new', creationPolicy: 'Orphan' }, { ...REFRESHED, binding: { name: 'app' } }, false],
  ['not of Merge', { name: 'new', creationPolicy: 'Merge' }, { ...REFRESHED, binding: { name: 'app' } }, false],
])('Secrets of earlier names are looked for: %s', (_, target, status, expected) => {
  expect(mayHaveOrphans(externalSecret({ spec: { target } }), status)).toBe(expected);
});

test.each<[string, Partial<SecretMetadata>, boolean]>([
  ['the one that it made', {}, true],
  ['not the one that it writes now', { name: 'new' }, false],
  ['not one that it does not control', { controller: undefined }, false],
  [
    'not one that another object of its name controls',
    { controller: { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', name: 'app', uid: 'uid-before' } },
    false,
  ],
  ['not one without our label', { labels: {} }, false],
  ['not one of another namespace', { namespace: 'other' }, false],
  ['not one that is going', { deleting: true }, false],
])('of the Secrets it is %s', (_, change, expected) => {
  expect(isOrphan(renamed, writtenTarget(externalSecret(), ['password'], change))).toBe(expected);
});
