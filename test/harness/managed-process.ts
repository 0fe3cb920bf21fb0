/** A child process that the reaper knows of: its output's tail, its end, and ways to end it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { forgetProcess, superviseProcess } from './reaper.ts';

const TAIL_CHARACTERS = 16_384;

export interface ProcessOptions {
  /** How messages call it. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment: nothing is inherited. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string | undefined;
  readonly input?: string | undefined;
  /** An abort kills it. */
  readonly signal?: AbortSignal | undefined;
  readonly onStdout?: ((text: string) => void) | undefined;
  readonly onStderr?: ((text: string) => void) | undefined;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ManagedProcess {
  readonly pid: number;
  readonly hasExited: boolean;
  readonly exited: Promise<ProcessExit>;
  /** Resolves when it has exited and all its output was read. */
  readonly closed: Promise<ProcessExit>;
  /** The last output, stdout and stderr as they came. */
  outputTail(): string;
  /**
   * Waits until the output's tail matches.
   * @throws Error with the tail when the process ends first or the time is over.
   */
  waitForOutput(pattern: RegExp, timeoutMs: number): Promise<void>;
  sendSignal(signal: NodeJS.Signals): void;
  /** SIGTERM to the process, and SIGKILL to its group if it has not ended after `graceMs`. */
  stop(graceMs: number): Promise<ProcessExit>;
  /** SIGKILL to the process and its children. */
  kill(): Promise<ProcessExit>;
}

/** @throws Error when the command cannot be started. */
export async function startProcess(options: ProcessOptions): Promise<ManagedProcess> {
  options.signal?.throwIfAborted();
  const child = spawn(options.command, options.args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: options.env,
    // It leads a group of its own, so that its children can be ended with it.
    detached: true,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  if (child.pid === undefined) {
    const [cause] = await once(child, 'error');
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`cannot start ${options.name}: ${reason}`, { cause });
  }
  superviseProcess(child.pid);
  const managed = manage(child, child.pid, options);
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(options.input);
  return managed;
}

function manage(child: ChildProcess, pid: number, options: ProcessOptions): ManagedProcess {
  const output = collectOutput(child, options);
  let hasExited = false;
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once('exit', (code, signal) => {
      hasExited = true;
      forgetProcess(pid);
      output.wake();
      resolve({ code, signal });
    });
  });
  const closed = new Promise<ProcessExit>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const kill = () => {
    if (!hasExited) {
      killGroup(pid);
    }
    return exited;
  };
  const onAbort = () => void kill();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  void exited.then(() => options.signal?.removeEventListener('abort', onAbort));

  return {
    pid,
    get hasExited() {
      return hasExited;
    },
    exited,
    closed,
    outputTail: output.tail,
    waitForOutput: (pattern, timeoutMs) => output.waitFor(pattern, timeoutMs, options.name, () => hasExited),
    sendSignal(signal) {
      child.kill(signal);
    },
    async stop(graceMs) {
      child.kill('SIGTERM');
      const giveUp = new AbortController();
      await Promise.race([exited, sleep(graceMs, undefined, { signal: giveUp.signal }).catch(() => undefined)]);
      giveUp.abort();
      return await kill();
    },
    kill,
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended in this moment; `exited` will tell.
  }
}

function collectOutput(child: ChildProcess, { onStdout, onStderr }: ProcessOptions) {
  let tail = '';
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const check of waiting) {
      check();
    }
  };
  const take = (chunk: unknown, tell: ((text: string) => void) | undefined) => {
    const text = String(chunk);
    tail = (tail + text).slice(-TAIL_CHARACTERS);
    tell?.(text);
    wake();
  };
  child.stdout?.setEncoding('utf8').on('data', (chunk) => take(chunk, onStdout));
  child.stderr?.setEncoding('utf8').on('data', (chunk) => take(chunk, onStderr));

  return {
    wake,
    tail: () => tail,
    waitFor(pattern: RegExp, timeoutMs: number, name: string, hasExited: () => boolean): Promise<void> {
      return new Promise((resolve, reject) => {
        const end = (error?: Error) => {
          clearTimeout(timer);
          waiting.delete(check);
          error === undefined ? resolve() : reject(error);
        };
        const fail = (why: string) => end(new Error(`${name} ${why}; its last output was:\n${tail.slice(-2_000)}`));
        const check = () => {
          if (pattern.test(tail)) {
            end();
          } else if (hasExited()) {
            fail(`ended before it said ${pattern}`);
          }
        };
        const timer = setTimeout(() => fail(`did not say ${pattern} within ${timeoutMs} ms`), timeoutMs);
        waiting.add(check);
        check();
      });
    },
  };
}
