/** One process at a time: a lock file that a dead process does not keep. */

import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, processIdentity } from './process-identity.ts';
import type { Progress } from './progress.ts';

const POLL_MS = 200;

let drafts = 0;

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told once, when another process has the lock. */
  readonly progress?: Progress | undefined;
}

/**
 * Runs `work` while holding the lock. A lock whose process has died is taken over; should two processes do that in
 * the same instant, both may run, so `work` must be right then too (write aside and rename).
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const mine = `${process.pid} ${processIdentity(process.pid) ?? ''}`;
  drafts += 1;
  const draft = `${path}.${process.pid}.${drafts}`;
  let told = false;
  while (!(await tryTake(path, draft, mine))) {
    const holder = await readHolder(path);
    if (holder !== undefined && !isRunning(holder.pid, holder.identity)) {
      await evict(path, holder.text);
      continue;
    }
    if (!told && holder !== undefined && holder.pid !== process.pid) {
      told = true;
      options.progress?.(`waiting for another run (pid ${holder.pid}) that prepares the same`);
    }
    await sleep(POLL_MS, undefined, { signal: options.signal });
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** `link` either makes the lock with its content whole or fails. */
async function tryTake(path: string, draft: string, content: string): Promise<boolean> {
  await writeFile(draft, content);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      return false;
    }
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function readHolder(path: string): Promise<{ pid: number; identity: string; text: string } | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    const [pid = '', identity = ''] = text.split(' ');
    return { pid: Number(pid), identity, text };
  } catch {
    return undefined;
  }
}

/** Renaming gives the dead lock to one evictor; what turns out to be a new lock is put back. */
async function evict(path: string, deadText: string): Promise<void> {
  const aside = `${path}.${process.pid}.dead`;
  try {
    await rename(path, aside);
    if ((await readFile(aside, 'utf8')) !== deadText) {
      await link(aside, path);
    }
  } catch {
    // Another process was faster.
  } finally {
    await rm(aside, { force: true });
  }
}
