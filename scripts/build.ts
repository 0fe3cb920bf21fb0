/**
 * Bundles the operator into `dist/keyturn.js`, and the process that renders templates into a file beside it: all that
 * the image has, without node_modules. Beside them are their bill of materials and the licences of what is in them.
 */

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BUNDLED_CHILD } from '../src/rendering/child-entry.ts';
import { billOfMaterials, type Product } from './bundle/bill-of-materials.ts';
import { buildBundle } from './bundle/build-bundle.ts';
import { bundledPackages } from './bundle/bundled-packages.ts';
import { leaveOut } from './bundle/leave-out.ts';
import { licenseNotices } from './bundle/license-notices.ts';
import { MALLOC_ENVIRONMENT, NODE_FLAGS } from './node-flags.ts';

const variables = Object.entries(MALLOC_ENVIRONMENT).map(([name, value]) => `${name}=${value}`);
const SHEBANG = `#!/usr/bin/env -S ${[...variables, 'node', ...NODE_FLAGS].join(' ')}`;

const bundles = [
  await buildBundle({ entry: 'src/rendering/child-main.ts', outfile: join('dist', BUNDLED_CHILD) }),
  await buildBundle({ entry: 'src/main.ts', outfile: 'dist/keyturn.js', shebang: SHEBANG, plugins: [leaveOut] }),
];
const packages = bundledPackages(bundles.map(({ metafile }) => metafile));
const product: Product = JSON.parse(await readFile('package.json', 'utf8'));
const files = bundles.flatMap((bundle) => bundle.files);
const code = files.filter(({ path }) => /\.m?js$/.test(path));
const shipped = code.map(({ path, contents }) => ({ name: basename(path), contents }));

await mkdir('dist', { recursive: true });
await Promise.all([
  ...files.map(({ path, contents }) => writeWhole(path, contents)),
  writeWhole('dist/sbom.cdx.json', billOfMaterials(product, shipped, packages)),
  writeWhole('dist/THIRD-PARTY-LICENSES.txt', licenseNotices(packages)),
]);

/** Whole or not at all: another process may be about to run it. */
async function writeWhole(path: string, contents: string | Uint8Array): Promise<void> {
  const partial = `${path}.${process.pid}.partial`;
  await writeFile(partial, contents, { mode: path.endsWith('.js') ? 0o755 : 0o644 });
  await rename(partial, path);
}
