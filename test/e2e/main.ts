/** `npm run e2e`: says what is missing in one line, or runs the suite. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { helmBinary } from '../harness/helm-binary.ts';
import { MissingTool } from '../harness/missing-tool.ts';
import { prepareNode } from '../harness/node/cluster-with-node.ts';
import { installNodeTools } from '../harness/node/node-tools.ts';
import { awsPython } from '../harness/python.ts';
import { requireKind } from './clusters/kind.ts';

const HELP = `Usage: npm run e2e -- [options]

  --kind         on a cluster that kind makes, with Docker, instead of a node of its own
  --record       write the report to test/e2e/results/recorded.txt, which is checked in
  --update       accept what the security scan found (test/e2e/security/expected.txt)
  --only TEXT    only journeys whose title has this in it
  --install      install Debian's packages that are missing, where root and apt-get are
  --if-possible  exit with 0 where it cannot run, after it was said why
  --help         show this
`;

/** Itself, and not by npx, which ends at a SIGTERM without handing it on: the suite would go on without us. */
const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

/** sysexits.h: EX_UNAVAILABLE */
const UNAVAILABLE = 69;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

function readArguments() {
  const [flag, text] = [{ type: 'boolean' } as const, { type: 'string' } as const];
  const options = {
    kind: flag,
    record: flag,
    update: flag,
    only: text,
    install: flag,
    'if-possible': flag,
    help: flag,
  };
  const { values } = parseArgs({ options, strict: true });
  if (values.record === true && values.only !== undefined) {
    throw new Error('--record is of the whole suite: leave out --only');
  }
  return values;
}

/** Builds or fetches what is slow to get, so that the suite does not find out that it cannot. */
async function whatIsMissing(isKind: boolean): Promise<string | undefined> {
  const progress = say;
  try {
    await (isKind ? requireKind() : prepareNode({ progress }));
    await helmBinary({ progress });
    await awsPython({ progress });
    return undefined;
  } catch (error) {
    if (error instanceof MissingTool) return error.message;
    throw error;
  }
}

async function runSuite({ kind, record, update, only }: ReturnType<typeof readArguments>): Promise<number> {
  const args = [VITEST, 'run', '--config', 'vitest.e2e.config.ts'];
  if (update === true) args.push('--update');
  if (only !== undefined) args.push('--testNamePattern', only.replaceAll(/[^\w\s]/g, '\\$&'));
  const env = {
    ...process.env,
    KEYTURN_E2E_CLUSTER: kind === true ? 'kind' : 'own-node',
    KEYTURN_E2E_RECORD: record === true ? 'yes' : 'no',
  };
  const suite = spawn(process.execPath, args, { stdio: 'inherit', env });
  // Ctrl-C reaches the suite by itself; its end is ours.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => suite.kill('SIGTERM'));
  const [status] = await once(suite, 'exit');
  return typeof status === 'number' ? status : 1;
}

async function main(values: ReturnType<typeof readArguments>): Promise<number> {
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.install === true && values.kind !== true) await installNodeTools(say);
  const missing = await whatIsMissing(values.kind === true);
  if (missing === undefined) return await runSuite(values);
  say(`The end-to-end suite cannot run here. ${missing}`);
  return values['if-possible'] === true ? 0 : UNAVAILABLE;
}

try {
  process.exitCode = await main(readArguments());
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
