/** `keyturn`: which command, its help, and its exit status. */

import { verdictOf } from '../domain/forecast.ts';
import { UsageError } from '../option-values.ts';
import { describeSettings, readOptions } from '../options.ts';
import { readPlanOptions } from '../plan-options.ts';
import { runOperator } from '../run-operator.ts';
import { runPlan } from '../run-plan.ts';
import { planJson, planText } from './plan-output.ts';
import { POLICY_HELP, policy } from './policy-command.ts';
import type { Process } from './process.ts';

const HELP = `Keyturn keeps AWS Secrets Manager values in sync with Kubernetes Secrets.

Usage: keyturn run [options]
       keyturn plan [options] [--output text|json] [namespace/name | namespace/* ...]
       keyturn policy [options]

run     serves the cluster until it is told to stop.
plan    looks once, writes nothing, and prints what run with the same options would do: for each ExternalSecret, or for
        those that are named. Of values it prints digests under a key that only this run has. Exit status: 0 when nothing
        would change, 2 when something would, 1 when it could not be found out.
policy  prints the least IAM policies, or what a given one lacks and grants too much; see keyturn policy --help.

A command line that cannot be understood ends with status 64.

Options of run and plan (each also as an environment variable; a flag wins):
${describeSettings()}
  --help                                 show this
`;

/** As sysexits.h has it (EX_USAGE): 2 is an answer, of a plan and of a comparison. */
const WRONG_USAGE = 64;
const FAILED = 1;

const PLAN_STATUSES: Readonly<Record<ReturnType<typeof verdictOf>, number>> = { unchanged: 0, changes: 2, unknown: 1 };

async function plan(args: readonly string[], { env, print, stop }: Process): Promise<number> {
  const options = readPlanOptions(args, env);
  const report = await runPlan(options, env, stop).catch((error: unknown) => {
    throw stop.aborted ? new Error('the plan was stopped before it was complete') : error;
  });
  print(options.output === 'json' ? planJson(report) : planText(report));
  return PLAN_STATUSES[verdictOf(report)];
}

interface Command {
  readonly help: string;
  /** @returns the exit status */
  run(args: readonly string[], process: Process): Promise<number>;
}

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['run', { help: HELP, run: (args, { env, stop }) => runOperator(readOptions(args, env), env, stop) }],
  ['plan', { help: HELP, run: plan }],
  ['policy', { help: POLICY_HELP, run: policy }],
]);

/** The exit status: 0 when all went well, 1 when it could not, 64 when the command line is wrong; of a plan and a policy see the help. */
export async function main(process: Process): Promise<number> {
  const [name = '', ...args] = process.args;
  const command = COMMANDS.get(name);
  if (name === '--help' || name === 'help' || args.includes('--help')) {
    process.print(command?.help ?? HELP);
    return 0;
  }
  try {
    if (command === undefined) {
      throw new UsageError(`unknown command "${name}"; use keyturn run, keyturn plan, keyturn policy, or --help`);
    }
    return await command.run(args, process);
  } catch (error) {
    process.complain(`keyturn: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof UsageError ? WRONG_USAGE : FAILED;
  }
}
