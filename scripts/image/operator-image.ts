/**
 * The operator's image without Docker and without a registry: what the last stage of the Dockerfile says, on a stand-in for
 * its base. `npm run e2e` holds it against what a builder makes of the Dockerfile.
 */

import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ImageStage, lastStage } from './dockerfile.ts';
import { type WrittenImage, writeImageArchive } from './image-archive.ts';
import { layStandInBase, put } from './stand-in-base.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Where the Dockerfile's build stage works. */
const BUILD_DIRECTORY = '/build/';

export interface OperatorImage {
  /** `name:tag` */
  readonly name: string;
  /** A docker-archive. */
  readonly outfile: string;
  readonly signal?: AbortSignal | undefined;
}

/** What `npm run build` made is taken as it is. @throws Error when a file of it is missing */
export async function writeOperatorImage({ name, outfile, signal }: OperatorImage): Promise<WrittenImage> {
  await mkdir(dirname(outfile), { recursive: true });
  const rootDirectory = await mkdtemp(join(dirname(outfile), '.rootfs-'));
  try {
    const config = await layOperatorImage(rootDirectory);
    return await writeImageArchive({ name, rootDirectory, config, outfile, signal });
  } finally {
    await rm(rootDirectory, { recursive: true, force: true });
  }
}

/** Into an empty directory. @returns how it is run @throws Error when a file of the build is missing */
export async function layOperatorImage(rootDirectory: string): Promise<ImageStage> {
  const stage = lastStage(await readFile(join(ROOT, 'Dockerfile'), 'utf8'));
  await layStandInBase(rootDirectory, stage.entrypoint[0] ?? '');
  await layCopies(rootDirectory, stage);
  return stage;
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
