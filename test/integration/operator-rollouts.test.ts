/** A rotation reaches the pods: real controllers of workloads, and a stand-in for the kubelet. */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { shardOf } from '../../src/domain/shard-of.ts';
import { until } from '../harness/until.ts';
import { at } from './cluster-objects.ts';
import { startWorld, type World } from './operator-world.ts';
import { bugsLoggedBy } from './proxied-world.ts';
import {
  AUTO,
  isOfVersion,
  type Prepared,
  ROLLOUT_ARGS,
  type RolloutWorld,
  startRolloutWorld,
  type WorkloadKind,
  withEnv,
} from './rollout-world.ts';

const HOUR_MS = 3_600_000;

let rig: RolloutWorld;
beforeAll(async () => {
  rig = await startRolloutWorld();
}, 120_000);
afterEach(() => {
  rig.kubelet.breaks = () => false;
  rig.kubelet.startsLaterByMs = 0;
  expect(bugsLoggedBy(rig.world.operator)).toEqual([]);
});
afterAll(async () => {
  expect(await rig.world.leaks()).toEqual([]);
  await rig.stop();
});

async function api({ namespace }: Prepared, spec: object = {}, name = 'api'): Promise<void> {
  await rig.workload('Deployment', namespace, name, withEnv('db'), { ...spec });
  await rig.healthy('Deployment', namespace, name);
}

/** Everything that was to be done for what came before has been done: this goes the same way, later. */
async function restartsAnother({ namespace }: Prepared): Promise<void> {
  const key = await rig.feed(namespace, 'another');
  await rig.workload('Deployment', namespace, 'another', withEnv('another'));
  await rig.healthy('Deployment', namespace, 'another');
  const version = await rig.rotate({ namespace, key }, 'another');
  await rig.triggered('Deployment', namespace, 'another', 'another', version);
}

/** Of DaemonSets there is a pod for each node that has no taint; a new one has that of a node that is not ready. */
async function addNode(name: string): Promise<void> {
  const status = { conditions: [{ type: 'Ready', status: 'True' }], allocatable: { pods: '10' } };
  await rig.cluster.request('POST', '/api/v1/nodes', { kind: 'Node', apiVersion: 'v1', metadata: { name }, status });
  const contentType = 'application/merge-patch+json';
  await rig.cluster.request('PATCH', `/api/v1/nodes/${name}`, { spec: { taints: null } }, { contentType });
}

