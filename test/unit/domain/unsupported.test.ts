import { expect, test } from 'vitest';
import type { ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import { unsupportedField } from '../../../src/domain/unsupported.ts';
import { ONE_KEY } from './manifests.ts';

const KEY = { key: 'prod/db' };

test.each<[string, ExternalSecretSpec, string | undefined]>([
  ['a plain spec has none', ONE_KEY, undefined],
  [
    'the defaults of the CRD are none',
    { ...ONE_KEY, target: { creationPolicy: 'Owner', deletionPolicy: 'Retain', immutable: false } },
    undefined,
  ],
  [
    'policies that say nothing are none',
    { data: [{ secretKey: 'a', remoteRef: { ...KEY, metadataPolicy: 'None' } }] },
    undefined,
  ],
  ['an empty rewrite is none', { dataFrom: [{ extract: KEY, rewrite: [] }] }, undefined],
  [
    'windows and templates are served',
    {
      syncWindows: { kind: 'allow', windows: [{ schedule: '@daily', duration: '1h' }] },
      target: { template: { templateFrom: [{ configMap: { name: 'c', items: [] } }, { literal: 'x' }] } },
    },
    undefined,
  ],
  ['other kinds of targets are served', { target: { manifest: { apiVersion: 'v1', kind: 'ConfigMap' } } }, undefined],
  [
    'whatever else a target may be like is none',
    { target: { immutable: true, creationPolicy: 'CreateOrMerge', deletionPolicy: 'Merge' } },
    undefined,
  ],
  ['find is served', { dataFrom: [{ find: { name: { regexp: 'x' } } }] }, undefined],
  ['so is rewrite', { dataFrom: [{ extract: KEY, rewrite: [{ regexp: { source: 'a', target: 'b' } }] }] }, undefined],
  [
    'a generator',
    { dataFrom: [{ sourceRef: { generatorRef: { kind: 'Password', name: 'p' } } }] },
    'spec.dataFrom[0].sourceRef.generatorRef',
  ],
  [
    'a generator for one key',
    { data: [{ secretKey: 'a', remoteRef: KEY, sourceRef: { generatorRef: { kind: 'Password', name: 'p' } } }] },
    'spec.data[0].sourceRef.generatorRef',
  ],
  [
    'another store for one key is served',
    { data: [{ secretKey: 'a', remoteRef: KEY, sourceRef: { storeRef: { name: 's' } } }] },
    undefined,
  ],
])('%s', (_, spec, field) => {
  expect(unsupportedField(spec)).toBe(field);
});
