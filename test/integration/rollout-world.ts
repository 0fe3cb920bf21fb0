/** A control plane with the controllers of workloads, a stand-in for the kubelet, and an operator that restarts workloads. */

import { GetSecretValueCommand, UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { triggerOf } from '../../src/domain/rollout-trigger.ts';
import { type ControlPlane, startControlPlane } from '../harness/control-plane.ts';
import { type FaultProxy, inFrontOfApiServer, startFaultProxy } from '../harness/fault-proxy.ts';
import { until } from '../harness/until.ts';
import { at, type Json } from './cluster-objects.ts';
import { startWorld, type World, type WorldOptions } from './operator-world.ts';
import { type StandInKubelet, startStandInKubelet } from './stand-in-kubelet.ts';

const CRDS = new URL('../../crds', import.meta.url).pathname;
const RBAC = ['rollouts-rbac.yaml', 'consumption-rbac.yaml'].map(
  (file) => new URL(`../../deploy/${file}`, import.meta.url).pathname,
);
const CONTROLLERS = ['deployment', 'replicaset', 'statefulset', 'daemonset'];
const ROLLED_WITHIN_MS = 20_000;
const WINDOW_MS = 1_000;

const PLURALS = { Deployment: 'deployments', StatefulSet: 'statefulsets', DaemonSet: 'daemonsets' } as const;
export type WorkloadKind = keyof typeof PLURALS;

export const AUTO = { annotations: { 'keyturn.dev/rollout': 'auto' } };

export interface Prepared {
  readonly namespace: string;
  /** At AWS. */
  readonly key: string;
}

export interface RolloutWorld {
  readonly world: World;
  readonly cluster: ControlPlane;
  readonly kubelet: StandInKubelet;
  /** Between the operator and the API server. */
  readonly apiProxy: FaultProxy;
  workload(kind: WorkloadKind, namespace: string, name: string, podSpec: Json, spec?: Json): Promise<void>;
  get(kind: WorkloadKind, namespace: string, name: string): Promise<unknown>;
  patch(kind: WorkloadKind, namespace: string, name: string, change: Json): Promise<void>;
  /** The triggers on the pod template. */
  triggers(kind: WorkloadKind, namespace: string, name: string): Promise<Json>;
  /** How often its template was changed since it was made. */
  changes(kind: WorkloadKind, namespace: string, name: string): Promise<number>;
  /** Deletes the pods of the workload of that name, which gets others. */
  deletePods(namespace: string, name: string): Promise<void>;
  /** Waits until all its pods are of the present template and ready. */
  healthy(kind: WorkloadKind, namespace: string, name: string): Promise<void>;
  /** An ExternalSecret that is polled every second, and asks for rollouts unless `metadata` says otherwise. @returns the name at AWS */
  feed(namespace: string, name: string, metadata?: Json): Promise<string>;
  /** Its annotations and labels become these. */
  annotate(namespace: string, name: string, key: string, metadata: Json): Promise<void>;
  /** A namespace with a store and the ExternalSecret `db`. */
  prepare(prefix: string, metadata?: Json): Promise<Prepared>;
  /** @returns the version that the Secret has then */
  rotate(prepared: Prepared, secret?: string): Promise<string>;
  /** Waits until the condition RolloutHeld has that reason; undefined: until there is none. */
  held(namespace: string, name: string, reason: string | undefined): Promise<string>;
  /** The version that the target is marked with; waits for it to be another than `before`. */
  version(namespace: string, secret: string, before?: string): Promise<string>;
  /** AWS gives that version of its secret again, by its id there. @returns the version that the Secret has then */
  goBack(prepared: Prepared, versionId: string): Promise<string>;
  /** The id at AWS of the present version. */
  versionId(prepared: Prepared): Promise<string>;
  /** Waits until the trigger of that ExternalSecret is of this version. */
  triggered(
    kind: WorkloadKind,
    namespace: string,
    name: string,
    es: string,
    version: string,
    withinMs?: number,
  ): Promise<void>;
  stop(): Promise<void>;
}

/** Of a trigger on a pod template, or on a pod. */
export function isOfVersion(trigger: unknown, version: string): boolean {
  return typeof trigger === 'string' && trigger.startsWith(`${version} `);
}

/** A pod with one container that has a Secret in its environment. */
export function withEnv(secret: string): Json {
  return { containers: [{ name: 'app', image: 'none', envFrom: [{ secretRef: { name: secret } }] }] };
}

export const ROLLOUT_ARGS = ['--rollouts', '--rollout-window', `${WINDOW_MS}ms`];

export async function startRolloutWorld(options: WorldOptions = {}): Promise<RolloutWorld> {
  const cluster = await startControlPlane({
    crdPaths: [CRDS],
    controllers: CONTROLLERS.map((name) => `${name}-controller`),
  });
  for (const path of RBAC) await cluster.applyPath(path);
  const apiProxy = await startFaultProxy(inFrontOfApiServer(cluster.access));
  const world = await startWorld({ cluster, args: ROLLOUT_ARGS, apiServerUrl: apiProxy.url, ...options });
  const kubelet = startStandInKubelet(cluster);
  const pathOf = (kind: WorkloadKind, namespace: string, name: string) =>
    `/apis/apps/v1/namespaces/${namespace}/${PLURALS[kind]}/${name}`;

  async function send(method: string, path: string, body?: unknown, contentType?: string): Promise<unknown> {
    const reply = await cluster.request(method, path, body, { contentType });
    if (reply.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(reply.body)}`);
    return reply.body;
  }

  const get: RolloutWorld['get'] = (kind, namespace, name) => send('GET', pathOf(kind, namespace, name));
  const triggers: RolloutWorld['triggers'] = async (kind, namespace, name) => {
    const annotations = at(await get(kind, namespace, name), 'spec', 'template', 'metadata', 'annotations') ?? {};
    return Object.fromEntries(Object.entries(annotations).filter(([key]) => key.startsWith('keyturn.dev/rollout-')));
  };
  const annotate: RolloutWorld['annotate'] = (namespace, name, key, metadata) => {
    const data = [{ secretKey: 'password', remoteRef: { key } }];
    return world.externalSecret(namespace, name, { refreshInterval: '1s', data }, metadata);
  };
  const feed: RolloutWorld['feed'] = async (namespace, name, metadata = AUTO) => {
    const { name: key } = await world.putSecret(world.canary());
    await annotate(namespace, name, key, metadata);
    await world.expectReady(namespace, name);
    return key;
  };
  const version: RolloutWorld['version'] = (namespace, secret, before) =>
    until(
      `the version of ${secret}`,
      async () => {
        const found = await world.objects.get('Secret', namespace, secret);
        const [seen] = String(at(found, 'metadata', 'annotations', 'keyturn.dev/version') ?? '').split(' ');
        return seen === before ? undefined : seen;
      },
      ROLLED_WITHIN_MS,
    );
  const versionId: RolloutWorld['versionId'] = async ({ key }) =>
    (await world.secretsManager.send(new GetSecretValueCommand({ SecretId: key }))).VersionId ?? '';
  return {
    world,
    cluster,
    kubelet,
    apiProxy,
    get,
    triggers,
    feed,
    annotate,
    version,
    async prepare(prefix, metadata = AUTO) {
      const namespace = await world.namespace(prefix);
      await world.store(namespace);
      return { namespace, key: await feed(namespace, 'db', metadata) };
    },
    async rotate({ namespace, key }, secret = 'db') {
      const before = await version(namespace, secret);
      await world.putSecret(world.canary(), key);
      return await version(namespace, secret, before);
    },
    versionId,
    async goBack(prepared, to) {
      const { namespace, key } = prepared;
      const before = await version(namespace, 'db');
      const flip = { SecretId: key, VersionStage: 'AWSCURRENT', MoveToVersionId: to };
      const RemoveFromVersionId = await versionId(prepared);
      await world.secretsManager.send(new UpdateSecretVersionStageCommand({ ...flip, RemoveFromVersionId }));
      return await version(namespace, 'db', before);
    },
    async held(namespace, name, reason) {
      const probe = async () => {
        const conditions = at(await world.objects.get('ExternalSecret', namespace, name), 'status', 'conditions');
        const all: readonly unknown[] = Array.isArray(conditions) ? conditions : [];
        return all.find((each) => at(each, 'type') === 'RolloutHeld');
      };
      const what = `RolloutHeld of ${name} to be ${reason}`;
      const seen = await until(what, probe, ROLLED_WITHIN_MS, (each) => at(each, 'reason') === reason);
      return String(at(seen, 'message') ?? '');
    },
    async workload(kind, namespace, name, podSpec, spec = {}) {
      const labels = { app: name };
      const template = { metadata: { labels }, spec: podSpec };
      const whole = {
        selector: { matchLabels: labels },
        template,
        ...(kind === 'StatefulSet' && { serviceName: name }),
        ...spec,
      };
      const object = { apiVersion: 'apps/v1', kind, metadata: { name, namespace }, spec: whole };
      await send('POST', `/apis/apps/v1/namespaces/${namespace}/${PLURALS[kind]}`, object);
    },
    async patch(kind, namespace, name, change) {
      await send('PATCH', pathOf(kind, namespace, name), change, 'application/merge-patch+json');
    },
    async deletePods(namespace, name) {
      await send('DELETE', `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${name}&gracePeriodSeconds=0`);
    },
    async changes(kind, namespace, name) {
      return Number(at(await get(kind, namespace, name), 'metadata', 'generation')) - 1;
    },
    async healthy(kind, namespace, name) {
      await until(
        `${kind} ${name} to be healthy`,
        async () => {
          const object = await get(kind, namespace, name);
          const status = at(object, 'status');
          const isObserved = at(status, 'observedGeneration') === at(object, 'metadata', 'generation');
          const wanted = kind === 'DaemonSet' ? at(status, 'desiredNumberScheduled') : at(object, 'spec', 'replicas');
          const [updated, available] =
            kind === 'DaemonSet'
              ? ['updatedNumberScheduled', 'numberAvailable']
              : ['updatedReplicas', 'availableReplicas'];
          const count = (field = '') => at(status, field) ?? 0;
          // One of before counts as available, too.
          const hasOld = kind === 'Deployment' && count('replicas') !== wanted;
          return isObserved && !hasOld && count(updated) === wanted && count(available) === wanted;
        },
        ROLLED_WITHIN_MS,
      );
    },
    async triggered(kind, namespace, name, es, version, withinMs = ROLLED_WITHIN_MS) {
      const probe = async () => isOfVersion((await triggers(kind, namespace, name))[triggerOf(es)], version);
      await until(`${kind} ${name} to be triggered with ${version}`, probe, withinMs);
    },
    async stop() {
      await kubelet.stop();
      await world.stop();
      await apiProxy.stop();
      await cluster.stop();
    },
  };
}
