import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import { type Reference, referencesOf } from '../../../src/domain/references.ts';
import { parseVersion, refId } from '../../../src/domain/secret-ref.ts';
import type { SecretRef } from '../../../src/ports/secret-source.ts';
import { externalSecret, keyOf } from './manifests.ts';

function ofSpec(spec: ExternalSecretSpec, keyPrefix = ''): readonly Reference[] {
  const { metadata } = externalSecret();
  return referencesOf({ kind: 'ExternalSecret', metadata, spec }, (storeKey) => ({
    identityKey: `as ${storeKey}`,
    keyPrefix,
  }));
}

describe('referencesOf', () => {
  const spec = {
    data: [
      { secretKey: 'a', remoteRef: { key: 'one', version: 'AWSPREVIOUS' } },
      { secretKey: 'b', remoteRef: { key: 'two', property: 'p' } },
    ],
    dataFrom: [{ extract: { key: 'three' } }, { extract: { key: 'four', version: 'uuid/v-4' } }],
  };

  test('dataFrom comes first and data after it, each in order, since the later one wins', () => {
    expect(ofSpec(spec).map(({ field, secretKey }) => [field, secretKey])).toEqual([
      ['spec.dataFrom[0] (key: three)', undefined],
      ['spec.dataFrom[1] (key: four)', undefined],
      ['spec.data[0] (key: one)', 'a'],
      ['spec.data[1] (key: two)', 'b'],
    ]);
  });

  test('the prefix of the store goes in front of every key, and messages name the key of the manifest', () => {
    expect(ofSpec(spec, 'team/').map(keyOf)).toEqual(['team/three', 'team/four', 'team/one', 'team/two']);
    expect(ofSpec(spec, 'team/')[0]?.field).toBe('spec.dataFrom[0] (key: three)');
  });

  test('metadataPolicy Fetch asks for the tags, which no version has', () => {
    const [extract, one, none] = ofSpec(
      {
        dataFrom: [{ extract: { key: 'tagged', metadataPolicy: 'Fetch', version: 'AWSPREVIOUS' } }],
        data: [
          { secretKey: 'a', remoteRef: { key: 'tagged', metadataPolicy: 'Fetch', property: 'team' } },
          { secretKey: 'b', remoteRef: { key: 'tagged', metadataPolicy: 'None' } },
        ],
      },
      'team/',
    ).map(({ ref }) => ref);
    const tags = { key: 'team/tagged', version: { kind: 'tags' } };
    expect([extract, one]).toEqual([tags, tags]);
    expect(none).toMatchObject({ version: { kind: 'stage', stage: 'AWSCURRENT' } });
  });

  test('find asks for what matches, without the prefix of the store', () => {
    const find = { path: 'shop/', name: { regexp: '-db$' }, tags: { team: 'a' }, decodingStrategy: 'Base64' } as const;
    const rewrite = [{ regexp: { source: '/', target: '-' } }];
    const [found] = ofSpec({ dataFrom: [{ find, rewrite }] }, 'team/');
    expect(found).toMatchObject({
      field: 'spec.dataFrom[0].find',
      ref: { query: { path: 'shop/', nameRegexp: '-db$', tags: { team: 'a' } } },
      taking: { decodingStrategy: 'Base64' },
      secretKey: undefined,
      rewrite,
    });
  });

  test('the id of a current version is its key, which takes no memory', () => {
    const [, , , ref] = ofSpec(spec, 'team/').map((each) => each.ref);
    expect(ref && refId(ref)).toBe('team/two');
  });

  test('an entry may name another store, by whose credentials it is read', () => {
    const secretStoreRef = { name: 'aws' };
    const sourceRef = { storeRef: { name: 'shared', kind: 'ClusterSecretStore' } } as const;
    const references = ofSpec({
      secretStoreRef,
      dataFrom: [{ extract: { key: 'one' }, sourceRef }, { find: { name: { regexp: 'x' } } }],
      data: [
        { secretKey: 'a', remoteRef: { key: 'one' } },
        { secretKey: 'b', remoteRef: { key: 'one' }, sourceRef },
      ],
    });
    expect(references.map(({ storeKey }) => storeKey)).toEqual([
      'ClusterSecretStore/shared@team',
      'SecretStore/team/aws',
      'SecretStore/team/aws',
      'ClusterSecretStore/shared@team',
    ]);
    expect(references.map(({ identityKey, storeKey }) => identityKey === `as ${storeKey}`)).not.toContain(false);
    expect(references.map(({ refId: id }) => id)).toMatchObject(['one', expect.anything(), 'one', 'one']);
  });

  test('the same secret of two stores is two sources, of one store it is one', () => {
    const other = { storeRef: { name: 'other' } };
    const [first, again, second, same] = ofSpec({
      secretStoreRef: { name: 'aws', kind: 'SecretStore' },
      data: [
        { secretKey: 'a', remoteRef: { key: 'one' } },
        { secretKey: 'b', remoteRef: { key: 'one', property: 'p' }, sourceRef: { storeRef: { name: 'aws' } } },
        { secretKey: 'c', remoteRef: { key: 'one' }, sourceRef: other },
        { secretKey: 'd', remoteRef: { key: 'one', property: 'p' }, sourceRef: other },
      ],
    }).map(({ id }) => id);
    expect(again).toBe(first);
    expect(second).not.toBe(first);
    expect(same).toBe(second);
  });

  test('nothing is asked for by an empty spec', () => {
    expect(ofSpec({})).toEqual([]);
  });
});

