/**
 * The harness's own Python environment, `${XDG_CACHE_HOME:-~/.cache}/keyturn/aws-<hash>/`, with what
 * aws-requirements.txt pins. It is made once for each Python and each content of that file.
 */

import { createHash } from 'node:crypto';
import { access, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDirectory, type Environment } from './cache-directory.ts';
import { withFileLock } from './file-lock.ts';
import { MissingTool } from './missing-tool.ts';
import { everyFewSeconds, type Progress } from './progress.ts';
import { type CommandResult, runCommand } from './run-command.ts';

const REQUIREMENTS_PATH = fileURLToPath(new URL('./aws-requirements.txt', import.meta.url));
/** What both packages ask for. */
const OLDEST_PYTHON_MINOR = 10;
const INSTALL_TIMEOUT_MS = 15 * 60_000;

export interface PythonOptions {
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
  /** @default process.env */
  readonly env?: Environment | undefined;
}

/**
 * Path of the environment's interpreter.
 * @throws MissingTool when there is no python3 that can make it, or the packages cannot be fetched.
 */
export async function awsPython(options: PythonOptions = {}): Promise<string> {
  const { env = process.env, progress = () => undefined, signal } = options;
  const version = await systemPython(env, signal);
  const requirements = await readFile(REQUIREMENTS_PATH);
  const hash = createHash('sha256').update(requirements).update(version).digest('hex').slice(0, 12);
  const directory = cacheDirectory(env, `aws-${hash}`);
  // An environment knows its own path, so it is made in place; the mark says that it is whole.
  const mark = join(directory, 'complete');
  const isWhole = async () =>
    access(mark).then(
      () => true,
      () => false,
    );
  if (!(await isWhole())) {
    const prepare = async () => {
      if (!(await isWhole())) {
        await makeEnvironment(directory, env, progress, signal);
        await writeFile(mark, '');
      }
    };
    await withFileLock(`${directory}.lock`, prepare, { progress, signal });
  }
  return join(directory, 'bin', 'python');
}

async function systemPython(env: Environment, signal: AbortSignal | undefined): Promise<string> {
  const answer = await python('python3', ['--version'], env, signal).catch(() => undefined);
  signal?.throwIfAborted();
  const version = answer?.stdout.trim() ?? '';
  const minor = /^Python 3\.(\d+)/.exec(version)?.[1];
  if (minor === undefined || Number(minor) < OLDEST_PYTHON_MINOR) {
    const found = minor === undefined ? 'python3 was not found' : `${version} is too old`;
    throw new MissingTool(
      `The AWS stand-ins need Python 3.10 or newer, and ${found}. Install it (Debian: apt-get install python3 python3-venv).`,
    );
  }
  return version;
}

async function makeEnvironment(
  directory: string,
  env: Environment,
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<void> {
  progress('installing the AWS stand-ins (ministack, moto) into their own Python environment, cached afterwards');
  const done = everyFewSeconds(progress, (seconds) => `installing the AWS stand-ins: ${seconds} s`);
  try {
    await rm(directory, { recursive: true, force: true });
    const made = await python('python3', ['-m', 'venv', directory], env, signal);
    if (made.exitCode !== 0) {
      throw new MissingTool(
        'python3 cannot make a virtual environment. Install its venv module (Debian: apt-get install python3-venv).',
      );
    }
    const pip = [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--no-input',
      '--disable-pip-version-check',
      '-r',
      REQUIREMENTS_PATH,
    ];
    const installed = await python(join(directory, 'bin', 'python'), pip, env, signal);
    if (installed.exitCode !== 0) {
      const reason = installed.stderr.trim().split('\n').at(-1) ?? '';
      throw new MissingTool(
        `pip could not install the AWS stand-ins (${reason}). They need access to a Python package index once.`,
      );
    }
  } finally {
    done();
  }
}

function python(
  command: string,
  args: readonly string[],
  env: Environment,
  signal: AbortSignal | undefined,
): Promise<CommandResult> {
  const passed = Object.entries(env).filter(([name]) =>
    /^(PATH|TMPDIR|LANG|PIP_.*|SSL_CERT_.*|REQUESTS_CA_BUNDLE|.*_proxy)$/i.test(name),
  );
  const environment = { HOME: env['HOME'] || homedir(), ...Object.fromEntries(passed) };
  return runCommand({ name: command, command, args, env: environment, signal, timeoutMs: INSTALL_TIMEOUT_MS });
}
