/** A program that is slow to get, kept in our own cache: `${XDG_CACHE_HOME:-~/.cache}/keyturn/<name>/<version>-<os>-<arch>/<name>`. */

import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory, type Environment } from './cache-directory.ts';
import { isExecutable } from './executable.ts';
import { withFileLock } from './file-lock.ts';
import type { Progress } from './progress.ts';

export interface CachedBinary {
  readonly name: string;
  readonly version: string;
  /** @returns path of the program in the scratch directory, from where it is moved */
  readonly make: (request: MakeRequest) => Promise<string>;
}

export interface CachedBinaryOptions {
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
  /** @default process.env */
  readonly env?: Environment | undefined;
}

export interface MakeRequest {
  /** Ours alone, on the file system of the cache. */
  readonly scratch: string;
  readonly env: Environment;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
}

/** Two runs beside each other make it once. @returns absolute path @throws what `make` throws */
export async function cachedBinary({ name, version, make }: CachedBinary, options: CachedBinaryOptions) {
  const { env = process.env, progress = () => undefined, signal } = options;
  const directory = cacheDirectory(env, name, `${version}-${process.platform}-${process.arch}`);
  const cached = join(directory, name);
  if (await isExecutable(cached)) return cached;
  const prepare = async () => {
    // Another run may have made it while this one waited for the lock.
    if (await isExecutable(cached)) return;
    await mkdir(directory, { recursive: true });
    const scratch = await mkdtemp(join(directory, '.partial-'));
    try {
      await rename(await make({ scratch, env, progress, signal }), cached);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  };
  await withFileLock(`${directory}.lock`, prepare, { progress, signal });
  return cached;
}
