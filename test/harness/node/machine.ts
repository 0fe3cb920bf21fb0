/**
 * A machine within this one, for a node: namespaces of its own for processes, mounts and network. Whatever a container
 * runtime starts, mounts or routes in there is gone when its first process is, by the kernel's doing. What is global all
 * the same is its control group, and that the reaper knows of.
 *
 * `/run` is empty at each start; `/var/lib` and `/var/log` are the machine's own and stay while it is off.
 */

import { randomInt } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ManagedProcess, type ProcessOptions, startProcess } from '../managed-process.ts';
import { forgetCgroup, superviseCgroup, temporaryDirectory } from '../reaper.ts';
import { runCommand } from '../run-command.ts';
import { makeCgroup, removeCgroup } from './cgroup-tree.ts';

const START_TIMEOUT_MS = 10_000;
const COMMAND_TIMEOUT_MS = 120_000;
/** The shell collects the processes whose parents have ended, as any first process has to. */
const FIRST_PROCESS = fileURLToPath(new URL('./first-process.sh', import.meta.url));

/**
 * What a kubelet sets for the whole kernel unless it finds it so. It finds it so: files of ours lie over these.
 * https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/util/sysctl/sysctl.go
 */
const TUNABLES: Readonly<Record<string, number>> = {
  'vm/overcommit_memory': 1,
  'vm/panic_on_oom': 0,
  'kernel/panic': 10,
  'kernel/panic_on_oops': 1,
  'kernel/keys/root_maxkeys': 1_000_000,
  'kernel/keys/root_maxbytes': 25_000_000,
};

export interface Machine {
  /** Outside and inside the same path; removed by {@link stop}. */
  readonly directory: string;
  /** Of the machine, as this host reaches it. */
  readonly address: string;
  /** Of this host, as the machine and its pods reach it. */
  readonly hostAddress: string;
  /** Below the root of each hierarchy. */
  readonly cgroup: string;
  /** @throws Error when the kernel refuses */
  powerOn(): Promise<void>;
  /** All its processes end at once, as when a plug is pulled. */
  powerOff(): Promise<void>;
  /** A process in there. */
  start(options: ProcessOptions): Promise<ManagedProcess>;
  /** Runs a command in there to its end. @throws Error with what it said when it fails */
  run(command: string, ...args: readonly string[]): Promise<string>;
  /** Powers off and removes what is left. */
  stop(): Promise<void>;
}

/** Made, and off. */
export function makeMachine(signal?: AbortSignal): Machine {
  const directory = temporaryDirectory('node');
  const name = directory.path.slice(directory.path.lastIndexOf('/') + 1);
  const network = networkOf(randomInt(1 << 14));
  layOut(directory.path);
  let first: { readonly unshare: ManagedProcess; readonly pid: number } | undefined;

  const enter = () => {
    if (first === undefined) throw new Error('the machine is off');
    return ['--target', String(first.pid), '--mount', '--net', '--pid', '--wd=/', '--'];
  };
  const run: Machine['run'] = (command, ...args) => runHere(['nsenter', ...enter(), command, ...args], signal);
  const powerOff = async () => {
    await first?.unshare.kill();
    first = undefined;
    // The kernel would remove it too, at a time of its own.
    await runHere(['ip', 'link', 'delete', network.link]).catch(() => undefined);
    await removeCgroup(name);
    forgetCgroup(name);
  };
  return {
    directory: directory.path,
    cgroup: name,
    address: network.machine,
    hostAddress: network.host,
    async powerOn() {
      superviseCgroup(name);
      makeCgroup(name);
      const unshare = await startFirstProcess(directory.path, signal);
      first = { unshare, pid: onlyChildOf(unshare.pid) };
      await connect(network, first.pid, run, signal);
    },
    powerOff,
    start: (options) =>
      startProcess({ ...options, command: 'nsenter', args: [...enter(), options.command, ...options.args] }),
    run,
    async stop() {
      await powerOff();
      directory.remove();
    },
  };
}

function layOut(directory: string): void {
  // Processes of other users look below it, such as the operator's.
  chmodSync(directory, 0o755);
  for (const name of ['var-lib', 'var-log', 'tunables']) mkdirSync(join(directory, name));
  for (const [path, value] of Object.entries(TUNABLES)) {
    writeFileSync(join(directory, 'tunables', path.replaceAll('/', '.')), `${value}\n`);
  }
}

async function startFirstProcess(directory: string, signal: AbortSignal | undefined): Promise<ManagedProcess> {
  const namespaces = ['--mount', '--net', '--pid', '--uts', '--ipc', '--fork', '--kill-child', '--mount-proc'];
  const unshare = await startProcess({
    name: 'the machine',
    command: 'unshare',
    args: [...namespaces, 'sh', FIRST_PROCESS, directory, ...Object.keys(TUNABLES)],
    env: { PATH: process.env['PATH'] },
    cwd: '/',
    signal,
  });
  try {
    await unshare.waitForOutput(/^ready$/m, START_TIMEOUT_MS);
    return unshare;
  } catch (error) {
    await unshare.kill();
    throw error;
  }
}

interface Network {
  readonly host: string;
  readonly machine: string;
  /** Of the host's end of the wire. */
  readonly link: string;
}

/** 198.18.0.0/16, which no network uses (RFC 2544), has room for 16,384 wires with two ends. */
function networkOf(wire: number): Network {
  const at = (offset: number) => `198.18.${wire >> 6}.${(wire & 63) * 4 + offset}`;
  return { host: at(1), machine: at(2), link: `keyturn-${wire}` };
}

/** The host's end goes with the machine's. */
async function connect(network: Network, pid: number, run: Machine['run'], signal?: AbortSignal): Promise<void> {
  const { host, machine, link } = network;
  const peer = ['peer', 'name', 'eth0', 'netns', String(pid)];
  await runHere(['ip', 'link', 'add', link, 'type', 'veth', ...peer], signal);
  await runHere(['ip', 'address', 'add', `${host}/30`, 'dev', link], signal);
  await runHere(['ip', 'link', 'set', link, 'up'], signal);
  await run('ip', 'address', 'add', `${machine}/30`, 'dev', 'eth0');
  await run('ip', 'link', 'set', 'eth0', 'up');
  await run('ip', 'link', 'set', 'lo', 'up');
  await run('ip', 'route', 'add', 'default', 'via', host);
}

async function runHere([command = '', ...args]: readonly string[], signal?: AbortSignal): Promise<string> {
  const env = { PATH: process.env['PATH'] };
  const name = [command, ...args].join(' ');
  const result = await runCommand({ name, command, args, env, cwd: '/', signal, timeoutMs: COMMAND_TIMEOUT_MS });
  if (result.exitCode !== 0) throw new Error(`${name} failed (${result.exitCode}): ${result.stderr.trim()}`);
  return result.stdout;
}

function onlyChildOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  if (!/^\d+$/.test(children)) throw new Error(`process ${pid} has the children '${children}', not one`);
  return Number(children);
}
