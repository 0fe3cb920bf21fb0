/** What a machine has to have before a node can run on it. */

import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { MissingTool } from '../missing-tool.ts';
import { CNI_PLUGINS } from './container-runtime.ts';

/** Debian's package of each program that is run. */
const PACKAGES: Readonly<Record<string, string>> = {
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  iptables: 'iptables',
  conntrack: 'conntrack',
  ip: 'iproute2',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  mount: 'mount',
  tar: 'tar',
};
/** Files at places of their own. */
const FILES: Readonly<Record<string, string>> = {
  [join(CNI_PLUGINS, 'ptp')]: 'containernetworking-plugins',
  '/bin/busybox': 'busybox-static',
};

/** @throws MissingTool: one line that says what to install, or what this user or system lacks */
export async function requireNodeTools(): Promise<void> {
  if (process.platform !== 'linux') throw new MissingTool(`A node runs on Linux; this is ${process.platform}.`);
  if (process.getuid?.() !== 0) throw new MissingTool('A node needs root: for namespaces, mounts and control groups.');
  const missing = await missingPackages();
  if (missing.length > 0) {
    throw new MissingTool(
      `A node needs programs that are not here. On Debian: apt-get install --no-install-recommends ${missing.join(' ')}`,
    );
  }
}

async function missingPackages(): Promise<readonly string[]> {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  const absent = async (paths: readonly string[]) => !(await Promise.all(paths.map(isThere))).includes(true);
  const programs = Object.entries(PACKAGES).map(
    ([name, from]) => [directories.map((directory) => join(directory, name)), from] as const,
  );
  const files = Object.entries(FILES).map(([path, from]) => [[path], from] as const);
  const wanted = await Promise.all(
    [...programs, ...files].map(async ([paths, from]) => ((await absent(paths)) ? [from] : [])),
  );
  return [...new Set(wanted.flat())];
}

async function isThere(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
