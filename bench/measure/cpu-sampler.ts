/** Who uses the machine's cores: samples the bench's own processes once a second; the rest is `others`. */

import { childrenOfThisProcess, commandOf, cpuSecondsOf, machineCpuSeconds } from './process-usage.ts';

export interface CpuSample {
  /** performance.now() at its end. */
  readonly atMs: number;
  readonly durationMs: number;
  /** CPU-seconds used in it, by name of the process. */
  readonly seconds: ReadonlyMap<string, number>;
}

export interface CpuSampler {
  /** The name under which a process is counted. */
  name(pid: number, name: string): void;
  /** Ends a sample now, at the border of what is measured. @returns performance.now() */
  mark(): number;
  /** Samples that ended after one time and not after another. */
  between(fromMs: number, toMs: number): readonly CpuSample[];
  stop(): void;
}

const PERIOD_MS = 1_000;
/** Two hours of them. */
const KEPT_SAMPLES = 7_200;
/** By the names that the kernel cuts to 15 characters. */
const COMMANDS: Readonly<Record<string, string>> = {
  etcd: 'etcd',
  'kube-apiserver': 'kube-apiserver',
  'kube-controller': 'kube-controller-manager',
};

export function startCpuSampler(): CpuSampler {
  const names = new Map<number, string>([[process.pid, 'bench']]);
  const samples: CpuSample[] = [];
  let last = look();
  const timer = setInterval(sample, PERIOD_MS);
  timer.unref();

  function look() {
    const byPid = new Map<number, number>();
    for (const pid of [process.pid, ...childrenOfThisProcess()]) {
      const seconds = cpuSecondsOf(pid);
      if (seconds !== undefined) byPid.set(pid, seconds);
    }
    return { atMs: performance.now(), byPid, machine: machineCpuSeconds() };
  }

  function nameOf(pid: number): string {
    return names.get(pid) ?? COMMANDS[commandOf(pid)] ?? 'others';
  }

  function sample(): void {
    const now = look();
    const seconds = new Map<string, number>();
    let ours = 0;
    for (const [pid, used] of now.byPid) {
      const name = nameOf(pid);
      const more = used - (last.byPid.get(pid) ?? 0);
      if (name === 'others') continue;
      seconds.set(name, (seconds.get(name) ?? 0) + more);
      ours += more;
    }
    seconds.set('others', Math.max(0, now.machine - last.machine - ours));
    samples.push({ atMs: now.atMs, durationMs: now.atMs - last.atMs, seconds });
    samples.splice(0, samples.length - KEPT_SAMPLES);
    last = now;
  }

  return {
    name: (pid, name) => void names.set(pid, name),
    mark() {
      sample();
      return last.atMs;
    },
    between: (fromMs, toMs) => samples.filter(({ atMs }) => atMs > fromMs && atMs <= toMs),
    stop: () => clearInterval(timer),
  };
}

/** CPU-seconds by name over several samples. */
export function totalCpu(samples: readonly CpuSample[]): ReadonlyMap<string, number> {
  const total = new Map<string, number>();
  for (const { seconds } of samples) {
    for (const [name, used] of seconds) total.set(name, (total.get(name) ?? 0) + used);
  }
  return total;
}
