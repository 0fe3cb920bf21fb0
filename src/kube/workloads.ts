/** Reads and restarts workloads. */

import { TRIGGER_PREFIX } from '../api/groups.ts';
import { ClusterRejected } from '../ports/errors.ts';
import type { RunningPod, Workload, WorkloadKind, Workloads } from '../ports/workloads.ts';
import type { KubeClient } from './client.ts';
import { unanswered } from './errors.ts';
import { listAll } from './list-all.ts';
import { askWhetherListed } from './list-permission.ts';
import { type ManagedFields, ownersIn } from './managed-fields.ts';
import { asList, asText, asTextMap, at } from './narrow.ts';
import { readPodSecrets } from './pod-secrets.ts';
import { inNamespace, type NamespacedResource, namespacedObject, PODS } from './resource-path.ts';
import { readProgress } from './workload-progress.ts';

/** By this name it is known later when we last restarted a workload. */
const FIELD_MANAGER = 'keyturn-rollouts';
const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

const APPS = { apiVersion: 'apps/v1', scope: 'namespaced' } as const;
export const WORKLOAD_RESOURCES: Readonly<Record<WorkloadKind, NamespacedResource>> = {
  Deployment: { ...APPS, plural: 'deployments' },
  StatefulSet: { ...APPS, plural: 'statefulsets' },
  DaemonSet: { ...APPS, plural: 'daemonsets' },
  Rollout: { apiVersion: 'argoproj.io/v1alpha1', plural: 'rollouts', scope: 'namespaced' },
};

export function timeOf(text: unknown): number | undefined {
  const ms = Date.parse(asText(text));
  return Number.isNaN(ms) ? undefined : ms;
}

function triggeredAtMs(raw: unknown): number | undefined {
  const read = ({ manager, changedAtMs }: { manager: string; changedAtMs: number }) => ({ manager, changedAtMs });
  const owners = ownersIn(at(raw, 'metadata', 'managedFields'), read, (a, b) =>
    a.changedAtMs > b.changedAtMs ? a : b,
  );
  return owners.find(({ manager }) => manager === FIELD_MANAGER)?.changedAtMs || undefined;
}

/** By the clock of whoever ran kubectl, and no later than the API server was told. */
function restartedAtMs(raw: unknown, annotations: Readonly<Record<string, string>>): number | undefined {
  const saidMs = timeOf(annotations[RESTARTED_AT]);
  if (saidMs === undefined) return undefined;
  const path = ['f:spec', 'f:template', 'f:metadata', 'f:annotations', `f:${RESTARTED_AT}`];
  const read = ({ changedAtMs, fields }: ManagedFields) => (at(fields, ...path) === undefined ? 0 : changedAtMs);
  const toldMs = Math.max(0, ...ownersIn(at(raw, 'metadata', 'managedFields'), read, Math.max));
  return toldMs === 0 ? saidMs : Math.min(saidMs, toldMs);
}

function secretsOf(spec: unknown): readonly string[] {
  const { containers, volumes, imagePullSecrets } = readPodSecrets(spec);
  const named = [
    ...containers.flatMap(({ env, envFrom }) => [...env, ...envFrom]),
    ...volumes.flatMap(({ secrets }) => secrets),
    ...imagePullSecrets,
  ];
  return [...new Set(named)];
}

function startsWithPrefix([name]: readonly [string, string]): boolean {
  return name.startsWith(TRIGGER_PREFIX);
}

/** Undefined for what lacks a name or a uid. */
export function readWorkload(kind: WorkloadKind, raw: unknown): Workload | undefined {
  const metadata = at(raw, 'metadata');
  const [namespace, name, uid] = ['namespace', 'name', 'uid'].map((field) => asText(at(metadata, field)));
  if (!namespace || !name || !uid) return undefined;
  const template = at(raw, 'spec', 'template');
  const annotations = asTextMap(at(template, 'metadata', 'annotations'));
  const restartedMs = restartedAtMs(raw, annotations);
  const triggeredMs = triggeredAtMs(raw);
  return {
    kind,
    namespace,
    name,
    uid,
    resourceVersion: asText(at(metadata, 'resourceVersion')),
    isDeleting: asText(at(metadata, 'deletionTimestamp')) !== '',
    isPaused: at(raw, 'spec', 'paused') === true,
    hasTemplate: at(raw, 'spec', 'workloadRef') === undefined,
    updatesOnDelete: asText(at(raw, 'spec', 'updateStrategy', 'type')) === 'OnDelete',
    secrets: secretsOf(at(template, 'spec')),
    triggers: Object.fromEntries(Object.entries(annotations).filter(startsWithPrefix)),
    ...(restartedMs !== undefined && { restartedAtMs: restartedMs }),
    ...(triggeredMs !== undefined && { triggeredAtMs: triggeredMs }),
    progress: readProgress(kind, raw, triggeredMs),
  };
}

