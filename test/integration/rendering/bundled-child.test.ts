/** The bundle finds its child beside itself, from wherever and by whatever name it is run. */

import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildBundle } from '../../../scripts/bundle/build-bundle.ts';
import { type BuiltChild, buildChild } from './built-child.ts';

let built: BuiltChild;
beforeAll(async () => {
  built = await buildChild();
  const outfile = join(built.folder, 'keyturn.mjs');
  const { files } = await buildBundle({ entry: 'test/integration/rendering/render-once.ts', outfile });
  await Promise.all(files.map(({ path, contents }) => writeFile(path, contents)));
  await mkdir(join(built.folder, 'bin'));
  await symlink(outfile, join(built.folder, 'bin', 'keyturn'));
});
afterAll(() => built.remove());

test.each<[string, string, string]>([
  ['as it lies there', '.', 'keyturn.mjs'],
  ['from another directory', 'bin', '../keyturn.mjs'],
  ['through a symbolic link', '.', 'bin/keyturn'],
])('%s', async (_, folder, file) => {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [file], { cwd: join(built.folder, folder), env: {} });
  expect(stdout).toBe('APP - 1 ca978112');
});
