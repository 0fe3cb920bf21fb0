/** The options of `keyturn plan`: all of `keyturn run`, so that a Deployment's can be given as they are, and its own. */

import { UsageError } from './option-values.ts';
import { parseArguments, type RunOptions, readSettings } from './options.ts';

export interface PlanOptions {
  readonly run: RunOptions;
  readonly output: 'text' | 'json';
  /** Keys of ExternalSecrets, `namespace/name`, or `namespace/*` for all of one; empty for everything. */
  readonly selected: readonly string[];
}

function readOutput(text: string): PlanOptions['output'] {
  if (text === 'text' || text === 'json') return text;
  throw new UsageError(`--output: expected text or json, got "${text}"`);
}

function readSelected(text: string): string {
  if (/^[a-z0-9][-a-z0-9]*\/(\*|[a-z0-9][-.a-z0-9]*)$/.test(text)) return text;
  throw new UsageError(`expected an ExternalSecret as namespace/name, or namespace/*, got "${text}"`);
}

/** What would be told in a log is in the report. */
const LOG_LEVEL = 'error';

/**
 * A flag wins over the environment, the environment over the default.
 * @throws UsageError
 */
export function readPlanOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): PlanOptions {
  const { texts, own, positionals } = parseArguments(args, {
    name: 'plan',
    flags: ['output'],
    takesPositionals: true,
  });
  const run = readSettings(texts, env);
  return {
    run: texts.has('logLevel') ? run : { ...run, logLevel: LOG_LEVEL },
    output: readOutput(own.get('output') ?? 'text'),
    selected: positionals.map(readSelected),
  };
}
