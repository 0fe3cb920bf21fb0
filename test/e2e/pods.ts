/** Pods of the cluster, by kubectl: what runs in them, and what is seen from within. */

import type { ClusterClient } from '../harness/cluster-client.ts';
import { WAITING_IMAGE } from '../harness/node/waiting-image.ts';
import { until } from '../harness/until.ts';
import { at, type Json } from '../integration/cluster-objects.ts';

const READY_WITHIN_MS = 60_000;
/** Where {@link Pods.run} mounts the Secret. */
export const MOUNTED_AT = '/secret';
/** In the operator's image. */
export const NODE = '/nodejs/bin/node';

export interface PodSeen {
  readonly name: string;
  readonly uid: string;
  readonly ready: boolean;
  /** Of its first container. */
  readonly restarts: number;
  /** As the container runtime knows it. */
  readonly containerId: string;
}

export interface Pods {
  /** A Deployment of one pod that has the Secret as files and its key `password` as `PASSWORD`. */
  run(namespace: string, name: string, secretName: string): Promise<void>;
  list(namespace: string, selector: string): Promise<readonly PodSeen[]>;
  /** The only pod of a Deployment that {@link run} made, once it is ready. */
  ready(namespace: string, name: string): Promise<PodSeen>;
  /** Runs a shell command in the pod's container. @returns what it printed @throws Error with what it said */
  shell(namespace: string, pod: string, script: string): Promise<string>;
  /** The same with JavaScript, in a pod of the operator's image: it has no shell, but it has Node. */
  javascript(namespace: string, pod: string, script: string): Promise<string>;
}

export function podsOf(cluster: ClusterClient): Pods {
  const list: Pods['list'] = async (namespace, selector) => {
    const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector)}`;
    const items = at((await cluster.request('GET', path)).body, 'items');
    const living = (Array.isArray(items) ? items : []).filter((pod) => !at(pod, 'metadata', 'deletionTimestamp'));
    return living.map(seen);
  };
  const exec = async (namespace: string, pod: string, command: readonly string[]) => {
    const { exitCode, stdout, stderr } = await cluster.kubectl(['exec', '-n', namespace, pod, '--', ...command]);
    if (exitCode !== 0) throw new Error(`${command.at(-1)} failed in ${pod} (${exitCode}): ${stderr.trim()}`);
    return stdout;
  };
  return {
    run: (namespace, name, secretName) => cluster.apply(JSON.stringify(deploymentOf(namespace, name, secretName))),
    list,
    async ready(namespace, name) {
      const only = async () => {
        const pods = await list(namespace, `app=${name}`);
        return pods.length === 1 && pods[0]?.ready ? pods[0] : undefined;
      };
      return await until(`the pod of ${name} to be ready`, only, READY_WITHIN_MS);
    },
    shell: (namespace, pod, script) => exec(namespace, pod, ['sh', '-c', script]),
    javascript: (namespace, pod, script) => exec(namespace, pod, [NODE, '-e', script]),
  };
}

function seen(pod: Json): PodSeen {
  const [status] = [at(pod, 'status', 'containerStatuses')].flat();
  const conditions = at(pod, 'status', 'conditions');
  const isReady = (each: unknown) => at(each, 'type') === 'Ready' && at(each, 'status') === 'True';
  return {
    name: String(at(pod, 'metadata', 'name')),
    uid: String(at(pod, 'metadata', 'uid')),
    ready: Array.isArray(conditions) && conditions.some(isReady),
    restarts: Number(at(status, 'restartCount') ?? 0),
    containerId: String(at(status, 'containerID') ?? '').replace(/^\w+:\/\//, ''),
  };
}

function deploymentOf(namespace: string, name: string, secretName: string) {
  const labels = { app: name };
  const container = {
    name: 'app',
    image: WAITING_IMAGE,
    imagePullPolicy: 'Never',
    env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: secretName, key: 'password' } } }],
    volumeMounts: [{ name: 'secret', mountPath: MOUNTED_AT, readOnly: true }],
  };
  const spec = {
    // It has nothing to finish.
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsUser: 65_532, runAsNonRoot: true },
    containers: [container],
    volumes: [{ name: 'secret', secret: { secretName } }],
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}
