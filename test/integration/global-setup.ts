/** Starts what the integration tests share: one control plane with our CRDs, one ministack, one moto; builds the bundle. */

import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { type AwsAccess, type AwsEndpoint, startMinistack, startMoto } from '../harness/aws-endpoint.ts';
import { startControlPlane } from '../harness/control-plane.ts';
import { buildOperatorBundle } from '../harness/operator-bundle.ts';
import type { Progress } from '../harness/progress.ts';
import type {} from '../harness/shared.ts';

const CRDS = fileURLToPath(new URL('../../crds', import.meta.url));

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
  await buildOperatorBundle(signal);
  progress('built the operator');
}