describe('parseVersion', () => {
  test.each<[string, string | undefined, SecretRef['version']]>([
    ['absent is the current version', undefined, { kind: 'stage', stage: 'AWSCURRENT' }],
    ['empty is the current version', '', { kind: 'stage', stage: 'AWSCURRENT' }],
    ['a word is a stage', 'AWSPENDING', { kind: 'stage', stage: 'AWSPENDING' }],
    ['uuid/ names a version', 'uuid/01-ab', { kind: 'id', versionId: '01-ab' }],
    ['a bare id is a stage, as upstream takes it', '01-ab', { kind: 'stage', stage: '01-ab' }],
    ['the prefix counts in lower case only', 'UUID/x', { kind: 'stage', stage: 'UUID/x' }],
  ])('%s', (_, text, version) => {
    expect(parseVersion(text)).toEqual(version);
  });
});

describe('refId', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '#', 'id:', ' ', '"', '['), maxLength: 3 });
  const version = fc.oneof(
    fc.constant({ kind: 'tags' } as const),
    fc.constant({ kind: 'stage', stage: 'AWSCURRENT' } as const),
    text.map((stage) => ({ kind: 'stage', stage }) as const),
    text.map((versionId) => ({ kind: 'id', versionId }) as const),
  );
  const ref: fc.Arbitrary<SecretRef> = fc.record({ key: text, version });

  test('two refs have one id exactly when they mean the same', () => {
    fc.assert(
      fc.property(ref, ref, (a, b) => {
        expect(refId(a) === refId(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      { numRuns: 2_000 },
    );
  });

  test.each<[string, SecretRef, SecretRef]>([
    [
      'a stage that is spelled like an id',
      { key: 'k', version: { kind: 'stage', stage: 'id:v1' } },
      { key: 'k', version: { kind: 'id', versionId: 'v1' } },
    ],
    [
      'a key that is spelled like the id of a ref',
      { key: '["k","tags"]', version: { kind: 'stage', stage: 'AWSCURRENT' } },
      { key: 'k', version: { kind: 'tags' } },
    ],
    [
      'a hash sign in the key',
      { key: 'k#a', version: { kind: 'stage', stage: 'b' } },
      { key: 'k', version: { kind: 'stage', stage: 'a#b' } },
    ],
  ])('%s is not confused', (_, a, b) => {
    expect(refId(a)).not.toBe(refId(b));
  });
});
