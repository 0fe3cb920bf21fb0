/** Which npm packages are in the bundles, by esbuild's own account: what is installed is more than what is shipped. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX identifier or expression, as the package declares it. */
  readonly license: string;
  /** Of the archive that the lock file pins: `sha512-<base64>`. */
  readonly integrity: string;
  /** Relative to the project. */
  readonly directory: string;
}

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
}

const PACKAGE_DIRECTORY = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;

/**
 * The packages of which at least one byte is in an output, sorted by name and version.
 * @throws Error when the lock file does not know one: then node_modules is not what the lock file says
 */
export function bundledPackages(metafiles: readonly Metafile[], root = '.'): readonly BundledPackage[] {
  const directories = new Set(metafiles.flatMap(contributingDirectories));
  const lock = lockedPackages(root);
  const packages = Array.from(directories, (directory) => describe(directory, lock.get(directory)));
  return packages.sort((a, b) => compare(a.name, b.name) || compare(a.version, b.version));
}

function contributingDirectories({ outputs }: Metafile): readonly string[] {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .flatMap(([path]) => PACKAGE_DIRECTORY.exec(path)?.[0] ?? []),
  );
}

function lockedPackages(root: string): ReadonlyMap<string, LockedPackage> {
  const lock: { packages: Readonly<Record<string, LockedPackage>> } = JSON.parse(
    readFileSync(join(root, 'package-lock.json'), 'utf8'),
  );
  return new Map(Object.entries(lock.packages));
}

function describe(directory: string, locked: LockedPackage | undefined): BundledPackage {
  const { version, license, integrity } = locked ?? {};
  if (version === undefined || license === undefined || integrity === undefined) {
    throw new Error(`package-lock.json does not say version, license and integrity of ${directory}: run npm ci`);
  }
  const name = directory.slice(directory.lastIndexOf('node_modules/') + 'node_modules/'.length);
  return { name, version, license, integrity, directory };
}

/** By code points: a locale would sort differently on another machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
