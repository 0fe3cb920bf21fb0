/** Builds the cluster's binaries from the Go modules that control-plane/go.mod pins. */

import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BinaryName, BinaryRequest } from './binaries.ts';
import type { Environment } from './cache-directory.ts';
import { goEnvironment } from './go-environment.ts';
import { everyFewSeconds } from './progress.ts';
import { runCommand } from './run-command.ts';

const MODULE_DIRECTORY = fileURLToPath(new URL('./control-plane', import.meta.url));
const ONE_BINARY_TIMEOUT_MS = 40 * 60_000;
/** From 1.21 on Go fetches the toolchain that go.mod names by itself; an older one cannot read it. */
const OLDEST_GO_MINOR = 21;

const PACKAGES: Readonly<Record<BinaryName, string>> = {
  etcd: 'go.etcd.io/etcd/server/v3',
  // First of Kubernetes' own: it compiles most of what the others share.
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
  kubectl: 'k8s.io/kubernetes/cmd/kubectl',
  'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
  kubelet: 'k8s.io/kubernetes/cmd/kubelet',
};

/** @throws Error when there is no usable Go, or a build fails. */
export async function buildBinaries(request: BinaryRequest, env: Environment): Promise<void> {
  const goEnv = goEnvironment(env);
  await requireGo(goEnv, request.signal);
  for (const name of request.names) {
    await build(name, request, goEnv);
  }
}

async function build(name: BinaryName, request: BinaryRequest, env: NodeJS.ProcessEnv): Promise<void> {
  const { directory, version, progress, signal } = request;
  const partial = join(directory, `.${name}.${process.pid}.partial`);
  const done = everyFewSeconds(
    progress,
    (seconds) =>
      `building ${name} from source: ${seconds} s (first build, about ten minutes in all, cached afterwards)`,
  );
  progress(`building ${name} ${version} from source`);
  try {
    const result = await runCommand({
      name: `go build ${name}`,
      command: 'go',
      args: ['build', '-trimpath', '-ldflags', linkerFlags(version), '-o', partial, PACKAGES[name]],
      cwd: MODULE_DIRECTORY,
      env,
      signal,
      timeoutMs: ONE_BINARY_TIMEOUT_MS,
    });
    if (result.exitCode !== 0) {
      throw new Error(`building ${name} failed: ${result.stderr.trim().slice(-500)}`);
    }
    await rename(partial, join(directory, name));
  } finally {
    done();
    await rm(partial, { force: true });
  }
}

function linkerFlags(version: string): string {
  const [major = '', minor = ''] = version.slice(1).split('.');
  const variables = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  const settings = Object.entries(variables).map(
    ([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`,
  );
  return ['-s', '-w', ...settings].join(' ');
}

/** @throws Error when there is none, or one that cannot fetch the toolchain that a module asks for. */
export async function requireGo(env: NodeJS.ProcessEnv, signal: AbortSignal | undefined): Promise<void> {
  // Asked outside the module: inside, an older Go would first fetch the toolchain.
  const asked = { name: 'go version', command: 'go', args: ['version'], cwd: '/', env, signal };
  const answer = await runCommand({ ...asked, timeoutMs: 30_000 }).catch(() => undefined);
  const minor = /go1\.(\d+)/.exec(answer?.stdout ?? '')?.[1];
  if (minor === undefined) {
    throw new Error('Go is not installed');
  }
  if (Number(minor) < OLDEST_GO_MINOR) {
    throw new Error(`Go 1.${minor} is too old`);
  }
}
