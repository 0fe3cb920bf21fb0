/**
 * The supervisor that reaper.ts starts. It reads lines (`pid N IDENTITY`, `dir PATH`, `cgroup NAME`, and
 * `forget-pid N`, `forget-dir PATH`, `forget-cgroup NAME`) until its parent is gone, then ends and removes what is still listed.
 */

import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeCgroup } from './node/cgroup-tree.ts';
import { isRunning, processIdentity } from './process-identity.ts';

const GONE_TIMEOUT_MS = 10_000;

const identities = new Map<number, string>();
const directories = new Set<string>();
const cgroups = new Set<string>();

// Only the end of the parent ends it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => undefined);
}

for await (const line of createInterface({ input: process.stdin })) {
  take(line);
}
for (const [pid, identity] of identities) {
  killGroup(pid, identity);
}
await allGone();
await Promise.all(Array.from(cgroups, removeCgroup));
await Promise.all(
  Array.from(directories, (path) =>
    rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }).catch(() => undefined),
  ),
);

function take(line: string): void {
  const [word = '', rest = ''] = splitOnce(line);
  if (word === 'pid') {
    const [pid = '', identity = ''] = splitOnce(rest);
    identities.set(Number(pid), identity);
  } else if (word === 'forget-pid') {
    identities.delete(Number(rest));
  } else if (word === 'dir') {
    directories.add(rest);
  } else if (word === 'forget-dir') {
    directories.delete(rest);
  } else if (word === 'cgroup') {
    cgroups.add(rest);
  } else if (word === 'forget-cgroup') {
    cgroups.delete(rest);
  }
}

function splitOnce(text: string): readonly [string, string] {
  const space = text.indexOf(' ');
  return space === -1 ? [text, ''] : [text.slice(0, space), text.slice(space + 1)];
}

/** Each child leads its group. A leader that has gone may have left members; a pid with another life is not ours. */
function killGroup(pid: number, identity: string): void {
  const present = processIdentity(pid);
  if (!Number.isInteger(pid) || pid <= 1 || (present !== undefined && present !== identity)) {
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The whole group has ended.
  }
}

async function allGone(): Promise<void> {
  const deadline = performance.now() + GONE_TIMEOUT_MS;
  const someRun = () => Array.from(identities).some(([pid, identity]) => isRunning(pid, identity));
  while (someRun() && performance.now() < deadline) {
    await sleep(20);
  }
}
