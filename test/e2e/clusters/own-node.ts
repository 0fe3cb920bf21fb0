/** A control plane and a node on this machine, without Docker: test/harness/node. */

import { startClusterWithNode } from '../../harness/node/cluster-with-node.ts';
import { SYNC_FREQUENCY_SECONDS } from '../../harness/node/kubelet.ts';
import { WAITING_IMAGE } from '../../harness/node/waiting-image.ts';
import type { StartPodCluster } from './pod-cluster.ts';

export const startOwnNode: StartPodCluster = async (options) => {
  const { controlPlane, machine, ...cluster } = await startClusterWithNode({ ...options, sandboxImage: WAITING_IMAGE });
  const { stdout } = await controlPlane.kubectl(['get', 'nodes', '-o', `jsonpath=${VERSIONS}`]);
  return {
    ...cluster,
    description: `a node of its own on this machine: ${stdout}`,
    kubeletSyncSeconds: SYNC_FREQUENCY_SECONDS,
    client: controlPlane,
    onNode: machine.run,
  };
};

const VERSIONS =
  '{range .items[*].status.nodeInfo}kubelet {.kubeletVersion}, {.containerRuntimeVersion}, {.osImage}{end}';
