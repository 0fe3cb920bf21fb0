/** What the operator needs of workloads: which Secrets their pods use, how their last rollout goes, and to begin another. */

import type { ObjectKey, ObjectName, View } from './cluster.ts';

export const WORKLOAD_KINDS = ['Deployment', 'Rollout', 'StatefulSet', 'DaemonSet'] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

/** One container, as far as it uses Secrets. */
export interface ContainerSecrets {
  /** Names of Secrets in `env[].valueFrom`. */
  readonly env: readonly string[];
  readonly envFrom: readonly string[];
  /** An init container that ends: what it made of files stays as it is. */
  readonly ends?: true;
  readonly mounts: readonly { readonly volume: string; readonly isSubPath: boolean }[];
}

/** A volume that is made of Secrets; `isLive` says whether the kubelet keeps its files up to date. */
export interface SecretVolume {
  readonly name: string;
  readonly secrets: readonly string[];
  readonly isLive: boolean;
  /** Keys of these that it cannot do without; absent where there are none. */
  readonly items?: readonly { readonly secret: string; readonly keys: readonly string[] }[];
}

/** What of a pod's spec speaks of Secrets. */
export interface PodSecrets {
  /** Init and ephemeral containers too. */
  readonly containers: readonly ContainerSecrets[];
  readonly volumes: readonly SecretVolume[];
  readonly imagePullSecrets: readonly string[];
}

/** How far the pods of a workload are with its template. */
export interface Progress {
  /** Whether what follows is about the template as it is now. */
  readonly isObserved: boolean;
  /** Pods that there should be. */
  readonly desired: number;
  /** Pods of the present template that there should be: fewer than `desired` with a partition. */
  readonly toUpdate: number;
  readonly updated: number;
  readonly available: number;
  /** Pods of earlier templates that are still to go. */
  readonly old: number;
  /** The workload's own controller has given up (Deployment: ProgressDeadlineExceeded; Rollout: Degraded). */
  readonly hasFailed: boolean;
  /** That controller says that all pods of the present template were available once, whatever has become of them since. */
  readonly hasSucceeded: boolean;
  /** It waits for somebody's approval (a step of a Rollout). */
  readonly isWaiting: boolean;
}

export interface Workload extends ObjectName {
  readonly kind: WorkloadKind;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly isDeleting: boolean;
  readonly isPaused: boolean;
  /** False for an Argo Rollout that refers to another workload for it. */
  readonly hasTemplate: boolean;
  /** Its pods are replaced only as somebody deletes them. */
  readonly updatesOnDelete: boolean;
  /** Names of the Secrets that its pods use in any way. */
  readonly secrets: readonly string[];
  /** The annotations on its pod template that say of which version a Secret was, by their whole names. */
  readonly triggers: Readonly<Record<string, string>>;
  /** When `kubectl rollout restart` was last used on it; undefined for never. */
  readonly restartedAtMs?: number;
  /** When our field manager last changed it; undefined for never. */
  readonly triggeredAtMs?: number;
  readonly progress: Progress;
}

/** What of a pod tells since when it runs. */
export interface RunningPod {
  readonly owner: { readonly kind: WorkloadKind; readonly name: string };
  /** By the clock of the API server. */
  readonly createdAtMs: number;
  /** When the oldest of its containers started, by the clock of its node; undefined while none has. */
  readonly startedAtMs: number | undefined;
  /** When the newest of them started; infinite where it has volumes with Secrets, which are brought up to date. */
  readonly lastReadAtMs: number;
}

export interface WorkloadViews {
  /** Of one kind, by `namespace/name`; undefined for one that the cluster does not serve. */
  readonly view: (kind: WorkloadKind) => View<Workload>;
  /** From now on they are listed and watched. */
  demand(): void;
  /** Whether all that there are have been listed. */
  readonly synced: boolean;
}

export interface Workloads {
  /**
   * Sets annotations on the pod template of this very workload, by which its pods are replaced.
   * @returns it as it is then
   * @throws ClusterNotFound, ClusterConflict when another one has its name, ClusterForbidden, ClusterRejected, ClusterUnavailable
   */
  trigger(workload: Workload, annotations: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Workload>;
  /**
   * The pods of all workloads of a namespace that are to go on running.
   * @throws ClusterForbidden, ClusterRejected, ClusterUnavailable
   */
  pods(namespace: string, signal: AbortSignal): Promise<readonly RunningPod[]>;
  /**
   * Whether workloads may be listed at all, asked once where their lists do not come.
   * @throws ClusterForbidden with the rule that is missing; ClusterUnavailable
   */
  probe(signal: AbortSignal): Promise<void>;
}

/** `Kind/namespace/name`. */
export function workloadKey({ kind, namespace, name }: Pick<Workload, 'kind' | 'namespace' | 'name'>): ObjectKey {
  return `${kind}/${namespace}/${name}`;
}
