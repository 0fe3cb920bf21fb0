/** Starts what the integration tests share: one control plane with our CRDs, one ministack, one moto; builds the bundle. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { type AwsAccess, type AwsEndpoint, startMinistack, startMoto } from '../harness/aws-endpoint.ts';
import { startControlPlane } from '../harness/control-plane.ts';
import type { Progress } from '../harness/progress.ts';
import { runCommand } from '../harness/run-command.ts';
import type {} from '../harness/shared.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CRDS = fileURLToPath(new URL('../../crds', import.meta.url));
const BUILD_TIMEOUT_MS = 120_000;

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const progress: Progress = (text) => void process.stdout.write(`[setup] ${text}\n`);
  const starting = new AbortController();
  const options = { progress, signal: starting.signal };
  const started: { stop(): Promise<void> }[] = [];
  const keep = async <T extends { stop(): Promise<void> }>(start: Promise<T>): Promise<T> => {
    const running = await start;
    started.push(running);
    return running;
  };
  const teardown = async () => void (await Promise.all(started.map((each) => each.stop())));
  const parts = [
    keep(startControlPlane({ ...options, crdPaths: hasManifests(CRDS) ? [CRDS] : [] })).then(({ access }) =>
      project.provide('cluster', access),
    ),
    keep(startMinistack(options)).then((endpoint) => project.provide('ministack', accessOf(endpoint))),
    keep(startMoto(options)).then((endpoint) => project.provide('moto', accessOf(endpoint))),
    buildBundle(progress, starting.signal),
  ];
  try {
    await Promise.all(parts);
  } catch (error) {
    starting.abort();
    await Promise.allSettled(parts);
    await teardown();
    throw error;
  }
  return teardown;
}

function accessOf({ url, region, account, credentials }: AwsEndpoint): AwsAccess {
  return { url, region, account, credentials };
}

function hasManifests(directory: string): boolean {
  return existsSync(directory) && readdirSync(directory).some((name) => /\.ya?ml$/.test(name));
}

async function buildBundle(progress: Progress, signal: AbortSignal): Promise<void> {
  const manifest: unknown = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8'));
  if (!hasBuildScript(manifest)) {
    return;
  }
  const result = await runCommand({
    name: 'npm run build',
    command: 'npm',
    args: ['run', '--silent', 'build'],
    cwd: ROOT,
    env: process.env,
    signal,
    timeoutMs: BUILD_TIMEOUT_MS,
  });
  if (result.exitCode !== 0) {
    throw new Error(`npm run build failed:\n${result.stdout}${result.stderr}`);
  }
  progress('built the operator');
}

function hasBuildScript(manifest: unknown): boolean {
  const scripts =
    typeof manifest === 'object' && manifest !== null && 'scripts' in manifest ? manifest.scripts : undefined;
  return typeof scripts === 'object' && scripts !== null && 'build' in scripts;
}
