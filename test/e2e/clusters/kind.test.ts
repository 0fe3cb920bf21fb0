/**
 * What kind and docker are asked: programs of these names write it down, and an API server stands for the cluster. Whether a real
 * kind does what it is asked is seen by `npm run e2e -- --kind` alone.
 */

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../harness/control-plane.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../harness/reaper.ts';
import { startKind } from './kind.ts';
import { nameOfThisRun } from './kind-name.ts';
import type { PodCluster } from './pod-cluster.ts';

/** It remembers which clusters there are. */
const STAND_IN = `#!/bin/sh
here=$(dirname "$0")
program=$(basename "$0")
echo "$program $*" >>"$here/calls"
for last; do :; done
case "$program $1" in
  'kind get') cat "$here/clusters" ;;
  'kind create')
    echo "$last" >>"$here/clusters"
    while [ "$1" != --kubeconfig ]; do shift; done
    cp "$here/admin.kubeconfig" "$2"
    ;;
  'kind delete') grep -vx "$last" "$here/clusters" >"$here/others"; mv "$here/others" "$here/clusters" ;;
  'docker inspect') echo 127.0.0.1 ;;
esac
`;
const progress = () => undefined;
let directory: TemporaryDirectory;
let controlPlane: ControlPlane;
let standIns: string;

beforeAll(async () => {
  directory = temporaryDirectory('kind-stand-in');
  standIns = join(directory.path, 'bin');
  mkdirSync(standIns);
  for (const name of ['kind', 'docker']) {
    writeFileSync(join(standIns, name), STAND_IN);
    chmodSync(join(standIns, name), 0o755);
  }
  controlPlane = await startControlPlane();
  copyFileSync(controlPlane.access.adminKubeconfigPath, join(standIns, 'admin.kubeconfig'));
});
afterAll(async () => {
  await controlPlane?.stop();
  directory.remove();
});

function clustersAre(...names: readonly string[]): void {
  writeFileSync(join(standIns, 'calls'), '');
  writeFileSync(join(standIns, 'clusters'), names.map((name) => `${name}\n`).join(''));
  const before = process.env['PATH'];
  process.env['PATH'] = `${standIns}:${before}`;
  onTestFinished(() => {
    process.env['PATH'] = before;
  });
}

const linesOf = (name: string) => readFileSync(join(standIns, name), 'utf8').split('\n').filter(Boolean);

/** Of a process that has ended. */
function nameOfKilledRun(): string {
  return nameOfThisRun().replace(/-\d+-/, `-${spawnSync('true').pid}-`);
}

it('what a killed run left is removed, and a cluster is made, used and removed, by these commands', async ({
  signal,
}) => {
  const [killed, other] = [nameOfKilledRun(), nameOfThisRun().replace(/-\w+-/, '-00000000-')];
  clustersAre(killed, other, 'kind');
  const cluster = await startKind({ images: ['/keyturn.tar'], progress, signal });
  expect(linesOf('clusters')).toEqual([other, 'kind', nameOfThisRun()]);
  expect((await cluster.client.request('GET', '/api/v1/namespaces')).status).toBe(200);
  expect(await answerThrough(cluster)).toBe('here');
  await cluster.onNode('ctr', 'version');
  await cluster.restartDaemons();
  await cluster.reboot();
  await cluster.stop();
  expect(linesOf('clusters')).toEqual([other, 'kind']);
  const named = (line: string) => line.replaceAll(killed, 'KILLED').replaceAll(nameOfThisRun(), 'NAME');
  const calls = linesOf('calls').map((line) => named(line).replaceAll(/\S+\/(?=kind\.json|kubeconfig)/g, ''));
  expect(calls).toMatchInlineSnapshot(`
    [
      "docker version",
      "kind version",
      "kind get clusters",
      "kind delete cluster --name KILLED",
      "kind create cluster --config kind.json --kubeconfig kubeconfig --wait 120s --name NAME",
      "kind load image-archive /keyturn.tar --name NAME",
      "docker inspect --format {{range .NetworkSettings.Networks}}{{.Gateway}}{{end}} NAME-control-plane",
      "docker exec NAME-control-plane ctr version",
      "docker exec NAME-control-plane systemctl restart containerd kubelet",
      "docker kill NAME-control-plane",
      "docker start NAME-control-plane",
      "kind delete cluster --name NAME",
    ]
  `);
});

/** Of a server on loopback, asked for it where pods would. */
async function answerThrough(cluster: PodCluster): Promise<string> {
  const server = createServer((_, reply) => reply.setHeader('connection', 'close').end('here')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const answer = await fetch(`http://${await cluster.reachable(address.port)}`);
    return await answer.text();
  } finally {
    server.close();
  }
}
