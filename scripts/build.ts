/**
 * Bundles the operator into `dist/keyturn.js`, and the process that renders templates into a file beside it: all that
 * the image has, without node_modules.
 */

import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUNDLED_CHILD } from '../src/rendering/child-entry.ts';
import { buildBundle } from './bundle/build-bundle.ts';
import { leaveOut } from './bundle/leave-out.ts';
import { MALLOC_ENVIRONMENT, NODE_FLAGS } from './node-flags.ts';

const variables = Object.entries(MALLOC_ENVIRONMENT).map(([name, value]) => `${name}=${value}`);
const SHEBANG = `#!/usr/bin/env -S ${[...variables, 'node', ...NODE_FLAGS].join(' ')}`;

const renderer = await buildBundle({ entry: 'src/rendering/child-main.ts', outfile: join('dist', BUNDLED_CHILD) });
const operator = await buildBundle({
  entry: 'src/main.ts',
  outfile: 'dist/keyturn.js',
  shebang: SHEBANG,
  plugins: [leaveOut],
});

await mkdir('dist', { recursive: true });
for (const { path, contents } of [...renderer, ...operator]) {
  // Whole or not at all: another process may be about to run it.
  const partial = `${path}.${process.pid}.partial`;
  await writeFile(partial, contents, { mode: path.endsWith('.js') ? 0o755 : 0o644 });
  await rename(partial, path);
}
