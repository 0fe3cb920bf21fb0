/**
 * `npm run generate`: writes every file, or part of one, that is made from the sources.
 * With --check it writes nothing, names what is out of date, and exits 1 when there is any.
 */

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { abandonedCrds, renderCrds } from './crds.ts';
import { withForeignValues } from './foreign-values.ts';
import { renderManifests } from './manifests.ts';
import { withOptionsTable } from './readme-options.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** The chart has its own: Helm reads no file outside of it. */
const CRD_DIRECTORIES = ['crds', 'deploy/helm/keyturn/files/crds'];

async function present(path: string): Promise<string | undefined> {
  return await readFile(join(ROOT, path), 'utf8').catch(() => undefined);
}

/** What should be there: path to content, undefined for a file that should not be. */
async function wantedFiles(): Promise<ReadonlyMap<string, string | undefined>> {
  const wanted = new Map<string, string | undefined>();
  for (const directory of CRD_DIRECTORIES) {
    for (const [file, content] of renderCrds()) wanted.set(`${directory}/${file}`, content);
    for (const file of await abandonedCrds(join(ROOT, directory))) wanted.set(`${directory}/${file}`, undefined);
  }
  for (const [path, content] of await renderManifests(ROOT)) wanted.set(path, content);
  wanted.set('README.md', withOptionsTable((await present('README.md')) ?? ''));
  const foreign = (await present('deploy/helm/keyturn/files/foreign-values.yaml')) ?? '';
  wanted.set('docs/migration.md', withForeignValues((await present('docs/migration.md')) ?? '', foreign));
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
  for (const directory of CRD_DIRECTORIES) await mkdir(join(ROOT, directory), { recursive: true });
  for (const { path, content } of stale) {
    await (content === undefined ? rm(join(ROOT, path)) : writeFile(join(ROOT, path), content));
  }
}
