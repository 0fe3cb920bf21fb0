/** A cluster that runs pods, whatever it is made of: what the journeys need of it. */

import type { ClusterClient } from '../../harness/cluster-client.ts';
import type { Progress } from '../../harness/progress.ts';

export interface PodCluster {
  /** For the report: what this is. */
  readonly description: string;
  /** How long a kubelet takes at most to look whether a mounted Secret has changed. */
  readonly kubeletSyncSeconds: number;
  readonly client: ClusterClient;
  /** Where pods reach a server that listens on `port` of this host's loopback: `address:port`. */
  reachable(port: number): Promise<string>;
  /** Runs a program on the node. @returns its output @throws Error with what it said when it fails */
  onNode(command: string, ...args: readonly string[]): Promise<string>;
  /** Ends kubelet and container runtime and starts them again; containers run on. */
  restartDaemons(): Promise<void>;
  /** All processes of the node end at once; it comes up again with the disk that it had. */
  reboot(): Promise<void>;
  stop(): Promise<void>;
}

export interface PodClusterOptions {
  /** docker-archives that pods run. */
  readonly images: readonly string[];
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** @throws MissingTool in one line when this machine cannot run it */
export type StartPodCluster = (options: PodClusterOptions) => Promise<PodCluster>;
