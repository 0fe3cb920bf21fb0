/** What Linux says of a process: CPU time, memory, children. */

import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** CPU time of a process so far, in seconds; undefined when it has ended. */
export function cpuSecondsOf(pid: number): number | undefined {
  const stat = readProc(`/proc/${pid}/stat`);
  // The name in parentheses may hold anything; utime and stime are fields 14 and 15.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields === undefined ? undefined : (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export interface Memory {
  readonly residentMiB: number;
  /** The largest resident size so far (VmHWM). */
  readonly peakMiB: number;
}

/** @throws Error when the process has ended. */
export function memoryOf(pid: number): Memory {
  const status = readProc(`/proc/${pid}/status`) ?? '';
  const mebibytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1_024;
  const memory = { residentMiB: mebibytes('VmRSS'), peakMiB: mebibytes('VmHWM') };
  if (Number.isNaN(memory.residentMiB)) throw new Error(`process ${pid} has ended`);
  return memory;
}

/** Pids of the processes that this process has started, and that still run. */
export function childrenOfThisProcess(): readonly number[] {
  const threads = readdirSync('/proc/self/task');
  const lists = threads.map((thread) => readProc(`/proc/self/task/${thread}/children`) ?? '');
  return lists.flatMap((list) => list.split(' ').filter((pid) => pid !== '')).map(Number);
}

/** At most 15 characters, as the kernel keeps it. */
export function commandOf(pid: number): string {
  return (readProc(`/proc/${pid}/comm`) ?? '').trim();
}

/** CPU time that all processes of the machine together have used since it started, in seconds. */
export function machineCpuSeconds(): number {
  const [, ...fields] = (readProc('/proc/stat') ?? '').split('\n', 1)[0]?.split(/\s+/) ?? [];
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = fields.map(Number);
  return (user + nice + system + irq + softirq) / TICKS_PER_SECOND;
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
