/**
 * Pods whose node was silent under our eyes and is heard of again. A kubelet that ran on all the while, cut off from the API
 * server, puts the condition `Ready` back with its former time, so that the pod itself does not tell of it
 * (https://github.com/kubernetes/kubernetes/issues/119514).
 */

import type { Clock } from '../ports/clock.ts';
import type { ObjectKey, View } from '../ports/cluster.ts';
import type { ConsumingPod } from '../ports/pods.ts';

function isSilent(pod: ConsumingPod | undefined): boolean {
  return pod?.node?.is === 'silent';
}

export class ReturnedPods {
  /** Since when they are heard of. */
  readonly #sinceMs = new Map<ObjectKey, number>();

  /** To be built before the view runs. */
  constructor(pods: View<ConsumingPod>, clock: Clock) {
    pods.onChange(({ key, before, after }) => {
      if (after === undefined || isSilent(after)) this.#sinceMs.delete(key);
      else if (isSilent(before)) this.#sinceMs.set(key, clock.nowMs());
    });
  }

  /** The pod with what it does not tell itself. */
  completed(pod: ConsumingPod): ConsumingPod {
    const sinceMs = this.#sinceMs.get(`${pod.namespace}/${pod.name}`);
    return sinceMs === undefined || isSilent(pod) ? pod : { ...pod, node: { is: 'back', sinceMs } };
  }
}
