/** Runs a command to its end and hands back what it printed. */

import { type ProcessOptions, startProcess } from './managed-process.ts';

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  /** 137 and the like for a signal, as shells have it. */
  readonly exitCode: number;
}

export type CommandOptions = ProcessOptions & {
  /** After this it is killed. */
  readonly timeoutMs: number;
};

/** @throws Error when it cannot be started or did not end in time; a non-zero exit code is a result. */
export async function runCommand(options: CommandOptions): Promise<CommandResult> {
  let stdout = '';
  let stderr = '';
  const command = await startProcess({
    ...options,
    onStdout: (text) => {
      stdout += text;
      options.onStdout?.(text);
    },
    onStderr: (text) => {
      stderr += text;
      options.onStderr?.(text);
    },
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    void command.kill();
  }, options.timeoutMs);
  const exit = await command.closed.finally(() => clearTimeout(timer));
  options.signal?.throwIfAborted();
  if (late) {
    throw new Error(`${options.name} did not end within ${options.timeoutMs} ms`);
  }
  return { stdout, stderr, exitCode: exit.code ?? 137 };
}
