/** `keyturn`: which command, its help, and its exit status. */

import { describeSettings, readOptions, UsageError } from '../options.ts';
import { runOperator } from '../run-operator.ts';
import { POLICY_HELP, policy } from './policy-command.ts';
import type { Process } from './process.ts';

const HELP = `Keyturn keeps AWS Secrets Manager values in sync with Kubernetes Secrets.

Usage: keyturn run [options]
       keyturn policy [options]             prints the least IAM policies; see keyturn policy --help

Options of run (each also as an environment variable; a flag wins):
${describeSettings()}
  --help                                 show this
`;

interface Command {
  readonly help: string;
  /** The exit status when the command line is wrong. */
  readonly misused: number;
  run(args: readonly string[], process: Process): Promise<number>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  run: {
    help: HELP,
    misused: 2,
    run: (args, { env, stop }) => runOperator(readOptions(args, env), env, stop),
  },
  // 2 says there that something differs.
  policy: { help: POLICY_HELP, misused: 1, run: policy },
};

/** The exit status: 0 when all went well, 1 when the command could not do its work, 2 when the command line is wrong. */
export async function main(process: Process): Promise<number> {
  const [name = '', ...args] = process.args;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (name === '--help' || name === 'help' || args.includes('--help')) {
    process.print(command?.help ?? HELP);
    return 0;
  }
  try {
    if (command === undefined) throw new UsageError(`unknown command "${name}"; use keyturn run, or --help`);
    return await command.run(args, process);
  } catch (error) {
    process.complain(`keyturn: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof UsageError ? (command?.misused ?? 2) : 1;
  }
}
