/** Makes a machine, starts a process in it that outlives its parents, tells of it, and waits to be killed. */

import { readdirSync, readFileSync } from 'node:fs';
import { makeMachine } from '../harness/node/machine.ts';
import { until } from '../harness/until.ts';

const SLEEP = 'sleep 987654';
const CGROUP = '/sys/fs/cgroup/cpu/$0/pod 2>/dev/null || mkdir /sys/fs/cgroup/$0/pod';

const machine = makeMachine();
await machine.powerOn();
// As a container's shim does it: a session of its own, and nobody waits for it.
await machine.run('sh', '-c', `setsid ${SLEEP} >/dev/null 2>&1 & mkdir ${CGROUP}`, machine.cgroup);
const pid = await until('the process', () => readdirSync('/proc').find(isSleeping), 5_000);
const { directory, cgroup, hostAddress } = machine;
process.stdout.write(`made ${JSON.stringify({ directory, cgroup, hostAddress, pid: Number(pid) })}\n`);
setInterval(() => undefined, 60_000);

/** @param name of an entry in /proc, where processes come and go */
function isSleeping(name: string): boolean {
  try {
    return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\x00', ' ').trim() === SLEEP;
  } catch {
    return false;
  }
}
