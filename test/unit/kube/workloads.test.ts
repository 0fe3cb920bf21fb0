import { describe, expect, test } from 'vitest';
import { healthOf } from '../../../src/domain/workload-health.ts';
import { createWorkloads, ownerOfPod, readRunningPod, readWorkload } from '../../../src/kube/workloads.ts';
import type { WorkloadKind } from '../../../src/ports/workloads.ts';
import { createFakeClient } from './fake-client.ts';

const metadata = { namespace: 'team', name: 'api', uid: 'u', resourceVersion: '7', generation: 3 };
const NOW_MS = Date.parse('2026-06-01T12:00:00Z');

function health(kind: WorkloadKind, spec: object, status: object): string {
  const read = readWorkload(kind, { metadata, spec, status: { observedGeneration: 3, ...status } });
  return read === undefined ? 'unreadable' : healthOf(read, NOW_MS, 1_000);
}

const two = { replicas: 2 };
const exceeded = { conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }] };
const partition = { replicas: 3, updateStrategy: { rollingUpdate: { partition: 2 } } };

describe('how a rollout goes', () => {
  test.each<readonly [string, WorkloadKind, object, object, string]>([
    [
      'a Deployment with all its pods',
      'Deployment',
      two,
      { replicas: 2, updatedReplicas: 2, availableReplicas: 2 },
      'complete',
    ],
    [
      'one with an old pod left',
      'Deployment',
      two,
      { replicas: 3, updatedReplicas: 2, availableReplicas: 2 },
      'rolling',
    ],
    [
      'one with a pod that is not available',
      'Deployment',
      two,
      { replicas: 2, updatedReplicas: 2, availableReplicas: 1 },
      'rolling',
    ],
    [
      'one whose status is of an earlier template',
      'Deployment',
      two,
      { replicas: 2, updatedReplicas: 2, availableReplicas: 2, observedGeneration: 2 },
      'rolling',
    ],
    [
      'one that has given up',
      'Deployment',
      two,
      { replicas: 2, updatedReplicas: 1, availableReplicas: 1, ...exceeded },
      'failed',
    ],
    [
      'one that had given up, and is complete',
      'Deployment',
      two,
      { replicas: 2, updatedReplicas: 2, availableReplicas: 2, ...exceeded },
      'complete',
    ],
    ['one without a number', 'Deployment', {}, { replicas: 1, updatedReplicas: 1, availableReplicas: 1 }, 'complete'],
    ['one that is scaled to zero', 'Deployment', { replicas: 0 }, {}, 'idle'],
    ['a StatefulSet with all its pods', 'StatefulSet', two, { updatedReplicas: 2, availableReplicas: 2 }, 'complete'],
    ['one that goes on', 'StatefulSet', two, { updatedReplicas: 1, availableReplicas: 2 }, 'rolling'],
    ['one with a partition', 'StatefulSet', partition, { updatedReplicas: 1, availableReplicas: 3 }, 'complete'],
    ['one that is updated by deleting', 'StatefulSet', { ...two, updateStrategy: { type: 'OnDelete' } }, {}, 'idle'],
    [
      'a DaemonSet with all its pods',
      'DaemonSet',
      {},
      { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 },
      'complete',
    ],
    [
      'one that goes on',
      'DaemonSet',
      {},
      { desiredNumberScheduled: 2, updatedNumberScheduled: 1, numberAvailable: 2 },
      'rolling',
    ],
    ['one without a node', 'DaemonSet', {}, { desiredNumberScheduled: 0 }, 'idle'],
    [
      'a Rollout that is healthy',
      'Rollout',
      two,
      { observedGeneration: '3', phase: 'Healthy', replicas: 4, updatedReplicas: 2, availableReplicas: 4 },
      'complete',
    ],
    [
      'one that goes on',
      'Rollout',
      two,
      { observedGeneration: '3', phase: 'Progressing', updatedReplicas: 2, availableReplicas: 2 },
      'rolling',
    ],
    [
      'one that has failed',
      'Rollout',
      two,
      { observedGeneration: '3', phase: 'Degraded', updatedReplicas: 1, availableReplicas: 1 },
      'failed',
    ],
    [
      'one that waits for somebody',
      'Rollout',
      two,
      { observedGeneration: '3', phase: 'Paused', updatedReplicas: 1, availableReplicas: 2 },
      'rolling',
    ],
  ])('%s', (_, kind, spec, status, expected) => {
    expect(health(kind, spec, status)).toBe(expected);
  });
});

