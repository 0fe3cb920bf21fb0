/** A control group of our own in each hierarchy of this machine, under which a kubelet makes those of its pods. */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const MOUNTED_AT = '/sys/fs/cgroup';
/** What a kubelet asks for, where the machine has it. */
const CONTROLLERS = ['cpu', 'cpuset', 'hugetlb', 'memory', 'pids'];
const GONE_TIMEOUT_MS = 10_000;

/** @throws Error when this process may not, or nothing is mounted there */
export function makeCgroup(name: string): void {
  for (const hierarchy of hierarchies()) mkdirSync(join(hierarchy, name), { recursive: true });
  if (isUnified()) passControllersOn(name);
}

/**
 * The root of a container's own control groups passes none on as long as processes are in it (cgroups(7)), and a kubelet
 * would end without them.
 */
function passControllersOn(name: string): void {
  const present = controllersOf(MOUNTED_AT);
  const wanted = CONTROLLERS.filter((controller) => present.has(controller));
  for (const controller of wanted) {
    try {
      writeFileSync(join(MOUNTED_AT, 'cgroup.subtree_control'), `+${controller}`);
    } catch {
      // Told below, unless somebody else has done it.
    }
  }
  const passed = controllersOf(join(MOUNTED_AT, name));
  const lacking = wanted.filter((controller) => !passed.has(controller));
  if (lacking.length > 0) throw new Error(`${MOUNTED_AT} does not pass on ${lacking.join(', ')}`);
}

function controllersOf(path: string): ReadonlySet<string> {
  return new Set(readFileSync(join(path, 'cgroup.controllers'), 'utf8').split(/\s+/));
}

/** With all below it, once the processes that are in there have ended; after some seconds it is left. */
export async function removeCgroup(name: string): Promise<void> {
  const deadline = performance.now() + GONE_TIMEOUT_MS;
  for (const hierarchy of hierarchies()) {
    const path = join(hierarchy, name);
    while (!removed(path) && performance.now() < deadline) await sleep(50);
  }
}

function removed(path: string): boolean {
  if (!existsSync(path)) return true;
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      // The files are the kernel's and go with their directory.
      if (entry.isDirectory()) removed(join(path, entry.name));
    }
    rmdirSync(path);
    return true;
  } catch {
    return false;
  }
}

/** One in version 2, one for each controller in version 1. */
function hierarchies(): readonly string[] {
  if (isUnified()) return [MOUNTED_AT];
  const entries = readdirSync(MOUNTED_AT, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(MOUNTED_AT, entry.name));
}

function isUnified(): boolean {
  return existsSync(join(MOUNTED_AT, 'cgroup.controllers'));
}
