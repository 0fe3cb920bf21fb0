/**
 * The software bill of materials, CycloneDX 1.6 in JSON: the packages that are in the bundles, with the hashes of the
 * archives that they come from, and the files that they became. No time and no serial number, so that the same inputs give
 * the same bytes. `npm sbom` would list everything that is installed, a third of which is not shipped.
 */

import { createHash } from 'node:crypto';
import type { BundledPackage } from './bundled-packages.ts';

export interface ShippedFile {
  readonly name: string;
  readonly contents: Uint8Array;
}

export interface Product {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
}

export function billOfMaterials(
  product: Product,
  files: readonly ShippedFile[],
  packages: readonly BundledPackage[],
): string {
  const ref = packageUrl(product);
  const refs = packages.map(packageUrl);
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: {
        type: 'application',
        'bom-ref': ref,
        name: product.name,
        version: product.version,
        description: product.description,
        licenses: licensesOf(product.license),
        purl: ref,
        components: files.map(fileComponent),
      },
    },
    components: packages.map(packageComponent),
    dependencies: [{ ref, dependsOn: refs }],
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function fileComponent({ name, contents }: ShippedFile) {
  const content = createHash('sha256').update(contents).digest('hex');
  return { type: 'file', 'bom-ref': `file:${name}`, name, hashes: [{ alg: 'SHA-256', content }] };
}

function packageComponent(each: BundledPackage) {
  const [scope, name] = each.name.startsWith('@') ? each.name.split('/') : [undefined, each.name];
  const purl = packageUrl(each);
  return {
    type: 'library',
    'bom-ref': purl,
    ...(scope === undefined ? {} : { group: scope }),
    name,
    version: each.version,
    scope: 'required',
    hashes: [{ alg: 'SHA-512', content: hexOf(each.integrity) }],
    licenses: licensesOf(each.license),
    purl,
  };
}

/** https://github.com/package-url/purl-spec: the scope's `@` is escaped, its slash is not. */
function packageUrl({ name, version }: { readonly name: string; readonly version: string }): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

function licensesOf(license: string): readonly object[] {
  return /\s/.test(license) ? [{ expression: license.replace(/^\((.*)\)$/, '$1') }] : [{ license: { id: license } }];
}

/** @throws Error for anything but SHA-512, which is all that npm's registry gives */
function hexOf(integrity: string): string {
  const base64 = /^sha512-([A-Za-z0-9+/=]+)$/.exec(integrity)?.[1];
  if (base64 === undefined) throw new Error(`an integrity that is not of SHA-512: ${integrity}`);
  return Buffer.from(base64, 'base64').toString('hex');
}
