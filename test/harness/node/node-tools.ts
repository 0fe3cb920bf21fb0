/** What a machine has to have before a node can run on it. */

import { join } from 'node:path';
import { isExecutable, programPath } from '../executable.ts';
import { MissingTool } from '../missing-tool.ts';
import { runCommand } from '../run-command.ts';
import { CNI_PLUGINS } from './container-runtime.ts';
import { forwardTo } from './forward.ts';
import { makeMachine } from './machine.ts';

const INSTALL_TIMEOUT_MS = 10 * 60_000;

/** Debian's package of each program that is run. */
const PACKAGES: Readonly<Record<string, string>> = {
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  iptables: 'iptables',
  ipset: 'ipset',
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

/** What single tests of the suite need: where it is missing they are left out, and say so. */
const PACKAGES_OF_TESTS: Readonly<Record<string, string>> = { buildah: 'buildah' };

/** As containerd lays an image over its place: not where the disk is an overlay itself, as that of a container is. */
const MOUNT_OVERLAY = `
  cd /var/lib
  mkdir try-lower try-upper try-work try-root
  mount -t overlay -o lowerdir=/var/lib/try-lower,upperdir=/var/lib/try-upper,workdir=/var/lib/try-work try try-root
`;

/** As NetworkPolicies are enforced. */
const MATCH_SET = `
  ipset create try hash:ip timeout 0
  iptables -w -A FORWARD -m set --match-set try src -j REJECT
`;

const UNUSED_LOOPBACK = '127.198.18.1';

/** @throws MissingTool: one line that says what to install, or what this user or system lacks */
export async function requireNodeTools(): Promise<void> {
  if (process.platform !== 'linux') throw new MissingTool(`A node runs on Linux; this is ${process.platform}.`);
  if (process.getuid?.() !== 0) throw new MissingTool('A node needs root: for namespaces, mounts and control groups.');
  const missing = await missingPackages(PACKAGES);
  if (missing.length > 0) {
    throw new MissingTool(
      `A node needs programs that are not here. On Debian: apt-get install --no-install-recommends ${missing.join(' ')}`,
    );
  }
  await requireMachine();
}

/** @throws MissingTool when a server of this host has one of them on all its addresses, and so on those of a machine too */
export async function requirePorts(ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    const taken = () => {
      throw new MissingTool(
        `A node needs port ${port}, which a server of this host has on all addresses: stop that one.`,
      );
    };
    await (await forwardTo(port, UNUSED_LOOPBACK, port).catch(taken)).stop();
  }
}

/** Installs what is missing, where apt-get and root are. What it cannot do is left to {@link requireNodeTools} to say. */
export async function installNodeTools(say: (line: string) => void): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const needed = await missingPackages(PACKAGES);
  const more = (await missingPackages(PACKAGES_OF_TESTS)).filter((name) => !needed.includes(name));
  // Apart, since apt-get installs nothing at all where it has not one of those that it is told.
  const installs = [needed, more].filter((names) => names.length > 0);
  if (installs.length === 0) return;
  say(`apt-get installs ${installs.flat().join(', ')}`);
  for (const args of [
    ['update', '-qq'],
    ...installs.map((names) => ['install', '-y', '-qq', '--no-install-recommends', ...names]),
  ]) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const command = { name: 'apt-get', command: 'apt-get', args, env, timeoutMs: INSTALL_TIMEOUT_MS };
    const result = await runCommand(command).catch(() => undefined);
    if (result?.exitCode !== 0) say(`apt-get ${args[0]} failed: ${result?.stderr.trim() ?? 'it is not here'}`);
  }
}

async function missingPackages(packages: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const wanted = [
    ...Object.entries(packages).map(async ([name, from]) => ((await programPath(name)) === undefined ? [from] : [])),
    ...Object.entries(FILES).map(async ([path, from]) => ((await isExecutable(path)) ? [] : [from])),
  ];
  return [...new Set((await Promise.all(wanted)).flat())];
}

/** Root within a container may not make one, unless the container is privileged. */
async function requireMachine(): Promise<void> {
  const machine = makeMachine();
  try {
    await machine.powerOn();
    await machine.run('iptables', '-w', '-t', 'nat', '-L');
    await machine.run('sh', '-ec', MATCH_SET);
    await machine.run('sh', '-ec', MOUNT_OVERLAY);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new MissingTool(
      `A node needs namespaces, mounts, a network and a control group of its own, and this root may not make them: ${why.trim().replaceAll(/\s*\n\s*/g, '; ')}`,
    );
  } finally {
    await machine.stop();
  }
}