describe('a rotation', () => {
  it('restarts every workload that uses the Secret, once, and none that does not; a first version restarts none', async () => {
    const prepared = await rig.prepare('rolled');
    const { namespace } = prepared;
    await addNode('node-a');
    const secret = { secretName: 'db' };
    const mounted = { containers: [{ name: 'a', image: 'none' }], volumes: [{ name: 's', secret }] };
    const pulls = { containers: [{ name: 'a', image: 'none' }], imagePullSecrets: [{ name: 'db' }] };
    await rig.workload('Deployment', namespace, 'api', withEnv('db'), { replicas: 2 });
    await rig.workload('StatefulSet', namespace, 'queue', mounted, { replicas: 1 });
    await rig.workload('DaemonSet', namespace, 'agent', pulls);
    await rig.workload('Deployment', namespace, 'other', withEnv('unrelated'));
    const users: readonly (readonly [WorkloadKind, string])[] = [
      ['Deployment', 'api'],
      ['StatefulSet', 'queue'],
      ['DaemonSet', 'agent'],
    ];
    for (const [kind, name] of users) await rig.healthy(kind, namespace, name);
    expect(at(await rig.get('DaemonSet', namespace, 'agent'), 'status', 'desiredNumberScheduled')).toBe(1);

    const version = await rig.rotate(prepared);
    for (const [kind, name] of users) {
      await rig.triggered(kind, namespace, name, 'db', version);
      await rig.healthy(kind, namespace, name);
      expect(await rig.changes(kind, namespace, name)).toBe(1);
    }
    expect(await rig.changes('Deployment', namespace, 'other')).toBe(0);
    await rig.world.expectEvent(namespace, 'db', 'RolloutStarted', /Deployment "api" gets new pods/);
    await rig.world.expectEvent(namespace, 'api', 'RolloutStarted', /another version of Secret "db"/);
  });

  it('of two secrets at once restarts what uses both once; of thirty workloads one goes first and all come through', async () => {
    const prepared = await rig.prepare('thirty');
    const { namespace } = prepared;
    const second = await rig.feed(namespace, 'cache');
    const both = {
      containers: [{ name: 'a', image: 'none', envFrom: ['db', 'cache'].map((name) => ({ secretRef: { name } })) }],
    };
    const names = Array.from({ length: 30 }, (_, at) => `app-${at}`);
    await Promise.all(names.map((name) => rig.workload('Deployment', namespace, name, both)));
    await Promise.all(names.map((name) => rig.healthy('Deployment', namespace, name)));
    rig.kubelet.breaks = () => true;
    const changed = async () => {
      const counts = await Promise.all(names.map((name) => rig.changes('Deployment', namespace, name)));
      return counts.filter((count) => count > 0).length;
    };
    const before = await rig.version(namespace, 'cache');
    await rig.world.putSecret(rig.world.canary(), second);
    const first = await rig.rotate(prepared);
    const other = await rig.version(namespace, 'cache', before);
    await until('the first workload to be restarted', changed, 15_000);
    await restartedByItself(namespace);
    expect(await changed()).toBe(1);

    rig.kubelet.breaks = () => false;
    for (const name of names) {
      await rig.triggered('Deployment', namespace, name, 'db', first);
      await rig.triggered('Deployment', namespace, name, 'cache', other);
      expect(await rig.changes('Deployment', namespace, name)).toBe(1);
    }
  }, 90_000);
});

/** Another namespace's workload comes through meanwhile: places are free, and the operator looks. */
async function restartedByItself(busy: string): Promise<void> {
  const breaks = rig.kubelet.breaks;
  rig.kubelet.breaks = (pod) => at(pod, 'metadata', 'namespace') === busy && breaks(pod);
  await restartsAnother(await rig.prepare('beside'));
}

