/** The chart in a cluster, with Helm as its users have it, and the operator run as a Deployment of it says. */

import { dirname } from 'node:path';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { expect } from 'vitest';
import { NODE_FLAGS } from '../../scripts/node-flags.ts';
import { secretsManagerAt } from '../harness/aws-endpoint.ts';
import type { ClusterClient } from '../harness/cluster-client.ts';
import { onFreePort } from '../harness/free-port.ts';
import { runHelm } from '../harness/helm.ts';
import { helmBinary } from '../harness/helm-binary.ts';
import { OPERATOR_BUNDLE } from '../harness/operator-bundle.ts';
import { type OperatorProcess, startOperator } from '../harness/operator-process.ts';
import { runCommand } from '../harness/run-command.ts';
import { sharedMinistack } from '../harness/shared.ts';
import { argumentsOf, podSpec } from './chart-world.ts';
import { at, clusterObjects, type Json } from './cluster-objects.ts';
import { expectations } from './expectations.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const READY_WITHIN_MS = 30_000;

export interface ChartCluster {
  /** @throws Error with what Helm said @returns what it printed */
  helm(args: readonly string[], values?: Json): Promise<string>;
  /** From the root of a checkout, as the admin. @throws Error with what it printed @returns what it printed */
  bash(script: string, more?: Readonly<Record<string, string>>): Promise<string>;
  /** Undefined where there is nothing. */
  get(path: string): Promise<Json | undefined>;
  /** @param name by default `keyturn` @throws Error when there is none */
  deployment(namespace: string, name?: string): Promise<Json>;
  restrictedNamespace(name: string): Promise<void>;
  /** As the Deployment says: its ServiceAccount, arguments and environment. @param name by default `keyturn` */
  startOperatorOf(namespace: string, name?: string): Promise<OperatorProcess>;
  /** The same, once it has seen the whole cluster. */
  operatorOf(namespace: string, name?: string): Promise<OperatorProcess>;
  /** Awaits that an ExternalSecret of that namespace is synced, from a secret of its own at AWS. */
  syncs(namespace: string, name: string): Promise<void>;
}

/** Ports that are free: two operators may not have the same on one machine as they do in their pods. */
export async function freePorts(): Promise<Json> {
  const [metrics, health] = await Promise.all([onFreePort(async (port) => port), onFreePort(async (port) => port)]);
  return { metrics: { listen: { port: metrics } }, health: { listen: { port: health } } };
}

/** @param home for what shells write there */
export function chartCluster(cluster: ClusterClient, home: string): ChartCluster {
  const objects = clusterObjects(cluster);
  const get: ChartCluster['get'] = async (path) => {
    const { status, body } = await cluster.request('GET', path);
    return status === 200 && typeof body === 'object' && body !== null ? { ...body } : undefined;
  };
  const deployment: ChartCluster['deployment'] = async (namespace, name = 'keyturn') => {
    const found = await get(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
    if (found === undefined) throw new Error(`no Deployment ${namespace}/${name}`);
    return found;
  };
  const startOperatorOf: ChartCluster['startOperatorOf'] = async (namespace, name) =>
    await startAs(cluster, namespace, await deployment(namespace, name));
  return {
    async helm(args, values) {
      const given = values === undefined ? [] : ['--values', '-'];
      const input = values === undefined ? undefined : JSON.stringify(values);
      const { exitCode, stdout, stderr } = await runHelm([...args, ...given], {
        kubeconfigPath: cluster.adminKubeconfigPath,
        input,
      });
      if (exitCode !== 0) throw new Error(stderr);
      return stdout;
    },
    async bash(script, more = {}) {
      const tools = [dirname(cluster.access.kubectlPath), dirname(await helmBinary()), process.env['PATH']];
      const env = { PATH: tools.join(':'), HOME: home, KUBECONFIG: cluster.adminKubeconfigPath, ...more };
      const args = ['-euo', 'pipefail', '-c', script];
      const shell = { name: 'bash', command: 'bash', args, cwd: ROOT, env, timeoutMs: 60_000 };
      const { exitCode, stdout, stderr } = await runCommand(shell);
      if (exitCode !== 0 || /error/i.test(stderr)) throw new Error(`${script}: ${stdout}${stderr}`);
      return stdout;
    },
    get,
    deployment,
    async restrictedNamespace(name) {
      const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
      await cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }));
    },
    startOperatorOf,
    async operatorOf(namespace, name) {
      const operator = await startOperatorOf(namespace, name);
      await operator.waitForLog(({ msg }) => msg === 'ready', READY_WITHIN_MS);
      return operator;
    },
    async syncs(namespace, name) {
      const aws = sharedMinistack();
      const value = `not-secret-${namespace}-${name}`;
      const secretsManager = secretsManagerAt(aws);
      const key = `chart/${namespace}-${name}-${Date.now()}`;
      await secretsManager.send(new CreateSecretCommand({ Name: key, SecretString: value }));
      secretsManager.destroy();
      const { accessKeyId, secretAccessKey } = aws.credentials;
      await objects.apply('Secret', namespace, 'aws', { stringData: { id: accessKeyId, key: secretAccessKey } });
      const from = { name: 'aws' };
      const secretRef = {
        accessKeyIDSecretRef: { ...from, key: 'id' },
        secretAccessKeySecretRef: { ...from, key: 'key' },
      };
      const provider = { aws: { service: 'SecretsManager', region: aws.region, auth: { secretRef } } };
      await objects.apply('SecretStore', namespace, 'aws', { spec: { provider } });
      await objects.apply('ExternalSecret', namespace, name, {
        spec: { secretStoreRef: { name: 'aws' }, data: [{ secretKey: 'value', remoteRef: { key } }] },
      });
      await expectations(objects).expectReady(namespace, name);
      await expectations(objects).expectData(namespace, name, { value });
    },
  };
}

async function startAs(cluster: ClusterClient, namespace: string, deployment: Json): Promise<OperatorProcess> {
  const serviceAccount = String(podSpec(deployment)['serviceAccountName']);
  const variables = at(podSpec(deployment), 'containers', 0, 'env') as readonly Json[];
  const env = variables.map(({ name: variable, value, valueFrom }) => {
    const field = at(valueFrom, 'fieldRef', 'fieldPath');
    if (field !== undefined) expect(field).toBe('metadata.namespace');
    return [String(variable), field === undefined ? String(value) : namespace] as const;
  });
  return await startOperator({
    kubeconfigPath: await cluster.kubeconfigFor({ namespace, serviceAccount }),
    command: [process.execPath, ...NODE_FLAGS, OPERATOR_BUNDLE],
    args: argumentsOf(deployment),
    env: Object.fromEntries(env),
  });
}
