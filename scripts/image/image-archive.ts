/**
 * A docker-archive: what `docker save` writes, and `docker load`, `ctr images import` and `kind load image-archive` read.
 * One layer. The same files give the same bytes.
 */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

export interface ImageConfig {
  readonly env: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** `uid:gid` */
  readonly user: string;
}

export interface ImageArchive {
  /** `name:tag` */
  readonly name: string;
  /** What the image holds; all of it will belong to root. */
  readonly rootDirectory: string;
  readonly config: ImageConfig;
  readonly outfile: string;
  readonly signal?: AbortSignal | undefined;
}

export interface WrittenImage {
  /** Of the files, uncompressed. */
  readonly layerBytes: number;
  /** Digest of the config, by which runtimes know the image. */
  readonly id: string;
}

/** Needs GNU tar. @throws Error with what it said */
export async function writeImageArchive(image: ImageArchive): Promise<WrittenImage> {
  const directory = await mkdtemp(join(dirname(image.outfile), '.image-'));
  try {
    await archive(image.rootDirectory, join(directory, 'layer.tar'), image.signal);
    const layer = await sha256Of(join(directory, 'layer.tar'));
    const config = JSON.stringify(configOf(image.config, layer));
    const id = createHash('sha256').update(config).digest('hex');
    await writeFile(join(directory, `${id}.json`), config);
    const manifest = [{ Config: `${id}.json`, RepoTags: [image.name], Layers: ['layer.tar'] }];
    await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest));
    const partial = `${image.outfile}.${process.pid}.partial`;
    await archive(directory, partial, image.signal);
    await rename(partial, image.outfile);
    return { layerBytes: (await stat(join(directory, 'layer.tar'))).size, id };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function configOf({ env, entrypoint, command, user }: ImageConfig, layer: string) {
  return {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: {
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      Entrypoint: entrypoint,
      Cmd: command,
      User: user,
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
  };
}

async function archive(directory: string, outfile: string, signal: AbortSignal | undefined): Promise<void> {
  const alike = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--format=gnu'];
  const stdio = ['ignore', 'ignore', 'pipe'] as const;
  const tar = spawn('tar', ['-c', ...alike, '-f', outfile, '-C', directory, '.'], { stdio: [...stdio], signal });
  const ended = new Promise<number | null>((resolve, reject) => {
    tar.on('error', reject);
    tar.on('close', resolve);
  });
  const [status, complaint] = await Promise.all([ended, text(tar.stderr)]);
  if (status !== 0) throw new Error(`tar could not write ${outfile}: ${complaint.trim()}`);
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