describe('nothing is restarted', () => {
  it('by another operator, a forced sync, another label, or a Secret that somebody deleted', async () => {
    const prepared = await rig.prepare('still');
    const { namespace, key } = prepared;
    await api(prepared);
    await api(prepared, {}, 'late');
    const version = await rig.rotate(prepared);
    await rig.triggered('Deployment', namespace, 'late', 'db', version);
    await rig.healthy('Deployment', namespace, 'late');

    await rig.world.restartOperator('kill');
    await rig.annotate(namespace, 'db', key, {
      annotations: { ...AUTO.annotations, 'force-sync': 'now' },
      labels: { a: 'b' },
    });
    const isLabelled = async () =>
      JSON.stringify(await rig.world.objects.get('Secret', namespace, 'db')).includes('"a":"b"');
    await until('the label to be copied', isLabelled, 15_000);
    await rig.world.objects.remove('Secret', namespace, 'db');
    expect(await rig.version(namespace, 'db')).toBe(version);
    await restartsAnother(prepared);
    for (const name of ['api', 'late']) expect(await rig.changes('Deployment', namespace, name)).toBe(1);
  });

  it('when rollouts are switched on for pods that started after the version was written', async () => {
    const prepared = await rig.prepare('switched', {});
    const { namespace, key } = prepared;
    rig.kubelet.startsLaterByMs = 15_000;
    await api(prepared);
    rig.kubelet.startsLaterByMs = -HOUR_MS;
    await api(prepared, {}, 'old');
    rig.kubelet.startsLaterByMs = 0;
    await rig.annotate(namespace, 'db', key, AUTO);
    const version = await rig.version(namespace, 'db');
    await rig.triggered('Deployment', namespace, 'old', 'db', version);
    await rig.healthy('Deployment', namespace, 'old');
    await restartsAnother(prepared);
    expect(await rig.changes('Deployment', namespace, 'old')).toBe(1);
    expect(await rig.changes('Deployment', namespace, 'api')).toBe(0);
  });

  it('while it is paused, and once when it goes on; or when it comes back from zero', async () => {
    const prepared = await rig.prepare('paused');
    const { namespace } = prepared;
    await api(prepared);
    await api(prepared, {}, 'asleep');
    await rig.patch('Deployment', namespace, 'api', { spec: { paused: true } });
    await rig.patch('Deployment', namespace, 'asleep', { spec: { replicas: 0 } });
    await rig.healthy('Deployment', namespace, 'asleep');
    const version = await rig.rotate(prepared);
    await restartsAnother(prepared);
    expect(await rig.triggers('Deployment', namespace, 'api')).toEqual({});
    expect(await rig.triggers('Deployment', namespace, 'asleep')).toEqual({});

    rig.kubelet.startsLaterByMs = 15_000;
    // A pod that starts within two seconds of the version may have the one before.
    await sleep(2_500);
    await rig.patch('Deployment', namespace, 'asleep', { spec: { replicas: 1 } });
    await rig.healthy('Deployment', namespace, 'asleep');
    await rig.patch('Deployment', namespace, 'api', { spec: { paused: false } });
    await rig.triggered('Deployment', namespace, 'api', 'db', version);
    expect(await rig.triggers('Deployment', namespace, 'asleep')).toEqual({});
  });

  it('a second time when somebody takes the trigger away', async () => {
    const prepared = await rig.prepare('reverted');
    const { namespace } = prepared;
    await api(prepared);
    const version = await rig.rotate(prepared);
    await rig.triggered('Deployment', namespace, 'api', 'db', version);
    const annotations = { 'keyturn.dev/rollout-db': null };
    await rig.patch('Deployment', namespace, 'api', { spec: { template: { metadata: { annotations } } } });
    await rig.world.expectEvent(namespace, 'db', 'RolloutReverted', /it is not set a second time/);
    await restartsAnother(prepared);
    expect(await rig.triggers('Deployment', namespace, 'api')).toEqual({});
  });
});

describe('a version that comes back', () => {
  it('restarts what started in between, and leaves alone what had it before', async () => {
    const prepared = await rig.prepare('back');
    const { namespace } = prepared;
    const names = ['api', 'kept'];
    for (const name of names) await api(prepared, {}, name);
    const first = await rig.versionId(prepared);
    // By its date of creation, which has whole seconds, AWS's second version is a later one.
    await sleep(1_500);
    const second = await rig.rotate(prepared);
    for (const name of names) {
      await rig.triggered('Deployment', namespace, name, 'db', second);
      await rig.healthy('Deployment', namespace, name);
    }
    // Pods that are made within two seconds may have the one before.
    await sleep(2_500);
    for (const name of names) await rig.deletePods(namespace, name);
    for (const name of names) await rig.healthy('Deployment', namespace, name);
    // What is made within ten seconds before another version may have that one.
    await sleep(11_500);
    const secondId = await rig.versionId(prepared);
    const triggers = await Promise.all(names.map((name) => rig.triggers('Deployment', namespace, name)));
    for (const name of names) await rig.patch('Deployment', namespace, name, { spec: { paused: true } });
    await rig.goBack(prepared, first);
    await rig.deletePods(namespace, 'api');
    await rig.healthy('Deployment', namespace, 'api');
    expect(await rig.goBack(prepared, secondId)).toBe(second);
    expect(await Promise.all(names.map((name) => rig.triggers('Deployment', namespace, name)))).toEqual(triggers);
    for (const name of names) await rig.patch('Deployment', namespace, name, { spec: { paused: false } });
    const isAnother = async () =>
      JSON.stringify(await rig.triggers('Deployment', namespace, 'api')) !== JSON.stringify(triggers[0]);
    await until('another trigger of the same version', isAnother, 20_000);
    await rig.triggered('Deployment', namespace, 'api', 'db', second);
    await rig.healthy('Deployment', namespace, 'api');
    await restartsAnother(prepared);
    // Paused, and set free, and the triggers.
    expect(await rig.changes('Deployment', namespace, 'api')).toBe(4);
    expect(await rig.changes('Deployment', namespace, 'kept')).toBe(3);
    expect(await rig.triggers('Deployment', namespace, 'kept')).toEqual(triggers[1]);
  }, 120_000);
});

