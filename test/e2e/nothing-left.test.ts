/** What a node leaves on this machine when the process that started it is killed: nothing. */

import { existsSync, readdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startProcess } from '../harness/managed-process.ts';
import { until } from '../harness/until.ts';

const MAKER = fileURLToPath(new URL('./make-machine.ts', import.meta.url));

it.runIf((process.env['KEYTURN_E2E_CLUSTER'] ?? 'own-node') === 'own-node')(
  'a machine is gone with the process that made it: its processes, its network, its control groups, its files',
  async () => {
    const maker = await startProcess({
      name: 'the maker of a machine',
      command: process.execPath,
      args: [MAKER],
      env: { PATH: process.env['PATH'] },
    });
    await maker.waitForOutput(/^made .*$/m, 30_000);
    const made: { directory: string; cgroup: string; hostAddress: string; pid: number } = JSON.parse(
      /^made (.*)$/m.exec(maker.outputTail())?.[1] ?? '{}',
    );
    expect(leftOf(made)).toHaveLength(4);
    await maker.kill();
    await until(
      'nothing to be left',
      () => leftOf(made),
      15_000,
      (left) => left.length === 0,
    );
  },
);

function leftOf({
  directory,
  cgroup,
  hostAddress,
  pid,
}: {
  directory: string;
  cgroup: string;
  hostAddress: string;
  pid: number;
}) {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return [
    ...(existsSync(directory) ? [directory] : []),
    ...(existsSync(`/proc/${pid}`) ? [`process ${pid}`] : []),
    ...(addresses.some(({ address }) => address === hostAddress) ? [hostAddress] : []),
    ...(cgroupsOf(cgroup).length > 0 ? [cgroup] : []),
  ];
}

function cgroupsOf(name: string): readonly string[] {
  const root = '/sys/fs/cgroup';
  const hierarchies = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [root, ...hierarchies.map((entry) => `${root}/${entry.name}`)].filter((each) => existsSync(`${each}/${name}`));
}