/** How the pods of a ReplicaSet are named after what made it: by the label with the hash of the template. */
const MAKERS = [
  { label: 'pod-template-hash', kind: 'Deployment' },
  { label: 'rollouts-pod-template-hash', kind: 'Rollout' },
] as const;

/** The workload that a pod belongs to, without a look at ReplicaSets. */
export function ownerOfPod(raw: unknown): RunningPod['owner'] | undefined {
  const owners = asList(at(raw, 'metadata', 'ownerReferences'));
  const controller = owners.find((owner) => at(owner, 'controller') === true);
  const kind = asText(at(controller, 'kind'));
  const name = asText(at(controller, 'name'));
  if (kind === 'StatefulSet' || kind === 'DaemonSet') return { kind, name };
  if (kind !== 'ReplicaSet') return undefined;
  const labels = asTextMap(at(raw, 'metadata', 'labels'));
  // An Argo Rollout's pods have its own label beside none of the other.
  const maker = MAKERS.find(({ label }) => labels[label] !== undefined && name.endsWith(`-${labels[label]}`));
  return maker && { kind: maker.kind, name: name.slice(0, -1 - (labels[maker.label]?.length ?? 0)) };
}

function startsIn(raw: unknown, field: string): readonly number[] {
  return asList(at(raw, 'status', field)).flatMap((container) => {
    const state = at(container, 'state');
    return timeOf(at(state, 'running', 'startedAt')) ?? timeOf(at(state, 'terminated', 'startedAt')) ?? [];
  });
}

/** A container that is restarted finds the volumes as they are: of Secrets, what the kubelet brought last. */
function volumesSince(raw: unknown): readonly number[] {
  const startedAtMs = timeOf(at(raw, 'status', 'startTime'));
  const hasNone = startedAtMs === undefined || readPodSecrets(at(raw, 'spec')).volumes.length === 0;
  return hasNone ? [] : [startedAtMs];
}

/** Undefined for one that is of no workload, or ends. */
export function readRunningPod(raw: unknown): RunningPod | undefined {
  const owner = ownerOfPod(raw);
  const phase = asText(at(raw, 'status', 'phase'));
  const isEnding =
    asText(at(raw, 'metadata', 'deletionTimestamp')) !== '' || phase === 'Succeeded' || phase === 'Failed';
  if (owner === undefined || isEnding) return undefined;
  const starts = [...startsIn(raw, 'initContainerStatuses'), ...startsIn(raw, 'containerStatuses')];
  const createdAtMs = timeOf(at(raw, 'metadata', 'creationTimestamp')) ?? 0;
  const volumes = volumesSince(raw);
  const startedAtMs = starts.length === 0 ? undefined : Math.min(...starts, ...volumes);
  const lastReadAtMs = volumes.length > 0 ? Number.POSITIVE_INFINITY : Math.max(...starts);
  return { owner, createdAtMs, startedAtMs, lastReadAtMs };
}

export interface WorkloadsOptions {
  readonly client: KubeClient;
  /** Empty for all of them. */
  readonly namespaces: readonly string[];
}

/** Admission may change what it lets through: it would be set for ever. */
function leftOut(annotations: readonly string[]): string {
  return (
    `The API server has left out of the pod template what was to be set there: ${annotations.join(', ')}. ` +
    'Have the admission webhook or policy that removes it let these annotations be.'
  );
}

export function createWorkloads({ client, namespaces }: WorkloadsOptions): Workloads {
  return {
    async trigger(workload, annotations, signal) {
      const { kind, uid } = workload;
      const template = { metadata: { annotations } };
      const request = {
        verb: 'patch',
        path: namespacedObject(WORKLOAD_RESOURCES[kind], workload),
        query: { fieldManager: FIELD_MANAGER },
        // The uid is a precondition: another workload of this name is not meant.
        body: JSON.stringify({ metadata: { uid }, spec: { template } }),
        contentType: 'application/merge-patch+json',
        signal,
      } as const;
      const changed = readWorkload(kind, await client.request(request));
      if (changed === undefined) throw unanswered(request, 'no workload').error;
      const missing = Object.keys(annotations).filter((key) => changed.triggers[key] !== annotations[key]);
      if (missing.length > 0) throw new ClusterRejected(leftOut(missing));
      return changed;
    },
    async pods(namespace, signal) {
      const all = await listAll(client, inNamespace(PODS, namespace), signal);
      return all.flatMap((raw) => readRunningPod(raw) ?? []);
    },
    async probe(signal) {
      const { Deployment, StatefulSet, DaemonSet } = WORKLOAD_RESOURCES;
      await askWhetherListed(client, [Deployment, StatefulSet, DaemonSet], namespaces, signal);
    },
  };
}
