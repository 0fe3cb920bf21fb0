/** Bundles the operator into `dist/keyturn.js`: the one file that the image runs, without node_modules. */

import { build } from 'esbuild';

/** CommonJS packages inside an ES module bundle still call `require` for Node's own modules. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

await build({
  entryPoints: ['src/main.ts'],
  outfile: 'dist/keyturn.js',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  keepNames: true,
  sourcemap: 'external',
  legalComments: 'external',
  banner: { js: REQUIRE },
  logLevel: 'warning',
});
