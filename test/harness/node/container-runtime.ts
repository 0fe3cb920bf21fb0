/** containerd in a machine, with runc and CNI's plugins as Debian packages them. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ManagedProcess } from '../managed-process.ts';
import { until } from '../until.ts';
import type { Machine } from './machine.ts';

const READY_TIMEOUT_MS = 30_000;
/** Where Debian puts CNI's plugins. */
export const CNI_PLUGINS = '/usr/lib/cni';
/** Behind the machine's address; the same in every machine. */
const POD_SUBNET = '198.19.0.0/24';

export interface ContainerRuntime {
  readonly process: ManagedProcess;
  /** As the kubelet dials it. */
  readonly endpoint: string;
}

/** @param sandboxImage what holds a pod's namespaces: an image that waits */
export async function startContainerRuntime(machine: Machine, sandboxImage: string): Promise<ContainerRuntime> {
  const directory = join(machine.directory, 'containerd');
  mkdirSync(join(directory, 'net.d'), { recursive: true });
  const configPath = join(directory, 'config.toml');
  writeFileSync(configPath, configOf(join(directory, 'net.d'), sandboxImage));
  writeFileSync(join(directory, 'net.d/10-pods.conflist'), `${JSON.stringify(podNetwork(), undefined, 2)}\n`);
  const containerd = await machine.start({
    name: 'containerd',
    command: 'containerd',
    args: ['--config', configPath],
    env: { PATH: process.env['PATH'] },
  });
  await until(
    'containerd to be ready',
    () => containerd.hasExited || machine.run('ctr', 'version').then(() => true),
    READY_TIMEOUT_MS,
  );
  if (containerd.hasExited) throw new Error(`containerd ended; its last output was:\n${containerd.outputTail()}`);
  return { process: containerd, endpoint: 'unix:///run/containerd/containerd.sock' };
}

/** @param archive a docker-archive */
export async function importImage(machine: Machine, archive: string): Promise<void> {
  await machine.run('ctr', '--namespace', 'k8s.io', 'images', 'import', archive);
}

function configOf(networkDirectory: string, sandboxImage: string): string {
  return `
version = 2
# They look for devices and file systems that a machine need not have.
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.opt",
]

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${sandboxImage}"
  # Without CAP_SYS_RESOURCE nobody may lower a score; runc would die of it.
  restrict_oom_score_adj = true

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = false

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "${CNI_PLUGINS}"
  conf_dir = "${networkDirectory}"
`;
}

function podNetwork() {
  return {
    cniVersion: '0.4.0',
    name: 'pods',
    plugins: [
      {
        type: 'ptp',
        // Beyond the machine nobody knows the pods' addresses.
        ipMasq: true,
        ipam: {
          type: 'host-local',
          subnet: POD_SUBNET,
          routes: [{ dst: '0.0.0.0/0' }],
          // Given anew after a start, as everything in /run.
          dataDir: '/run/cni-addresses',
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}
