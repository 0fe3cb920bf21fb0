/** `keyturn`: which command, its help, and its exit status. */

import { verdictOf } from '../domain/forecast.ts';
import { describeSettings, readOptions, UsageError } from '../options.ts';
import { readPlanOptions } from '../plan-options.ts';
import { runOperator } from '../run-operator.ts';
import { runPlan } from '../run-plan.ts';
import { planJson, planText } from './plan-output.ts';

const HELP = `Keyturn keeps AWS Secrets Manager values in sync with Kubernetes Secrets.

Usage: keyturn run [options]
       keyturn plan [options] [--output text|json] [namespace/name | namespace/* ...]

run   serves the cluster until it is told to stop.
plan  looks once, writes nothing, and prints what run with the same options would do: for each ExternalSecret, or for
      those that are named. Of values it prints digests under a key that only this run has. Exit status: 0 when nothing
      would change, 2 when something would, 1 when it could not be found out.

A command line that cannot be understood ends with status 64.

Options of both (each also as an environment variable; a flag wins):
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

/** As sysexits.h has it (EX_USAGE): 2 is a plan's answer. */
const WRONG_USAGE = 64;
const FAILED = 1;

const PLAN_STATUSES: Readonly<Record<ReturnType<typeof verdictOf>, number>> = { unchanged: 0, changes: 2, unknown: 1 };

async function plan({ env, print, stop }: Process, args: readonly string[]): Promise<number> {
  const options = readPlanOptions(args, env);
  const report = await runPlan(options, env, stop).catch((error: unknown) => {
    throw stop.aborted ? new Error('the plan was stopped before it was complete') : error;
  });
  print(options.output === 'json' ? planJson(report) : planText(report));
  return PLAN_STATUSES[verdictOf(report)];
}

async function perform(process: Process, command: string | undefined, args: readonly string[]): Promise<number> {
  switch (command) {
    case 'run':
      return await runOperator(readOptions(args, process.env), process.env, process.stop);
    case 'plan':
      return await plan(process, args);
    default:
      throw new UsageError(`unknown command "${command ?? ''}"; use keyturn run, keyturn plan, or --help`);
  }
}

/** The exit status: 0 when all went well, 1 when it could not, 64 when the command line is wrong; of a plan see the help. */
export async function main(process: Process): Promise<number> {
  const [command, ...args] = process.args;
  if (command === '--help' || command === 'help' || args.includes('--help')) {
    process.print(HELP);
    return 0;
  }
  try {
    return await perform(process, command, args);
  } catch (error) {
    process.complain(`keyturn: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof UsageError ? WRONG_USAGE : FAILED;
  }
}
