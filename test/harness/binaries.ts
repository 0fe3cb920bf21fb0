/**
 * Where etcd and Kubernetes' binaries come from, the first place that has them:
 *
 * 1. `KUBEBUILDER_ASSETS`, a directory (what setup-envtest sets),
 * 2. our own cache, `${XDG_CACHE_HOME:-~/.cache}/keyturn/control-plane/<version>-<os>-<arch>/`,
 * 3. a download of released binaries into that cache (binary-download.ts),
 * 4. a build from the pinned Go modules into that cache (binary-build.ts).
 *
 * What one place lacks comes from the next. Two runs beside each other prepare the cache once.
 */

import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buildBinaries } from './binary-build.ts';
import { downloadBinaries, PUBLIC_RELEASES, type ReleaseSite } from './binary-download.ts';
import { cacheDirectory, type Environment } from './cache-directory.ts';
import { withFileLock } from './file-lock.ts';
import { MissingTool } from './missing-tool.ts';
import type { Progress } from './progress.ts';

export const KUBERNETES_VERSION = 'v1.37.2';

/** What a control plane needs. */
export const BINARY_NAMES = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl'] as const;

/** What runs pods. */
export const NODE_BINARY_NAMES = ['kube-scheduler', 'kubelet'] as const;

export type BinaryName = (typeof BINARY_NAMES)[number] | (typeof NODE_BINARY_NAMES)[number];

export interface Platform {
  /** As Go names it: `linux`, `darwin`. */
  readonly os: string;
  /** As Go names it: `amd64`, `arm64`. */
  readonly arch: string;
}

/** How one place puts binaries into a directory; it may leave some out. */
export interface BinaryRequest {
  readonly names: readonly BinaryName[];
  readonly directory: string;
  readonly version: string;
  readonly platform: Platform;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
}

export interface BinariesOptions {
  /** @default those of the control plane */
  readonly names?: readonly BinaryName[] | undefined;
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
  /** @default process.env */
  readonly env?: Environment | undefined;
  /** @default the public release sites */
  readonly releases?: ReleaseSite | undefined;
}

/** Absolute path of each binary that was asked for. */
export type Binaries = ReadonlyMap<BinaryName, string>;

/** @throws MissingTool, one line that says what to install, when no place has them. */
export async function controlPlaneBinaries(options: BinariesOptions = {}): Promise<Binaries> {
  const { names = BINARY_NAMES, env = process.env, progress = () => undefined, signal } = options;
  const platform = thisPlatform();
  const directory = cacheDirectory(env, 'control-plane', `${KUBERNETES_VERSION}-${platform.os}-${platform.arch}`);
  const found = new Map<BinaryName, string>();
  const missing = () => names.filter((name) => !found.has(name));

  if (env['KUBEBUILDER_ASSETS']) {
    await collect(env['KUBEBUILDER_ASSETS'], missing(), found);
  }
  await collect(directory, missing(), found);
  if (missing().length > 0) {
    await mkdir(directory, { recursive: true });
    const prepare = () =>
      fillCache({ directory, version: KUBERNETES_VERSION, platform, progress, signal }, found, names, options);
    await withFileLock(`${directory}.lock`, prepare, { progress, signal });
  }
  progress(`control plane binaries: ${places(found)}`);
  return found;
}

/** Undefined when it is not there; one of {@link Binaries} otherwise. */
export function binaryPath(binaries: Binaries, name: BinaryName): string {
  const path = binaries.get(name);
  if (path === undefined) {
    throw new Error(`${name} was not asked for`);
  }
  return path;
}

async function fillCache(
  base: Omit<BinaryRequest, 'names'>,
  found: Map<BinaryName, string>,
  names: readonly BinaryName[],
  options: BinariesOptions,
): Promise<void> {
  const missing = () => names.filter((name) => !found.has(name));
  const reasons: string[] = [];
  const places = [
    // Another run may have filled it while this one waited for the lock.
    async () => undefined,
    (request: BinaryRequest) => downloadBinaries(request, options.releases ?? PUBLIC_RELEASES),
    (request: BinaryRequest) => buildBinaries(request, options.env ?? process.env),
  ];
  for (const fill of places) {
    try {
      await fill({ ...base, names: missing() });
    } catch (error) {
      base.signal?.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      reasons.push(reason);
      base.progress(reason);
    }
    // What was had before it failed counts.
    await collect(base.directory, missing(), found);
    if (missing().length === 0) {
      return;
    }
  }
  throw new MissingTool(
    `No ${missing().join(', ')} for the test cluster (${reasons.join('; ')}). Install Go 1.26 or newer` +
      ' (https://go.dev/dl) to build them, or set KUBEBUILDER_ASSETS to a directory that holds them.',
  );
}

async function collect(directory: string, names: readonly BinaryName[], found: Map<BinaryName, string>): Promise<void> {
  for (const name of names) {
    const path = join(directory, name);
    try {
      await access(path, constants.X_OK);
      found.set(name, path);
    } catch {
      // Another place may have it.
    }
  }
}

function places(found: Binaries): string {
  const directories = new Set(Array.from(found, ([name, path]) => path.slice(0, -name.length - 1)));
  return Array.from(directories).join(', ');
}

function thisPlatform(): Platform {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  return { os: process.platform, arch };
}
