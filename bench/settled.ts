/** Waits for the control plane to have done its work, so that one phase does not run into the next. */

import { setTimeout as sleep } from 'node:timers/promises';
import { type CpuSampler, totalCpu } from './measure/cpu-sampler.ts';

const WINDOW_MS = 1_000;
const QUIET_WINDOWS = 2;
/** A control plane at rest uses less than this share of a core. */
const QUIET_SHARE = 0.15;
const LONGEST_MS = 90_000;
export const CONTROL_PLANE = ['kube-apiserver', 'etcd', 'kube-controller-manager'];

/** Returns when its processes have hardly used any CPU for two seconds, or after a minute and a half. */
export async function settled(cpu: CpuSampler, signal: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + LONGEST_MS;
  let quiet = 0;
  while (quiet < QUIET_WINDOWS && performance.now() < deadlineMs) {
    const fromMs = cpu.mark();
    await sleep(WINDOW_MS, undefined, { signal });
    const used = totalCpu(cpu.between(fromMs, cpu.mark()));
    const seconds = CONTROL_PLANE.reduce((sum, name) => sum + (used.get(name) ?? 0), 0);
    quiet = seconds < QUIET_SHARE * (WINDOW_MS / 1_000) ? quiet + 1 : 0;
  }
}
