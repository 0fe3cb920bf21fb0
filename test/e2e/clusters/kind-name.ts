/**
 * The name of a run's cluster tells whose it is: the process that made it, by pid and time of start, and the host. A run that was
 * killed leaves its cluster, and the next one on this host knows it by that.
 */

import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { processIdentity } from '../../harness/process-identity.ts';

const PREFIX = `keyturn-${digest(hostname())}`;
const NAME = new RegExp(`^${PREFIX}-(\\d+)-([0-9a-f]{8})$`);

export function nameOfThisRun(): string {
  return nameFor(process.pid, processIdentity(process.pid) ?? '');
}

/** @param names of all clusters of kind @returns those whose run has ended */
export function leftOver(names: readonly string[]): readonly string[] {
  return names.filter((name) => {
    const pid = Number(NAME.exec(name)?.[1]);
    return !Number.isNaN(pid) && nameFor(pid, processIdentity(pid) ?? '') !== name;
  });
}

function nameFor(pid: number, identity: string): string {
  return `${PREFIX}-${pid}-${digest(identity)}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
