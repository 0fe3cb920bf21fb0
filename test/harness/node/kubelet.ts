/** A kubelet in a machine: it speaks to the API server as `system:node:<name>`, which the Node authorizer judges. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ManagedProcess } from '../managed-process.ts';
import type { Machine } from './machine.ts';

/** Kubernetes' default is 1m: how often a kubelet brings the files of Secrets up to date. */
export const SYNC_FREQUENCY_SECONDS = 5;

export interface KubeletOptions {
  readonly machine: Machine;
  readonly path: string;
  readonly nodeName: string;
  readonly kubeconfigPath: string;
  readonly runtimeEndpoint: string;
}

export async function startKubelet(options: KubeletOptions): Promise<ManagedProcess> {
  const { machine, path, nodeName, kubeconfigPath } = options;
  const directory = join(machine.directory, 'kubelet');
  mkdirSync(directory, { recursive: true });
  const configPath = join(directory, 'config.json');
  writeFileSync(configPath, `${JSON.stringify(configurationOf(options), undefined, 2)}\n`);
  return await machine.start({
    name: 'kubelet',
    command: path,
    args: [
      `--config=${configPath}`,
      `--kubeconfig=${kubeconfigPath}`,
      `--hostname-override=${nodeName}`,
      `--node-ip=${machine.address}`,
    ],
    env: { PATH: process.env['PATH'], HOME: directory },
  });
}

/** https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ */
function configurationOf({ machine, runtimeEndpoint }: KubeletOptions) {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: runtimeEndpoint,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${machine.cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    // Without CAP_SYS_RESOURCE nobody may lower a score.
    oomScoreAdj: 0,
    // Only this host reaches it, over a wire of its own; the API server has no certificate to show.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    syncFrequency: `${SYNC_FREQUENCY_SECONDS}s`,
    nodeStatusUpdateFrequency: '2s',
    nodeLeaseDurationSeconds: 10,
    volumePluginDir: '/var/lib/kubelet/volume-plugins',
    resolvConf: '',
    // The disk is this machine's, and how full it is not the suite's affair.
    evictionHard: { 'memory.available': '50Mi' },
    imageGCHighThresholdPercent: 100,
    imageMaximumGCAge: '0s',
    shutdownGracePeriod: '0s',
  };
}
