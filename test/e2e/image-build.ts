/**
 * Builds the Dockerfile as it is, by buildah, without an engine and without the registries of its base images: stand-ins
 * have their names. The one for the build stage holds less than the real one (a shell, Node and npm).
 */

import { access, cp, mkdir, readFile, realpath, symlink } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { argumentDefaults } from '../../scripts/image/dockerfile.ts';
import { layStandInBase, put } from '../../scripts/image/stand-in-base.ts';
import { programPath } from '../harness/executable.ts';
import { type CommandResult, runCommand } from '../harness/run-command.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TIMEOUT_MS = 10 * 60_000;
const IMAGE = 'keyturn:built';
/** Where distroless has it. */
const NODE = '/nodejs/bin/node';
/** Debian's busybox-static, which needs no libraries. */
const BUSYBOX = '/bin/busybox';
/** buildah remembers blobs in /var/lib whatever root it is given; what it mounts and writes there ends with it. */
const APART = ['--mount', 'sh', '-c', 'mount -t tmpfs tmpfs /var/lib && exec "$@"', 'sh'];

export interface BuiltImage {
  /** What it holds. */
  readonly rootDirectory: string;
  /** https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md: `config` */
  readonly config: Readonly<Record<string, unknown>>;
}

/** Where buildah is not, its test is left out. */
export async function hasImageBuilder(): Promise<boolean> {
  return process.getuid?.() === 0 && (await programPath('buildah')) !== undefined;
}

/** @param directory all that is written is below it @throws Error with what the builder said */
export async function buildDockerfile(directory: string): Promise<BuiltImage> {
  const buildah = builderIn(directory);
  const images = argumentDefaults(await readFile(join(ROOT, 'Dockerfile'), 'utf8'));
  await commit(buildah, join(directory, 'build-image'), images['BUILD_IMAGE'], layBuildImage);
  await commit(buildah, join(directory, 'base-image'), images['BASE_IMAGE'], (root) => layStandInBase(root, NODE));
  const options = ['--isolation', 'chroot', '--pull-never', '--format', 'docker'];
  await buildah('build', ...options, ...(await npmVolumes()), '--tag', IMAGE, ROOT);
  const container = await buildah('from', '--pull-never', IMAGE);
  const { OCIv1: image }: { OCIv1: { config: BuiltImage['config'] } } = JSON.parse(
    await buildah('inspect', '--type', 'image', IMAGE),
  );
  return { rootDirectory: await buildah('mount', container), config: image.config };
}

type Buildah = (...args: readonly string[]) => Promise<string>;

function builderIn(directory: string): Buildah {
  const store = ['--root', join(directory, 'root'), '--runroot', join(directory, 'run'), '--storage-driver', 'vfs'];
  const proxies = Object.entries(process.env).filter(([name]) => /_proxy$/i.test(name));
  const env = { ...Object.fromEntries(proxies), PATH: process.env['PATH'], TMPDIR: directory };
  return async (...args) => {
    const name = `buildah ${args[0]}`;
    const line = [...APART, 'buildah', ...store, ...args];
    return outputOf(name, await runCommand({ name, command: 'unshare', args: line, env, timeoutMs: TIMEOUT_MS }));
  };
}

function outputOf(name: string, { exitCode, stdout, stderr }: CommandResult): string {
  if (exitCode !== 0) throw new Error(`${name} failed (${exitCode}): ${stdout}${stderr}`);
  return stdout.trim();
}

async function commit(
  buildah: Buildah,
  rootDirectory: string,
  image: string | undefined,
  lay: (rootDirectory: string) => Promise<void>,
): Promise<void> {
  if (image === undefined) throw new Error('the Dockerfile does not name the images that it starts from as arguments');
  await mkdir(rootDirectory);
  await lay(rootDirectory);
  const container = await buildah('from', 'scratch');
  await buildah('add', '--quiet', container, rootDirectory, '/');
  await buildah('commit', '--quiet', '--rm', container, image);
}

async function layBuildImage(rootDirectory: string): Promise<void> {
  await layStandInBase(rootDirectory, '/usr/local/bin/node');
  await put(BUSYBOX, join(rootDirectory, 'bin/busybox'));
  await symlink('busybox', join(rootDirectory, 'bin/sh'));
  await mkdir(join(rootDirectory, 'usr/bin'), { recursive: true });
  await symlink('/bin/busybox', join(rootDirectory, 'usr/bin/env'));
  const npm = await realpath((await programPath('npm')) ?? 'npm');
  await cp(dirname(dirname(npm)), join(rootDirectory, 'usr/local/lib/node_modules/npm'), { recursive: true });
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(rootDirectory, 'usr/local/bin/npm'));
}

/** What npm of this machine knows of its registry is lent to the build, and its cache; none of it gets into a layer. */
async function npmVolumes(): Promise<readonly string[]> {
  const keys = ['userconfig', 'globalconfig', 'cafile', 'cache'];
  // It looks for settings beside the Node that runs it, and beside the one of node_modules there are none.
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  const path = directories.filter((directory) => !directory.includes('node_modules')).join(delimiter);
  const env = { PATH: path, HOME: process.env['HOME'] };
  const command = { name: 'npm config', command: 'npm', args: ['config', 'get', ...keys], cwd: '/', env };
  const lines = outputOf('npm config', await runCommand({ ...command, timeoutMs: TIMEOUT_MS })).split('\n');
  const settings = new Map(lines.map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)] as const));
  const cafile = settings.get('cafile') ?? '';
  const mounts = [
    [settings.get('userconfig') ?? '', '/root/.npmrc:ro'],
    [settings.get('globalconfig') ?? '', '/usr/local/etc/npmrc:ro'],
    [cafile, `${cafile}:ro`],
    [settings.get('cache') ?? '', '/root/.npm'],
  ] as const;
  const present = await Promise.all(mounts.map(async ([from, to]) => ((await isThere(from)) ? [`${from}:${to}`] : [])));
  return present.flat().flatMap((mount) => ['--volume', mount]);
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
