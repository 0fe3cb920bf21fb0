/**
 * What the running pod is and may do, as a text that is compared with a checked-in one: whoever widens it has to say so
 * there. After a deliberate change: `npm run e2e -- --update`.
 */

import { expect } from 'vitest';
import { until } from '../../harness/until.ts';
import { OPERATOR_ACCOUNT, OPERATOR_NAMESPACE } from '../installation.ts';
import { leaderPod, processIdOf } from '../operator-pods.ts';
import type { PodSeen } from '../pods.ts';
import type { Stage } from '../stage.ts';
import type { Journey } from './journey.ts';

const LED_WITHIN_MS = 30_000;
/** From the test's file. */
const EXPECTED_PATH = './security/expected.txt';
/** proc(5): identity, capabilities, and whether they can be had back. */
const OF_STATUS = /^(Uid|Gid|Groups|Cap\w+|NoNewPrivs|Seccomp):\s*(.*)$/gm;

const LOOK_AROUND = `
  const { accessSync, constants, existsSync, lstatSync, readdirSync } = require('node:fs');
  const writable = [];
  const look = (path) => {
    const entry = lstatSync(path);
    if (entry.isSymbolicLink() || entry.isCharacterDevice()) return;
    try { accessSync(path, constants.W_OK); writable.push(path); } catch {}
    if (!entry.isDirectory() || ['/proc', '/sys'].includes(path)) return;
    try { for (const name of readdirSync(path)) look(path === '/' ? '/' + name : path + '/' + name); } catch {}
  };
  look('/');
  const shells = ['/bin/sh', '/bin/bash', '/bin/busybox', '/busybox/sh', '/usr/bin/env'].filter(existsSync);
  const variables = Object.keys(process.env).filter((name) => !name.startsWith('KUBERNETES_')).sort();
  console.log(JSON.stringify({ writable, shells, variables }));
`;

interface Within {
  readonly writable: readonly string[];
  readonly shells: readonly string[];
  readonly variables: readonly string[];
}

export const securityScan: Journey = {
  title: '10 the running pod is and may do what is written down, and nothing else',
  async travel(stage) {
    const pod = await until('a leader', () => leaderPod(stage), LED_WITHIN_MS);
    const within: Within = JSON.parse(await stage.pods.javascript(OPERATOR_NAMESPACE, pod.name, LOOK_AROUND));
    const sections = {
      'The process, by proc(5)': await processOf(stage, pod),
      'Paths that it can write': within.writable,
      'Shells in its image': within.shells,
      'Its variables': within.variables,
      [`What its ServiceAccount may do in its namespace`]: await rightsIn(stage, OPERATOR_NAMESPACE),
      'What its ServiceAccount may do in any other namespace': await rightsIn(stage, 'default'),
    };
    await expect(textOf(sections)).toMatchFileSnapshot(EXPECTED_PATH);
    expect(within.variables.filter((name) => /ACCESS_KEY|SESSION_TOKEN/.test(name))).toEqual([]);
    return [{ what: `${within.writable.length} writable paths, ${within.shells.length} shells, no static AWS keys` }];
  },
};

async function processOf(stage: Stage, pod: PodSeen): Promise<readonly string[]> {
  const status = await stage.cluster.onNode('cat', `/proc/${await processIdOf(stage, pod)}/status`);
  return Array.from(
    status.matchAll(OF_STATUS),
    ([, name, value = '']) => `${name}: ${value.replaceAll('\t', ' ').trim()}`,
  );
}

/** Without what every ServiceAccount may. */
async function rightsIn(stage: Stage, namespace: string): Promise<readonly string[]> {
  const everybodys = new Set(await rightsOf(stage, 'default:nobody', namespace));
  const rights = await rightsOf(stage, `${OPERATOR_NAMESPACE}:${OPERATOR_ACCOUNT}`, namespace);
  return rights.filter((right) => !everybodys.has(right));
}

async function rightsOf({ cluster }: Stage, account: string, namespace: string): Promise<readonly string[]> {
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${account.split(':')[0]}`, 'system:authenticated'];
  const as = [`--as=system:serviceaccount:${account}`, ...groups.map((group) => `--as-group=${group}`)];
  const { stdout } = await cluster.client.kubectl(['auth', 'can-i', '--list', '--no-headers', '-n', namespace, ...as]);
  const lines = stdout.trim().split('\n');
  return lines.map((line) => line.replaceAll(/\s+/g, ' ').trim()).sort();
}

function textOf(sections: Readonly<Record<string, readonly string[]>>): string {
  const parts = Object.entries(sections).map(
    ([title, lines]) => `${title}\n${(lines.length === 0 ? ['none'] : lines).map((line) => `  ${line}`).join('\n')}\n`,
  );
  return parts.join('\n');
}