describe('two operators that share out the namespaces', () => {
  it('restart each workload once, each those of its own', async () => {
    await rig.world.operator.stop();
    const election = ['--leader-elect', '--leader-election-namespace', 'keyturn'];
    const args = [...ROLLOUT_ARGS, ...election, '--shards', '4'];
    const operators = [
      await startWorld({ cluster: rig.cluster, args }),
      await startWorld({ cluster: rig.cluster, args }),
    ];
    const held = async ({ operator }: World) => {
      const text = await (await fetch(`${await operator.metricsUrl()}/metrics`)).text();
      return Number(/^keyturn_shards_held (\d+)$/m.exec(text)?.[1] ?? 0);
    };
    const isEven = (shards: readonly number[]) => shards.join() === '2,2';
    await until('both to hold two shards', () => Promise.all(operators.map(held)), 60_000, isEven);
    const all = await Promise.all(
      ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'].map((each) => rig.prepare(each)),
    );
    await Promise.all(all.map((each) => api(each)));
    for (const prepared of all) {
      const version = await rig.rotate(prepared);
      await rig.triggered('Deployment', prepared.namespace, 'api', 'db', version);
      await rig.healthy('Deployment', prepared.namespace, 'api');
    }
    for (const { namespace } of all) expect(await rig.changes('Deployment', namespace, 'api')).toBe(1);
    const restarted = operators.map(({ operator }) => {
      const started = operator.logs().filter(({ msg }) => msg === 'rollout started');
      return all.filter(({ namespace }) => started.some(({ workload }) => workload === `Deployment/${namespace}/api`));
    });
    expect(restarted.flat()).toHaveLength(all.length);
    const shards = restarted.map((some) => new Set(some.map(({ namespace }) => shardOf(namespace, 4))));
    expect(shards[0]?.isDisjointFrom(shards[1] ?? new Set())).toBe(true);
    for (const each of operators) await each.stop();
    await rig.world.restartOperator('stop');
  }, 180_000);
});

