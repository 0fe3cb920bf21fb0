/** What the bench ran on, as the results say it. */

import { execFileSync } from 'node:child_process';
import { availableParallelism, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { KUBERNETES_VERSION } from '../../test/harness/binaries.ts';

export interface Machine {
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly node: string;
  readonly kubernetes: string;
  /** Of the sources, with `-dirty` if they were changed since; `unknown` outside a checkout. */
  readonly revision: string;
}

export function thisMachine(): Machine {
  return {
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform}/${process.arch}`,
    node: process.version,
    kubernetes: KUBERNETES_VERSION,
    revision: revision(),
  };
}

export function describeMachine({ cores, memoryGiB, platform, node, kubernetes }: Omit<Machine, 'revision'>): string {
  return `${cores} cores, ${memoryGiB} GiB, ${platform}, Node ${node}, Kubernetes ${kubernetes}`;
}

function revision(): string {
  try {
    const cwd = fileURLToPath(new URL('.', import.meta.url));
    return execFileSync('git', ['describe', '--always', '--dirty', '--exclude=*'], { cwd, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
