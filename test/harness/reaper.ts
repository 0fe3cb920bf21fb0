/**
 * Nothing that the harness started outlives the process that started it, however that one ended (SIGKILL too).
 *
 * One supervisor process per harness process is told of every child, control group and temporary directory over a pipe.
 * When the pipe closes, it kills the children that are left and removes the rest. The rest of the harness gets
 * processes from managed-process.ts and directories from {@link temporaryDirectory}, which tell it by themselves.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processIdentity } from './process-identity.ts';

let supervisor: ChildProcess | undefined;

/** Call it in the tick of the spawn: until a child's end was noticed, its pid cannot belong to another process. */
export function superviseProcess(pid: number): void {
  const identity = processIdentity(pid);
  if (identity !== undefined) {
    tell(`pid ${pid} ${identity}`);
  }
}

export function forgetProcess(pid: number): void {
  tell(`forget-pid ${pid}`);
}

/** A control group of this name is removed with all below it, after the processes. */
export function superviseCgroup(name: string): void {
  tell(`cgroup ${name}`);
}

export function forgetCgroup(name: string): void {
  tell(`forget-cgroup ${name}`);
}

export interface TemporaryDirectory {
  readonly path: string;
  remove(): void;
}

/** Makes `${TMPDIR}/keyturn-<purpose>-XXXXXX`, which only this user can read. */
export function temporaryDirectory(purpose: string): TemporaryDirectory {
  const path = mkdtempSync(join(tmpdir(), `keyturn-${purpose}-`));
  tell(`dir ${path}`);
  return {
    path,
    remove() {
      rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
      tell(`forget-dir ${path}`);
    },
  };
}

function tell(line: string): void {
  supervisor ??= startSupervisor();
  supervisor.stdin?.write(`${line}\n`);
}

function startSupervisor(): ChildProcess {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./reaper-process.ts', import.meta.url))], {
    cwd: '/',
    env: { PATH: process.env['PATH'] },
    // A session of its own, so that Ctrl-C does not reach it; no output, so that it holds nobody's pipe open.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') {
    child.stdin.unref();
  }
  return child;
}
