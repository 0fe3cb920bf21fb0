/**
 * The same on kind (https://kind.sigs.k8s.io), where Docker is: the node is a container. A server of the suite listens on
 * loopback alone, so each that pods have to reach is passed on from the address that this host has in kind's network.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { binaryPath, controlPlaneBinaries } from '../../harness/binaries.ts';
import { type ClusterClient, clusterClient } from '../../harness/cluster-client.ts';
import { MissingTool } from '../../harness/missing-tool.ts';
import { type Forward, forwardTo } from '../../harness/node/forward.ts';
import type { Progress } from '../../harness/progress.ts';
import { temporaryDirectory } from '../../harness/reaper.ts';
import { runCommand } from '../../harness/run-command.ts';
import { until } from '../../harness/until.ts';
import { at } from '../../integration/cluster-objects.ts';
import { leftOver, nameOfThisRun } from './kind-name.ts';
import type { PodCluster, StartPodCluster } from './pod-cluster.ts';

const COMMAND_TIMEOUT_MS = 10 * 60_000;
const READY_TIMEOUT_MS = 120_000;
const ISSUER = 'https://kubernetes.default.svc.cluster.local';
const SYNC_FREQUENCY_SECONDS = 5;
const CONFIGURATION = {
  kind: 'Cluster',
  apiVersion: 'kind.x-k8s.io/v1alpha4',
  nodes: [{ role: 'control-plane' }],
  kubeadmConfigPatches: [
    `kind: KubeletConfiguration\napiVersion: kubelet.config.k8s.io/v1beta1\nsyncFrequency: ${SYNC_FREQUENCY_SECONDS}s\n`,
  ],
};

export const startKind: StartPodCluster = async ({ images, progress, signal }) => {
  await requireKind();
  await removeLeftOver(progress);
  const name = nameOfThisRun();
  const directory = temporaryDirectory('kind');
  const node = `${name}-control-plane`;
  const kind = (...args: readonly string[]) => command('kind', [...args, '--name', name], signal);
  const stopKind = async () => {
    // Even when the start was given up.
    await command('kind', ['delete', 'cluster', '--name', name]).catch(() => undefined);
    directory.remove();
  };
  try {
    const kubeconfigPath = join(directory.path, 'kubeconfig');
    const configPath = join(directory.path, 'kind.json');
    writeFileSync(configPath, JSON.stringify(CONFIGURATION));
    progress(`kind makes the cluster ${name}`);
    await kind('create', 'cluster', '--config', configPath, '--kubeconfig', kubeconfigPath, '--wait', '120s');
    for (const archive of images) await kind('load', 'image-archive', archive);
    const client = await clientOf(directory.path, kubeconfigPath, signal);
    return clusterOn(node, client, await hostAddressOf(node), stopKind);
  } catch (error) {
    await stopKind();
    throw error;
  }
};

/** Of runs that were killed, which could not remove theirs. */
async function removeLeftOver(progress: Progress): Promise<void> {
  const names = (await command('kind', ['get', 'clusters'])).split('\n');
  for (const name of leftOver(names)) {
    progress(`kind removes the cluster ${name} of a run that was killed`);
    await command('kind', ['delete', 'cluster', '--name', name]);
  }
}

/** @throws MissingTool in one line */
export async function requireKind(): Promise<void> {
  for (const [program, args, where] of [
    ['docker', ['version'], 'https://docs.docker.com/engine/install'],
    ['kind', ['version'], 'https://kind.sigs.k8s.io'],
  ] as const) {
    await command(program, args).catch((error: unknown) => {
      throw new MissingTool(`--kind needs a ${program} that answers (${where}): ${String(error)}`);
    });
  }
}

function clusterOn(
  node: string,
  client: ClusterClient,
  hostAddress: string,
  stopKind: () => Promise<void>,
): PodCluster {
  const forwards: Forward[] = [];
  const onNode: PodCluster['onNode'] = (...line) => command('docker', ['exec', node, ...line]);
  return {
    description: `kind, node ${node}`,
    kubeletSyncSeconds: SYNC_FREQUENCY_SECONDS,
    client,
    onNode,
    async reachable(port) {
      const forward = await forwardTo(port, hostAddress);
      forwards.push(forward);
      return `${hostAddress}:${forward.port}`;
    },
    async restartDaemons() {
      await onNode('systemctl', 'restart', 'containerd', 'kubelet');
    },
    async reboot() {
      await command('docker', ['kill', node]);
      await command('docker', ['start', node]);
      const ready = async () => (await client.request('GET', '/readyz')).status === 200;
      await until('the API server to be back', ready, READY_TIMEOUT_MS);
    },
    async stop() {
      await client.close();
      await Promise.all(forwards.map((each) => each.stop()));
      await stopKind();
    },
  };
}

/** Acts by the token of a ServiceAccount that may do everything: kind's own admin has a certificate. */
async function clientOf(directory: string, adminKubeconfigPath: string, signal: AbortSignal): Promise<ClusterClient> {
  const kubectlPath = binaryPath(await controlPlaneBinaries({ names: ['kubectl'], signal }), 'kubectl');
  const kubectl = (...args: readonly string[]) =>
    command(kubectlPath, ['--kubeconfig', adminKubeconfigPath, ...args], signal);
  const cluster = at(parse(readFileSync(adminKubeconfigPath, 'utf8')), 'clusters', 0, 'cluster');
  const caPath = join(directory, 'ca.crt');
  writeFileSync(caPath, Buffer.from(String(at(cluster, 'certificate-authority-data')), 'base64'));
  const account = ['-n', 'kube-system', 'e2e-admin'];
  await kubectl('create', 'serviceaccount', ...account);
  await kubectl(
    ...['create', 'clusterrolebinding', 'e2e-admin', '--clusterrole=cluster-admin'],
    '--serviceaccount=kube-system:e2e-admin',
  );
  const adminToken = (await kubectl('create', 'token', ...account, '--duration=8h')).trim();
  return clusterClient({
    url: String(at(cluster, 'server')),
    caPath,
    // Only a proxy that stands in for the API server needs it.
    serverKeyPath: '',
    adminToken,
    adminKubeconfigPath,
    kubectlPath,
    directory,
    tokenIssuer: ISSUER,
  });
}

/** Of this host in the network that the node is in. */
async function hostAddressOf(node: string): Promise<string> {
  const gateway = '{{range .NetworkSettings.Networks}}{{.Gateway}}{{end}}';
  return (await command('docker', ['inspect', '--format', gateway, node])).trim();
}

async function command(program: string, args: readonly string[], signal?: AbortSignal): Promise<string> {
  const name = [program, ...args].join(' ');
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
  const options = { name, command: program, args, env, cwd: '/', signal, timeoutMs: COMMAND_TIMEOUT_MS };
  const result = await runCommand(options);
  if (result.exitCode !== 0) throw new Error(`${name} failed (${result.exitCode}): ${result.stderr.trim()}`);
  return result.stdout;
}
