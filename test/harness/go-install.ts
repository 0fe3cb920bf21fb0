/** Builds a program from its Go module, at a version, with what the module itself pins. */

import { join } from 'node:path';
import { requireGo } from './binary-build.ts';
import type { MakeRequest } from './cached-binary.ts';
import { goEnvironment } from './go-environment.ts';
import { everyFewSeconds } from './progress.ts';
import { runCommand } from './run-command.ts';

const BUILD_TIMEOUT_MS = 40 * 60_000;

export interface GoProgram {
  readonly name: string;
  /** Its last part is the program's name. */
  readonly packagePath: string;
  readonly version: string;
  /** `-X` of the linker: variables of the program's own. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** @returns its path @throws Error when there is no usable Go, or the build fails */
export async function goInstall(program: GoProgram, { scratch, env, progress, signal }: MakeRequest): Promise<string> {
  const { name, packagePath, version, variables = {} } = program;
  const goEnv = goEnvironment(env);
  await requireGo(goEnv, signal);
  const done = everyFewSeconds(
    progress,
    (seconds) => `building ${name} from source: ${seconds} s (once, some minutes)`,
  );
  const settings = Object.entries(variables).map(([variable, value]) => `-X ${variable}=${value}`);
  const linkerFlags = ['-s', '-w', ...settings].join(' ');
  try {
    const args = ['install', '-trimpath', '-ldflags', linkerFlags, `${packagePath}@${version}`];
    const options = { env: { ...goEnv, GOBIN: scratch }, cwd: scratch, signal, timeoutMs: BUILD_TIMEOUT_MS };
    const { exitCode, stderr } = await runCommand({ name: `go install ${name}`, command: 'go', args, ...options });
    if (exitCode !== 0) throw new Error(`go install ${name}: ${stderr.trim().split('\n').at(-1) ?? ''}`);
    return join(scratch, name);
  } finally {
    done();
  }
}
