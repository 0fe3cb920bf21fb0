/** `keyturn`: which command, its help, and its exit status. */

import { describeSettings, readOptions, UsageError } from '../options.ts';
import { runOperator } from '../run-operator.ts';

const HELP = `Keyturn keeps AWS Secrets Manager values in sync with Kubernetes Secrets.

Usage: keyturn run [options]

Options (each also as an environment variable; a flag wins):
${describeSettings()}
  --help                                 show this
`;

/** What a command line needs of its process. */
export interface Process {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  print(text: string): void;
  complain(text: string): void;
  /** Aborted at the first SIGTERM or SIGINT. */
  readonly stop: AbortSignal;
}

/** The exit status: 0 when all went well, 1 when the operator could not run, 2 when the command line is wrong. */
export async function main(process: Process): Promise<number> {
  const [command, ...args] = process.args;
  if (command === '--help' || command === 'help' || args.includes('--help')) {
    process.print(HELP);
    return 0;
  }
  try {
    if (command !== 'run') throw new UsageError(`unknown command "${command ?? ''}"; use keyturn run, or --help`);
    return await runOperator(readOptions(args, process.env), process.env, process.stop);
  } catch (error) {
    if (error instanceof UsageError) {
      process.complain(`keyturn: ${error.message}\n`);
      return 2;
    }
    process.complain(`keyturn: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}
