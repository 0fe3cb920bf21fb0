/** Bundles the operator into `dist/keyturn.js`: the one file that the image runs, without node_modules. */

import { mkdir, rename, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { leaveOut } from './bundle/leave-out.ts';
import { MALLOC_ENVIRONMENT, NODE_FLAGS } from './node-flags.ts';

/** CommonJS packages inside an ES module bundle still call `require` for Node's own modules. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

const variables = Object.entries(MALLOC_ENVIRONMENT).map(([name, value]) => `${name}=${value}`);
const SHEBANG = `#!/usr/bin/env -S ${[...variables, 'node', ...NODE_FLAGS].join(' ')}`;

const { outputFiles } = await build({
  write: false,
  entryPoints: ['src/main.ts'],
  outfile: 'dist/keyturn.js',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // Without comments and indentation: Node keeps the source in memory, twice its size where one character is not
  // Latin-1. Names stay as they are, and the map beside the bundle tells the lines.
  minifyWhitespace: true,
  // A crash prints the line that it happened in.
  lineLimit: 120,
  plugins: [leaveOut],
  sourcemap: 'external',
  legalComments: 'external',
  banner: { js: `${SHEBANG}\n${REQUIRE}` },
  logLevel: 'warning',
});

await mkdir('dist', { recursive: true });
for (const { path, contents } of outputFiles) {
  // Whole or not at all: another process may be about to run it.
  const partial = `${path}.${process.pid}.partial`;
  await writeFile(partial, contents, { mode: path.endsWith('.js') ? 0o755 : 0o644 });
  await rename(partial, path);
}
