import { expect, it } from 'vitest';
import { billOfMaterials } from '../../../scripts/bundle/bill-of-materials.ts';

const PRODUCT = { name: 'keyturn', version: '1.2.3', description: 'd', license: 'Apache-2.0' };
const INTEGRITY = `sha512-${Buffer.alloc(64, 0xab).toString('base64')}`;
const PACKAGE = {
  name: 'yaml',
  version: '2.9.1',
  license: 'ISC',
  integrity: INTEGRITY,
  directory: 'node_modules/yaml',
};

it('names each package by purl, with the hash that the lock file pins, and each file by its digest', () => {
  const scoped = { ...PACKAGE, name: '@aws-sdk/core', license: '(MIT OR Apache-2.0)' };
  const files = [{ name: 'keyturn.js', contents: Buffer.from('abc') }];
  const bom = JSON.parse(billOfMaterials(PRODUCT, files, [PACKAGE, scoped]));
  expect(bom.components).toEqual([
    expect.objectContaining({
      purl: 'pkg:npm/yaml@2.9.1',
      hashes: [{ alg: 'SHA-512', content: 'ab'.repeat(64) }],
      licenses: [{ license: { id: 'ISC' } }],
    }),
    expect.objectContaining({
      group: '@aws-sdk',
      name: 'core',
      purl: 'pkg:npm/%40aws-sdk/core@2.9.1',
      licenses: [{ expression: 'MIT OR Apache-2.0' }],
    }),
  ]);
  expect(bom.metadata.component).toMatchObject({
    purl: 'pkg:npm/keyturn@1.2.3',
    components: [
      {
        name: 'keyturn.js',
        // SHA-256 of "abc", FIPS 180-2.
        hashes: [{ alg: 'SHA-256', content: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' }],
      },
    ],
  });
  expect(bom.dependencies).toEqual([
    { ref: 'pkg:npm/keyturn@1.2.3', dependsOn: ['pkg:npm/yaml@2.9.1', 'pkg:npm/%40aws-sdk/core@2.9.1'] },
  ]);
});

it('refuses a hash of another kind, which would be told as one of SHA-512', () => {
  const weak = { ...PACKAGE, integrity: 'sha1-q1MKE+RZFJgrefm34+uplM/R8/g=' };
  expect(() => billOfMaterials(PRODUCT, [], [weak])).toThrow('an integrity that is not of SHA-512: sha1-');
});