describe('whether its own controller has rolled the present template out in full once', () => {
  const TRIGGERED_AT = '2026-06-01T11:00:00Z';
  const managedFields = [{ manager: 'keyturn-rollouts', operation: 'Update', time: TRIGGERED_AT, fieldsV1: {} }];
  const availableSince = (lastUpdateTime: string) => ({
    conditions: [{ type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', lastUpdateTime }],
  });
  const available = availableSince('2026-06-01T11:00:20Z');
  const ready = { currentRevision: 'db-7', updateRevision: 'db-7' };
  const hasSucceeded = (kind: WorkloadKind, spec: object, status: object) => {
    const raw = { metadata: { ...metadata, managedFields }, spec, status: { observedGeneration: 3, ...status } };
    return readWorkload(kind, raw)?.progress.hasSucceeded;
  };
  test.each<readonly [string, WorkloadKind, object, boolean]>([
    ['a Deployment that was, with a pod that broke', 'Deployment', { availableReplicas: 0, ...available }, true],
    [
      'a Deployment that is told of the template before, whose ReplicaSet was there already',
      'Deployment',
      { replicas: 2, updatedReplicas: 0, ...availableSince('2026-06-01T10:59:00Z') },
      false,
    ],
    ['a Deployment that is on its way', 'Deployment', {}, false],
    ['a Deployment that has given up', 'Deployment', exceeded, false],
    ['a StatefulSet that was', 'StatefulSet', ready, true],
    ['a StatefulSet that is on its way', 'StatefulSet', { currentRevision: 'db-7', updateRevision: 'db-8' }, false],
    ['a StatefulSet that says nothing yet', 'StatefulSet', {}, false],
    ['a DaemonSet, which does not tell', 'DaemonSet', { updatedNumberScheduled: 2, numberAvailable: 2 }, false],
    ['a Rollout that was', 'Rollout', { stableRS: '7d9', currentPodHash: '7d9' }, true],
    ['a Rollout that is on its way', 'Rollout', { stableRS: '7d9', currentPodHash: '8e0' }, false],
  ])('%s', (_, kind, status, expected) => {
    expect(hasSucceeded(kind, two, status)).toBe(expected);
  });

  test('a StatefulSet whose pods have to be ready for a while is not said to be before they were', () => {
    expect(hasSucceeded('StatefulSet', { ...two, minReadySeconds: 60 }, ready)).toBe(false);
  });
});

describe('a workload', () => {
  test('is read as far as rollouts need it', () => {
    const managedFields = [
      { manager: 'keyturn-rollouts', operation: 'Update', time: '2026-06-01T11:00:00Z', fieldsV1: {} },
      { manager: 'kubectl', operation: 'Update', time: '2026-06-01T11:30:00Z', fieldsV1: {} },
    ];
    const annotations = {
      'keyturn.dev/rollout-db': 'v',
      'kubectl.kubernetes.io/restartedAt': '2026-05-01T00:00:00+02:00',
      other: 'x',
    };
    const spec = {
      paused: true,
      template: { metadata: { annotations }, spec: { imagePullSecrets: [{ name: 'pull' }] } },
    };
    expect(readWorkload('Deployment', { metadata: { ...metadata, managedFields }, spec })).toMatchObject({
      kind: 'Deployment',
      name: 'api',
      isPaused: true,
      secrets: ['pull'],
      triggers: { 'keyturn.dev/rollout-db': 'v' },
      restartedAtMs: Date.parse('2026-04-30T22:00:00Z'),
      triggeredAtMs: Date.parse('2026-06-01T11:00:00Z'),
    });
  });

  test('was restarted no later than the API server says, whatever clock kubectl had', () => {
    const template = { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-06-01T12:05:00Z' } } };
    const owned = { 'f:annotations': { 'f:kubectl.kubernetes.io/restartedAt': {} } };
    const entry = (manager: string, time: string, fields: object) => ({
      manager,
      operation: 'Update',
      time,
      fieldsV1: { 'f:spec': { 'f:template': { 'f:metadata': fields } } },
    });
    const managedFields = [
      entry('kubectl-rollout', '2026-06-01T12:00:00Z', owned),
      entry('helm', '2026-06-01T12:10:00Z', { 'f:labels': {} }),
    ];
    const restartedAtMs = (of: object) =>
      readWorkload('Deployment', { metadata: of, spec: { template } })?.restartedAtMs;
    expect(restartedAtMs({ ...metadata, managedFields })).toBe(NOW_MS);
    expect(restartedAtMs(metadata)).toBe(NOW_MS + 300_000);
  });

  test('that has no name is none', () => {
    expect(readWorkload('Deployment', { metadata: {} })).toBeUndefined();
  });

  test('may have no template of its own', () => {
    const workloadRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' };
    expect(readWorkload('Rollout', { metadata, spec: { workloadRef } })).toMatchObject({ hasTemplate: false });
  });
});

test('a trigger that admission takes out of what it answers is refused, and not called set', async () => {
  const answer = (annotations: object) => ({ metadata, spec: { template: { metadata: { annotations } } } });
  const api = readWorkload('Deployment', answer({}));
  const trigger = { 'keyturn.dev/rollout-db': 'v' };
  const set = (answered: object) => {
    const client = createFakeClient(() => answer(answered));
    return api && createWorkloads({ client, namespaces: [] }).trigger(api, trigger, AbortSignal.timeout(1_000));
  };
  await expect(set(trigger)).resolves.toMatchObject({ triggers: trigger });
  await expect(set({ other: 'x' })).rejects.toThrow(/left out.*keyturn.dev\/rollout-db/);
});

describe('the workload of a pod', () => {
  const owned = (kind: string, name: string, labels: object = {}) => ({
    metadata: { labels, ownerReferences: [{ kind, name, controller: true }] },
  });
  test.each([
    [
      'of a Deployment',
      owned('ReplicaSet', 'api-7d9', { 'pod-template-hash': '7d9' }),
      { kind: 'Deployment', name: 'api' },
    ],
    [
      'of an Argo Rollout',
      owned('ReplicaSet', 'api-7d9', { 'rollouts-pod-template-hash': '7d9' }),
      { kind: 'Rollout', name: 'api' },
    ],
    ['of a StatefulSet', owned('StatefulSet', 'db'), { kind: 'StatefulSet', name: 'db' }],
    ['of a DaemonSet', owned('DaemonSet', 'agent'), { kind: 'DaemonSet', name: 'agent' }],
    ['of a Job', owned('Job', 'report'), undefined],
    ['of a ReplicaSet of its own', owned('ReplicaSet', 'api'), undefined],
    ['of nobody', { metadata: {} }, undefined],
  ])('%s', (_, pod, expected) => {
    expect(ownerOfPod(pod)).toEqual(expected);
  });
});

describe('since when a pod runs', () => {
  const owner = { kind: 'StatefulSet', name: 'db', controller: true };
  const containerStatuses = [{ name: 'a', state: { running: { startedAt: '2026-06-01T12:00:00Z' } } }];
  const status = { phase: 'Running', startTime: '2026-06-01T11:00:00Z', containerStatuses };
  const runs = (spec: object, of: object = status) => {
    const ms = readRunningPod({ metadata: { ...metadata, ownerReferences: [owner] }, spec, status: of })?.startedAtMs;
    return ms === undefined ? undefined : new Date(ms).toISOString();
  };
  const volumes = [{ name: 'v', secret: { secretName: 'db' } }];

  test('a restarted container has its environment anew', () => {
    expect(runs({ containers: [{ name: 'a', envFrom: [{ secretRef: { name: 'db' } }] }] })).toMatch(/T12:00/);
  });

  test('and when it was made', () => {
    const pod = { metadata: { ...metadata, ownerReferences: [owner], creationTimestamp: '2026-06-01T10:30:00Z' } };
    expect(readRunningPod({ ...pod, status })?.createdAtMs).toBe(Date.parse('2026-06-01T10:30:00Z'));
  });

  test('but its volumes as the kubelet has brought them', () => {
    expect(runs({ containers: [{ name: 'a' }], volumes })).toMatch(/T11:00/);
    expect(runs({ containers: [{ name: 'a' }], volumes }, { ...status, containerStatuses: [] })).toBeUndefined();
  });
});
