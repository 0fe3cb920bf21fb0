/** Runs the built program to its end, as a person does. */

import { OPERATOR_BUNDLE } from '../harness/operator-bundle.ts';
import { type CommandResult, runCommand } from '../harness/run-command.ts';

export function keyturn(args: readonly string[], cwd: string): Promise<CommandResult> {
  return runCommand({
    name: `keyturn ${args.join(' ')}`,
    command: process.execPath,
    args: [OPERATOR_BUNDLE, ...args],
    env: { PATH: process.env['PATH'], HOME: cwd },
    cwd,
    timeoutMs: 30_000,
  });
}
