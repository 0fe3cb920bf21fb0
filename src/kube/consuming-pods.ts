/** Pods as far as they tell which version of a Secret they hold, from the moment on that somebody asks. */

import { TRIGGER_PREFIX } from '../api/groups.ts';
import type { ConsumingPod } from '../ports/pods.ts';
import { createDemandedView, type DemandedView } from './demanded-view.ts';
import { asList, asText, asTextMap, at } from './narrow.ts';
import type { OperatorViewsOptions } from './operator-views.ts';
import { CONTAINERS, readPodSecrets } from './pod-secrets.ts';
import { PODS } from './resource-path.ts';
import { createWatchedView } from './watched-view.ts';
import { ownerOfPod, timeOf } from './workloads.ts';

const STATUSES = { initContainers: 'initContainerStatuses', containers: 'containerStatuses' } as const;

/** An init container has ended, and what it read may be in what it left. One that was cleared away has no time any more. */
function startOf(raw: unknown, status: unknown, isInit: boolean): number | undefined {
  const runningMs = timeOf(at(status, 'state', 'running', 'startedAt'));
  const ended = at(status, 'state', 'terminated');
  if (runningMs !== undefined || !isInit || ended === undefined) return runningMs;
  return timeOf(at(ended, 'startedAt')) ?? timeOf(at(raw, 'status', 'startTime'));
}

function containerStartsMs(raw: unknown): readonly (number | null)[] {
  return CONTAINERS.flatMap((field) => {
    const statuses = asList(
      at(raw, 'status', field === 'ephemeralContainers' ? 'ephemeralContainerStatuses' : STATUSES[field]),
    );
    return asList(at(raw, 'spec', field)).map((container) => {
      const status = statuses.find((each) => asText(at(each, 'name')) === asText(at(container, 'name')));
      return startOf(raw, status, field === 'initContainers') ?? null;
    });
  });
}

/** Of conditions that a kubelet sets at the same time. */
const AT_ONCE_MS = 5_000;

/**
 * What the control plane says of a silent node: it calls the pod not ready, and leaves the word of the kubelet that all
 * containers are. The time of the one stays apart from the other when the node is back. Readiness gates look the same then
 * (https://kubernetes.io/docs/concepts/architecture/nodes/#node-controller).
 */
function nodeOf(raw: unknown): ConsumingPod['node'] {
  const conditions = asList(at(raw, 'status', 'conditions'));
  const find = (type: unknown) => conditions.find((each) => at(each, 'type') === type);
  const isTrue = (type: unknown) => at(find(type), 'status') === 'True';
  const gates = asList(at(raw, 'spec', 'readinessGates')).map((gate) => at(gate, 'conditionType'));
  const sinceMs = timeOf(at(find('Ready'), 'lastTransitionTime'));
  const allReadyMs = timeOf(at(find('ContainersReady'), 'lastTransitionTime')) ?? 0;
  if (sinceMs === undefined || !isTrue('ContainersReady') || !gates.every(isTrue)) return undefined;
  if (!isTrue('Ready')) return { is: 'silent', sinceMs };
  return sinceMs - allReadyMs > AT_ONCE_MS ? { is: 'back', sinceMs } : undefined;
}

/** Undefined for what lacks a name. */
export function readConsumingPod(raw: unknown): ConsumingPod | undefined {
  const namespace = asText(at(raw, 'metadata', 'namespace'));
  const name = asText(at(raw, 'metadata', 'name'));
  if (namespace === '' || name === '') return undefined;
  const phase = asText(at(raw, 'status', 'phase'));
  const owner = ownerOfPod(raw);
  const startedAtMs = timeOf(at(raw, 'status', 'startTime'));
  const node = nodeOf(raw);
  const annotations = Object.entries(asTextMap(at(raw, 'metadata', 'annotations')));
  return {
    namespace,
    name,
    createdAtMs: timeOf(at(raw, 'metadata', 'creationTimestamp')) ?? 0,
    isRunning: phase !== 'Succeeded' && phase !== 'Failed',
    ...(owner !== undefined && { owner }),
    ...(startedAtMs !== undefined && { startedAtMs }),
    secrets: readPodSecrets(at(raw, 'spec')),
    containerStartsMs: containerStartsMs(raw),
    ...(node !== undefined && { node }),
    triggers: Object.fromEntries(annotations.filter(([key]) => key.startsWith(TRIGGER_PREFIX))),
  };
}

export function createConsumingPodView(options: OperatorViewsOptions): DemandedView<ConsumingPod> {
  const { namespaces, createView = createWatchedView, ...rest } = options;
  const source = { resource: PODS, namespaces: namespaces.length === 0 ? undefined : namespaces };
  return createDemandedView(createView({ ...rest, source, project: readConsumingPod }));
}