describe('Argo Rollouts', () => {
  const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const GROUP = 'argoproj.io';
  const merge = { contentType: 'application/merge-patch+json' };
  const pathOf = (namespace: string, name = '') => `/apis/${GROUP}/v1alpha1/namespaces/${namespace}/rollouts/${name}`;

  /** Their kind with their status, but not what is in it: there is nobody here who looks after them. */
  async function serveKind(): Promise<void> {
    const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    const schema = { openAPIV3Schema: { type: 'object', properties: { spec: anything, status: anything } } };
    const version = { name: 'v1alpha1', served: true, storage: true, schema, subresources: { status: {} } };
    const names = { kind: 'Rollout', plural: 'rollouts' };
    const spec = { group: GROUP, scope: 'Namespaced', names, versions: [version] };
    const kind = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
    await rig.cluster.request('POST', CRD, { ...kind, metadata: { name: `rollouts.${GROUP}` }, spec });
    const isServed = async () => (await rig.cluster.request('GET', `/apis/${GROUP}/v1alpha1`)).status === 200;
    await until('Rollouts to be served', isServed, 15_000);
  }

  async function make(namespace: string, name: string, spec: object): Promise<void> {
    const object = { apiVersion: `${GROUP}/v1alpha1`, kind: 'Rollout', metadata: { name, namespace }, spec };
    expect(await rig.cluster.request('POST', pathOf(namespace), object)).toMatchObject({ status: 201 });
  }

  /** Its pod by a ReplicaSet, as Argo's controller makes them. */
  async function makePod(namespace: string, of: string): Promise<void> {
    const labels = { of, 'rollouts-pod-template-hash': '7d9' };
    const template = { metadata: { labels }, spec: withEnv('db') };
    const kind = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: `${of}-7d9` } };
    const path = `/apis/apps/v1/namespaces/${namespace}/replicasets`;
    const spec = { replicas: 1, selector: { matchLabels: labels }, template };
    expect(await rig.cluster.request('POST', path, { ...kind, spec })).toMatchObject({ status: 201 });
    const ready = async () =>
      at((await rig.cluster.request('GET', `${path}/${of}-7d9`)).body, 'status', 'readyReplicas') === 1;
    await until(`the pod of ${of} to be ready`, ready, 15_000);
  }

  /** As Argo's controller tells of its present generation. */
  async function tell(namespace: string, name: string, phase: string): Promise<void> {
    const { body } = await rig.cluster.request('GET', pathOf(namespace, name));
    const counts = { replicas: 1, updatedReplicas: 1, availableReplicas: 1 };
    const status = { ...counts, phase, observedGeneration: String(at(body, 'metadata', 'generation')) };
    await rig.cluster.request('PATCH', `${pathOf(namespace, name)}/status`, { status }, merge);
  }

  async function trigger(namespace: string, name: string): Promise<unknown> {
    const { body } = await rig.cluster.request('GET', pathOf(namespace, name));
    return at(body, 'spec', 'template', 'metadata', 'annotations', 'keyturn.dev/rollout-db');
  }

  it('are restarted; a step that waits for approval is waited for, and told', async () => {
    await serveKind();
    await rig.world.restartOperator('stop');
    const prepared = await rig.prepare('argo');
    const { namespace } = prepared;
    const spec = { replicas: 1, template: { spec: withEnv('db') } };
    for (const name of ['first', 'second']) {
      await makePod(namespace, name);
      await make(namespace, name, spec);
    }
    await make(namespace, 'referring', { replicas: 1, workloadRef: { kind: 'Deployment', name: 'db' } });
    for (const name of ['first', 'second']) await tell(namespace, name, 'Healthy');
    const version = await rig.rotate(prepared);
    const isTriggered = async (name: string) => isOfVersion(await trigger(namespace, name), version);
    await until('the first one to be restarted', () => isTriggered('first'), 20_000);
    await tell(namespace, 'first', 'Paused');
    expect(await rig.held(namespace, 'db', 'Paused')).toMatch(/^Rollout "first" is to be the first .* 1 more workload/);
    expect(await isTriggered('second')).toBe(false);
    await tell(namespace, 'first', 'Healthy');
    await until('the second one to be restarted', () => isTriggered('second'), 20_000);
    await rig.held(namespace, 'db', undefined);
    expect(await trigger(namespace, 'referring')).toBeUndefined();
  }, 90_000);
});

describe('what the annotation names', () => {
  it('is restarted whether it uses the Secret or not; what is not there is told', async () => {
    const names = { annotations: { 'keyturn.dev/rollout': 'deployment/reader, gone' } };
    const prepared = await rig.prepare('named', names);
    const { namespace } = prepared;
    await api(prepared);
    await rig.workload('Deployment', namespace, 'reader', withEnv('unrelated'));
    await rig.healthy('Deployment', namespace, 'reader');
    const version = await rig.rotate(prepared);
    await rig.triggered('Deployment', namespace, 'reader', 'db', version);
    await rig.world.expectEvent(namespace, 'db', 'RolloutTargetMissing', /there is no workload "gone"/);
    expect(await rig.triggers('Deployment', namespace, 'api')).toEqual({});
  });

  it('and cannot be understood, is told with what is allowed', async () => {
    const { namespace, key } = await rig.prepare('wrong', { annotations: { 'keyturn.dev/rollout': 'cronjob/report' } });
    expect(await rig.held(namespace, 'db', 'InvalidAnnotation')).toMatch(
      /"cronjob\/report" names no workload; use "auto"/,
    );
    await rig.annotate(namespace, 'db', key, AUTO);
    await rig.held(namespace, 'db', undefined);
  });
});
