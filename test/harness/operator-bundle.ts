/** The operator as one file, built from the sources of this tree. */

import { fileURLToPath } from 'node:url';
import { runCommand } from './run-command.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUILD_TIMEOUT_MS = 120_000;

/** Where {@link buildOperatorBundle} puts it. */
export const OPERATOR_BUNDLE = fileURLToPath(new URL('../../dist/keyturn.js', import.meta.url));

/** Builds it as `npm run build` does. @throws Error with what the build said */
export async function buildOperatorBundle(signal: AbortSignal): Promise<void> {
  const { exitCode, stdout, stderr } = await runCommand({
    name: 'the build of the operator',
    command: process.execPath,
    args: ['scripts/build.ts'],
    cwd: ROOT,
    env: process.env,
    signal,
    timeoutMs: BUILD_TIMEOUT_MS,
  });
  if (exitCode !== 0) throw new Error(`the operator could not be built:\n${stdout}${stderr}`);
}
