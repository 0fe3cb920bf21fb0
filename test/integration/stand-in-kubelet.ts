/**
 * There is no node in these tests: this writes to the status of pods what a kubelet would, so that the real controllers of
 * Deployments, StatefulSets and DaemonSets see their pods run. It pulls no image and runs no container.
 */

import type { ClusterClient } from '../harness/cluster-client.ts';
import { until } from '../harness/until.ts';
import { at, type Json } from './cluster-objects.ts';

const LOOK_EVERY_MS = 100;

export interface StandInKubelet {
  /** Pods of which this is true get as far as running, and never become ready. */
  breaks: (pod: Json) => boolean;
  /** How much later than now containers say that they started, so that tests need not wait for whole seconds to pass. */
  startsLaterByMs: number;
  stop(): Promise<void>;
}

function statusOf(pod: Json, isReady: boolean, startedAtMs: number): Json {
  const startedAt = new Date(startedAtMs).toISOString();
  const containers = at(pod, 'spec', 'containers');
  const list: readonly unknown[] = Array.isArray(containers) ? containers : [];
  return {
    phase: 'Running',
    startTime: startedAt,
    conditions: ['Initialized', 'ContainersReady', 'Ready'].map((type) => ({
      type,
      status: isReady || type === 'Initialized' ? 'True' : 'False',
      lastTransitionTime: startedAt,
    })),
    containerStatuses: list.map((container) => ({
      name: at(container, 'name'),
      image: at(container, 'image'),
      imageID: '',
      ready: isReady,
      restartCount: 0,
      state: { running: { startedAt } },
    })),
  };
}

function podsIn(body: unknown): readonly Json[] {
  const items = at(body, 'items');
  return Array.isArray(items) ? items : [];
}

/** Looks after the pods of all namespaces until it is stopped. */
export function startStandInKubelet(cluster: ClusterClient): StandInKubelet {
  let isStopped = false;
  const kubelet = {
    breaks: (_pod: Json) => false,
    startsLaterByMs: 0,
    async stop() {
      isStopped = true;
      await ended;
    },
  };

  async function lookAfter(pod: Json): Promise<void> {
    const isDone =
      at(pod, 'status', 'phase') === 'Running' && at(pod, 'status', 'containerStatuses', 0, 'ready') === true;
    const isBroken = kubelet.breaks(pod);
    const isStarted = at(pod, 'status', 'phase') === 'Running';
    if (at(pod, 'metadata', 'deletionTimestamp') !== undefined || isDone || (isBroken && isStarted)) return;
    const path = `/api/v1/namespaces/${at(pod, 'metadata', 'namespace')}/pods/${at(pod, 'metadata', 'name')}/status`;
    const status = statusOf(pod, !isBroken, Date.now() + kubelet.startsLaterByMs);
    await cluster.request('PATCH', path, { status }, { contentType: 'application/merge-patch+json' });
  }

  const ended = until(
    'the stand-in for a kubelet to be stopped',
    async () => {
      const { body } = await cluster.request('GET', '/api/v1/pods');
      await Promise.all(podsIn(body).map(lookAfter));
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      return isStopped;
    },
    3_600_000,
  );
  return kubelet;
}
