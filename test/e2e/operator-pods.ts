/** The pods of the installed operator: who leads, what they say, how quickly they start. */

import { at } from '../integration/cluster-objects.ts';
import { OPERATOR_NAMESPACE, OPERATOR_PODS } from './installation.ts';
import type { PodSeen } from './pods.ts';
import type { Stage } from './stage.ts';

export function operatorPods({ pods }: Stage): Promise<readonly PodSeen[]> {
  return pods.list(OPERATOR_NAMESPACE, OPERATOR_PODS);
}

/** The pod that holds the Lease; undefined when nobody does. */
export async function leaderPod(stage: Stage): Promise<PodSeen | undefined> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${OPERATOR_NAMESPACE}/leases`;
  const holder = String(
    at((await stage.cluster.client.request('GET', path)).body, 'items', 0, 'spec', 'holderIdentity'),
  );
  // `<host name>_<uuid>`, and the host name of a pod is its own.
  return (await operatorPods(stage)).find(({ name }) => holder.startsWith(`${name}_`));
}

/** Of all pods that are there, with what those said that were restarted. */
export async function operatorLog(stage: Stage): Promise<string> {
  const logs = (...more: readonly string[]) =>
    stage.cluster.client.kubectl(['logs', '-n', OPERATOR_NAMESPACE, '-l', OPERATOR_PODS, '--tail=-1', ...more]);
  const [now, before] = await Promise.all([logs(), logs('--previous')]);
  return now.stdout + before.stdout;
}

/** SIGKILL to the process of the pod's container, as the kernel does when memory runs out. */
export async function killContainer({ cluster }: Stage, pod: PodSeen): Promise<void> {
  await cluster.onNode('ctr', '--namespace', 'k8s.io', 'tasks', 'kill', '--signal', 'SIGKILL', pod.containerId);
}

/** On the node. */
export async function processIdOf({ cluster }: Stage, pod: PodSeen): Promise<number> {
  const tasks = await cluster.onNode('ctr', '--namespace', 'k8s.io', 'tasks', 'list');
  return Number(new RegExp(`^${pod.containerId}\\s+(\\d+)`, 'm').exec(tasks)?.[1]);
}

/** From the start of the pod's process to the line of its log that says that all is seen, in ms, to some 10 ms. */
export async function startUpMs(stage: Stage, pod: PodSeen): Promise<number> {
  const { client, onNode } = stage.cluster;
  const pid = await processIdOf(stage, pod);
  const [stat, uptime] = [await onNode('cat', `/proc/${pid}/stat`), await onNode('cat', '/proc/uptime')];
  const nowMs = Date.now();
  // proc(5): field 22, in hundredths of a second since the start of the machine.
  const startedSeconds = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]) / 100;
  const startedAtMs = nowMs - (Number(uptime.split(' ')[0]) - startedSeconds) * 1_000;
  const { stdout } = await client.kubectl(['logs', '-n', OPERATOR_NAMESPACE, pod.name]);
  const ready = stdout.split('\n').find((line) => line.includes('"msg":"ready"')) ?? '{}';
  const { time }: { time?: string } = JSON.parse(ready);
  return Date.parse(time ?? '') - startedAtMs;
}
