/** Runs helm with settings of its own: nobody's repositories, plugins or contexts. */

import { helmBinary } from './helm-binary.ts';
import type { Progress } from './progress.ts';
import { temporaryDirectory } from './reaper.ts';
import { type CommandResult, runCommand } from './run-command.ts';

const TIMEOUT_MS = 120_000;

export interface HelmRunOptions {
  /** Of the cluster; none is needed to lint and to render. */
  readonly kubeconfigPath?: string | undefined;
  /** Values, as `--values -` reads them. */
  readonly input?: string | undefined;
  /** Told while helm itself is fetched. */
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A non-zero exit code is a result.
 * @throws MissingTool when there is no helm
 */
export async function runHelm(args: readonly string[], options: HelmRunOptions = {}): Promise<CommandResult> {
  const { kubeconfigPath = '/nonexistent', input, progress, signal } = options;
  const command = await helmBinary({ progress, signal });
  const home = temporaryDirectory('helm');
  try {
    const env = { PATH: process.env['PATH'], HOME: home.path, KUBECONFIG: kubeconfigPath };
    return await runCommand({ name: `helm ${args[0]}`, command, args, env, input, signal, timeoutMs: TIMEOUT_MS });
  } finally {
    home.remove();
  }
}
