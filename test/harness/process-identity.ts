/** What tells a process from a later one with the same pid: the time at which it was started. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

interface ProcessState {
  readonly identity: string;
  /** A zombie has ended; in a container without an init nobody ever collects it. */
  readonly ended: boolean;
}

/** Undefined when there is no process of that pid. */
export function processIdentity(pid: number): string | undefined {
  return readState(pid)?.identity;
}

/** True while this very process runs. */
export function isRunning(pid: number, identity: string): boolean {
  const state = readState(pid);
  return state !== undefined && !state.ended && state.identity === identity;
}

function readState(pid: number): ProcessState | undefined {
  return process.platform === 'linux' ? readProc(pid) : askPs(pid);
}

function readProc(pid: number): ProcessState | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // proc(5): the command in parentheses may hold anything; state is field 3 and starttime field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { identity: fields[19] ?? '', ended: fields[0] === 'Z' || fields[0] === 'X' };
}

function askPs(pid: number): ProcessState | undefined {
  try {
    const answer = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    const [status = '', ...started] = answer.split(/\s+/);
    return { identity: started.join('-'), ended: status.startsWith('Z') };
  } catch {
    return undefined;
  }
}
