/** Pods as far as they tell which version of a Secret they hold, and the objects in which that is told. */

import type { SecretConsumptionStatus } from '../api/secret-consumption.ts';
import type { ControllerRef, ObjectName } from './cluster.ts';
import type { PodSecrets, WorkloadKind } from './workloads.ts';

export interface ConsumingPod extends ObjectName {
  /** False for one that has ended: it holds nothing any more. */
  readonly isRunning: boolean;
  readonly owner?: { readonly kind: WorkloadKind; readonly name: string };
  /** By the clock of the API server. */
  readonly createdAtMs: number;
  /** When the kubelet took it up; absent before. */
  readonly startedAtMs?: number;
  readonly secrets: PodSecrets;
  /** When each of the containers of `secrets` started, in their order; null for one that has not, or does not run. */
  readonly containerStartsMs: readonly (number | null)[];
  /** Since when its node is silent, as the control plane says, or since when it is heard of again; absent where it always was. */
  readonly node?: { readonly is: 'silent' | 'back'; readonly sinceMs: number };
  /** The annotations that it got from rollouts. */
  readonly triggers: Readonly<Record<string, string>>;
}

/** What is listed and watched for it. */
export type ListedKind = 'pods' | 'consumptions';

/** Every method may throw ClusterForbidden, ClusterRejected and ClusterUnavailable. */
export interface SecretConsumptions {
  /** @returns the uid @throws ClusterConflict when there is one */
  create(name: ObjectName, owner: ControllerRef, signal: AbortSignal): Promise<string>;
  /** @throws ClusterNotFound when it is gone, ClusterConflict when another one has its name */
  write(
    name: ObjectName,
    uid: string,
    status: SecretConsumptionStatus,
    hasStatus: boolean,
    signal: AbortSignal,
  ): Promise<void>;
  /** One that is gone is no fault. */
  delete(name: ObjectName, uid: string, signal: AbortSignal): Promise<void>;
  /** The pods of a namespace as they are now, whatever a view has of them. */
  pods(namespace: string, signal: AbortSignal): Promise<readonly ConsumingPod[]>;
  /**
   * Whether they may be listed at all.
   * @throws ClusterForbidden with the rule that is missing, ClusterNotFound where the kind is not served
   */
  probe(kinds: readonly ListedKind[], signal: AbortSignal): Promise<void>;
}
