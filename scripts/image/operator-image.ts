/**
 * The operator's image without Docker and without a registry: what the last stage of the Dockerfile says, on a stand-in for
 * its base: the Node binary of the npm package `node-linux-*` with the shared libraries that it links, at the paths of the
 * distroless image.
 */

import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ImageStage, lastStage } from './dockerfile.ts';
import { type WrittenImage, writeImageArchive } from './image-archive.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Where the Dockerfile's build stage works. */
const BUILD_DIRECTORY = '/build/';
const PASSWD = 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n';

export interface OperatorImage {
  /** `name:tag` */
  readonly name: string;
  /** A docker-archive. */
  readonly outfile: string;
  readonly signal?: AbortSignal | undefined;
}

/** What `npm run build` made is taken as it is. @throws Error when a file of it is missing */
export async function writeOperatorImage({ name, outfile, signal }: OperatorImage): Promise<WrittenImage> {
  const stage = lastStage(await readFile(join(ROOT, 'Dockerfile'), 'utf8'));
  await mkdir(dirname(outfile), { recursive: true });
  const rootDirectory = await mkdtemp(join(dirname(outfile), '.rootfs-'));
  try {
    // mkdtemp makes it for its owner only; in the image it is `/`.
    await chmod(rootDirectory, 0o755);
    await layBase(rootDirectory, stage);
    await layCopies(rootDirectory, stage);
    return await writeImageArchive({ name, rootDirectory, config: stage, outfile, signal });
  } finally {
    await rm(rootDirectory, { recursive: true, force: true });
  }
}

async function layBase(rootDirectory: string, { entrypoint: [node = ''] }: ImageStage): Promise<void> {
  const binary = nodeBinary();
  await put(binary, join(rootDirectory, node));
  for (const library of librariesOf(binary)) await put(library, join(rootDirectory, library));
  await mkdir(join(rootDirectory, 'etc'));
  await writeFile(join(rootDirectory, 'etc/passwd'), PASSWD);
  await mkdir(join(rootDirectory, 'tmp'));
  await chmod(join(rootDirectory, 'tmp'), 0o1777);
}

async function layCopies(rootDirectory: string, { copies }: ImageStage): Promise<void> {
  for (const { sources, target } of copies) {
    for (const source of sources) {
      if (!source.startsWith(BUILD_DIRECTORY)) throw new Error(`${source} is not in ${BUILD_DIRECTORY}`);
      const to = target.endsWith('/') ? join(target, basename(source)) : target;
      await put(join(ROOT, source.slice(BUILD_DIRECTORY.length)), join(rootDirectory, to));
    }
  }
}

/** Follows links, keeps the mode. */
async function put(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
}

/** The one of the pinned package, whatever Node runs this. */
function nodeBinary(): string {
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve(`node-linux-${process.arch}/package.json`)), 'bin/node');
}

/** With the loader itself, as ldd(1) tells; the paths are those in the image. */
function librariesOf(binary: string): readonly string[] {
  const lines = execFileSync('ldd', [binary], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}
