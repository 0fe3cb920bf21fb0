/**
 * Starts what the integration tests share: for each file that runs at the same time one rig, a control plane with our
 * CRDs, a ministack and a moto. Builds the bundle.
 */

import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { type AwsAccess, type AwsEndpoint, startMinistack, startMoto } from '../harness/aws-endpoint.ts';
import { type ControlPlaneOptions, startControlPlane } from '../harness/control-plane.ts';
import { buildOperatorBundle } from '../harness/operator-bundle.ts';
import type { Progress } from '../harness/progress.ts';
import type { Rig } from '../harness/shared.ts';

const CRDS = fileURLToPath(new URL('../../crds', import.meta.url));

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const progress: Progress = (text) => void process.stdout.write(`[setup] ${text}\n`);
  const starting = new AbortController();
  const options = { progress, signal: starting.signal };
  const started: { stop(): Promise<void> }[] = [];
  const keep: Keep = async (start) => {
    const running = await start;
    started.push(running);
    return running;
  };
  const teardown = async () => void (await Promise.all(started.map((each) => each.stop())));
  const rigs = Array.from({ length: project.config.maxWorkers }, () => startRig(keep, options));
  const parts = [...rigs, buildBundle(progress, starting.signal)];
  try {
    await Promise.all(parts);
    project.provide('rigs', await Promise.all(rigs));
  } catch (error) {
    starting.abort();
    await Promise.allSettled(parts);
    await teardown();
    throw error;
  }
  return teardown;
}

type Keep = <T extends { stop(): Promise<void> }>(start: Promise<T>) => Promise<T>;

async function startRig(keep: Keep, options: Pick<ControlPlaneOptions, 'progress' | 'signal'>): Promise<Rig> {
  const crdPaths = hasManifests(CRDS) ? [CRDS] : [];
  const [{ access }, ministack, moto] = await Promise.all([
    keep(startControlPlane({ ...options, crdPaths })),
    keep(startMinistack(options)),
    keep(startMoto(options)),
  ]);
  return { cluster: access, ministack: accessOf(ministack), moto: accessOf(moto) };
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
