/**
 * `npm run generate`: writes every file, or part of one, that is made from the sources.
 * With --check it writes nothing, names what is out of date, and exits 1 when there is any.
 */

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { abandonedCrds, renderCrds } from './crds.ts';
import { withOptionsTable } from './readme-options.ts';

const ROOT = join(import.meta.dirname, '..', '..');

async function present(path: string): Promise<string | undefined> {
  return await readFile(join(ROOT, path), 'utf8').catch(() => undefined);
}

/** What should be there: path to content, undefined for a file that should not be. */
async function wantedFiles(): Promise<ReadonlyMap<string, string | undefined>> {
  const wanted = new Map<string, string | undefined>();
  for (const [file, content] of renderCrds()) wanted.set(`crds/${file}`, content);
  for (const file of await abandonedCrds(ROOT)) wanted.set(`crds/${file}`, undefined);
  wanted.set('README.md', withOptionsTable((await present('README.md')) ?? ''));
  return wanted;
}

const stale = [];
for (const [path, content] of await wantedFiles()) {
  if ((await present(path)) !== content) stale.push({ path, content });
}
if (process.argv.includes('--check')) {
  if (stale.length > 0) {
    process.stderr.write(`out of date, run \`npm run generate\`: ${stale.map(({ path }) => path).join(', ')}\n`);
    process.exitCode = 1;
  }
} else {
  await mkdir(join(ROOT, 'crds'), { recursive: true });
  for (const { path, content } of stale) {
    await (content === undefined ? rm(join(ROOT, path)) : writeFile(join(ROOT, path), content));
  }
}
