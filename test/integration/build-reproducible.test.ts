/** The build: the same inputs give the same bytes wherever they lie, and what is listed is what is in them. */

import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TemporaryDirectory, temporaryDirectory } from '../harness/reaper.ts';
import { runCommand } from '../harness/run-command.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PRODUCTS = [
  'keyturn.js',
  'keyturn.js.LEGAL.txt',
  'keyturn-renderer.mjs',
  'keyturn-renderer.mjs.LEGAL.txt',
  'sbom.cdx.json',
  'THIRD-PARTY-LICENSES.txt',
];

let directory: TemporaryDirectory;

/** What the build stage of the Dockerfile takes from the checkout, with the packages that are not for development alone, and esbuild. */
async function buildContextAt(root: string): Promise<void> {
  const dockerfile = await readFile(join(ROOT, 'Dockerfile'), 'utf8');
  const copied = [...dockerfile.matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap(([, paths = '']) => paths.split(' '));
  const lock: { packages: Readonly<Record<string, { dev?: boolean }>> } = JSON.parse(
    await readFile(join(ROOT, 'package-lock.json'), 'utf8'),
  );
  const packages = Object.entries(lock.packages).filter(
    ([path, { dev }]) => path !== '' && !/node-linux-/.test(path) && (dev !== true || /\besbuild\b/.test(path)),
  );
  const wanted = [...copied, ...packages.map(([path]) => path)];
  for (const path of wanted) {
    // Packages for other platforms are in the lock file and not here.
    await cp(join(ROOT, path), join(root, path), { recursive: true }).catch((error: unknown) => {
      if (!path.includes('node_modules')) throw error;
    });
  }
}

async function buildIn(root: string): Promise<Readonly<Record<string, string>>> {
  const env = { PATH: process.env['PATH'] };
  const command = { name: 'the build', command: process.execPath, args: ['scripts/build.ts'], cwd: root, env };
  const { exitCode, stderr } = await runCommand({ ...command, timeoutMs: 60_000 });
  expect(exitCode, stderr).toBe(0);
  return await digestsIn(root);
}

async function digestsIn(root: string): Promise<Readonly<Record<string, string>>> {
  const digests = PRODUCTS.map(async (name) => {
    const contents = await readFile(join(root, 'dist', name));
    return [name, createHash('sha256').update(contents).digest('hex')] as const;
  });
  return Object.fromEntries(await Promise.all(digests));
}

let checkout: string;
let digests: Readonly<Record<string, string>>;
beforeAll(async () => {
  directory = temporaryDirectory('build');
  checkout = join(directory.path, 'a');
  await buildContextAt(checkout);
  digests = await buildIn(checkout);
});
afterAll(() => directory.remove());

it('gives in the Dockerfile what it gives in a checkout', async () => {
  expect(digests).toEqual(await digestsIn(ROOT));
});

it('gives the same bytes in another directory', async () => {
  const deeper = join(directory.path, 'somewhere/else/deeper');
  await mkdir(deeper, { recursive: true });
  // Moved whole: half a gigabyte of packages need not be copied twice.
  await rename(checkout, deeper);
  checkout = deeper;
  await rm(join(checkout, 'dist'), { recursive: true });
  expect(await buildIn(checkout)).toEqual(digests);
});

it('lists the packages whose code is in the bundle, and none that is only installed', async () => {
  const bom = JSON.parse(await readFile(join(checkout, 'dist/sbom.cdx.json'), 'utf8'));
  const listed = new Set<string>(
    bom.components.map(({ group, name }: { group?: string; name: string }) => (group ? `${group}/${name}` : name)),
  );
  const map: { sources: readonly string[] } = JSON.parse(await readFile(join(checkout, 'dist/keyturn.js.map'), 'utf8'));
  const rendering: { sources: readonly string[] } = JSON.parse(
    await readFile(join(checkout, 'dist/keyturn-renderer.mjs.map'), 'utf8'),
  );
  // The source maps are another account of what is in there.
  const mapped = new Set(
    [...map.sources, ...rendering.sources].flatMap(
      (path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
    ),
  );
  expect(mapped.size).toBeGreaterThan(20);
  expect([...mapped].filter((name) => !listed.has(name))).toEqual([]);
  expect([...listed].filter((name) => /^(vitest|esbuild|typescript|node-linux-.*)$/.test(name))).toEqual([]);
});

it('hands on the licence of each package that is listed', async () => {
  const bom = JSON.parse(await readFile(join(checkout, 'dist/sbom.cdx.json'), 'utf8'));
  const licenses = await readFile(join(checkout, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
  for (const { group, name, version } of bom.components) {
    expect(licenses).toContain(`${group ? `${group}/` : ''}${name} ${version}: `);
  }
  expect(licenses).toContain('Permission is hereby granted, free of charge');
});

it('gives other bytes when a source is another', async () => {
  const main = join(checkout, 'src/main.ts');
  await writeFile(main, `${await readFile(main, 'utf8')}\nprocess.title = '';`);
  expect((await buildIn(checkout))['keyturn.js']).not.toBe(digests['keyturn.js']);
});
