/** The operator's bundle: built now or given, and copied, so that a build meanwhile does not change what is measured. */

import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OPERATOR_BUNDLE } from '../test/harness/operator-process.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../test/harness/reaper.ts';
import { runCommand } from '../test/harness/run-command.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUILD_TIMEOUT_MS = 120_000;

export interface PinnedBundle {
  readonly path: string;
  remove(): void;
}

/** @param given a bundle that is there already */
export async function pinBundle(given: string | undefined, signal: AbortSignal): Promise<PinnedBundle> {
  if (given === undefined) await build(signal);
  const directory: TemporaryDirectory = temporaryDirectory('bench');
  // Outside of the package, whose "type" it cannot inherit.
  const path = join(directory.path, 'keyturn.mjs');
  copyFileSync(given ?? OPERATOR_BUNDLE, path);
  return { path, remove: directory.remove };
}

async function build(signal: AbortSignal): Promise<void> {
  const { exitCode, stderr } = await runCommand({
    name: 'the build',
    command: process.execPath,
    args: ['scripts/build.ts'],
    cwd: ROOT,
    env: process.env,
    signal,
    timeoutMs: BUILD_TIMEOUT_MS,
  });
  if (exitCode !== 0) throw new Error(`the operator could not be built: ${stderr.trim()}`);
}
