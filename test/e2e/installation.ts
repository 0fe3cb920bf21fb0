/**
 * Keyturn in the cluster, installed by the command of the README. What the webhook of EKS puts into a pod whose
 * ServiceAccount has a role, the projected token and two variables, is given as values.
 */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ClusterClient } from '../harness/cluster-client.ts';
import { runHelm } from '../harness/helm.ts';
import { STS } from './aws.ts';

const README_PATH = fileURLToPath(new URL('../../README.md', import.meta.url));
/** The names are those of the README's command. */
export const OPERATOR_NAMESPACE = 'keyturn';
export const OPERATOR_ACCOUNT = 'keyturn';
export const OPERATOR_PODS = 'app.kubernetes.io/name=keyturn';
const RELEASE = 'keyturn';
const ROLLED_OUT_WITHIN = '120s';
const TOKEN_DIRECTORY = '/var/run/secrets/eks.amazonaws.com/serviceaccount';

export interface Installation {
  /** On the node already, beside the chart's image name. */
  readonly imageTag: string;
  readonly roleArn: string;
  readonly region: string;
  readonly awsUrl: string;
  readonly queueUrl: string;
  /** More of the chart's. */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** Returns when all replicas are ready. */
export async function install(cluster: ClusterClient, installation: Installation): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: OPERATOR_NAMESPACE, labels } };
  await cluster.apply(JSON.stringify(namespace));
  await helm(cluster, [...readmeCommand(), '--values', '-'], installation);
  await rolledOut(cluster);
}

export async function upgrade(cluster: ClusterClient, installation: Installation): Promise<void> {
  const args = readmeCommand().filter((arg) => arg !== '--create-namespace');
  await helm(cluster, [...args.with(0, 'upgrade'), '--values', '-'], installation);
  await rolledOut(cluster);
}

/** Returns when the last pod is gone. The namespace and the CustomResourceDefinitions stay. */
export async function uninstall(cluster: ClusterClient): Promise<void> {
  await helm(cluster, ['uninstall', RELEASE, '--namespace', OPERATOR_NAMESPACE]);
  const selected = ['pod', '-n', OPERATOR_NAMESPACE, '-l', OPERATOR_PODS];
  await kubectl(cluster, ['wait', '--for=delete', ...selected, `--timeout=${ROLLED_OUT_WITHIN}`]);
}

/** `helm install ...`, without the name of the program. */
function readmeCommand(): readonly string[] {
  const command = /^helm (install .*)$/m.exec(readFileSync(README_PATH, 'utf8'))?.[1];
  if (command === undefined) throw new Error('the README does not say how to install');
  return command.trim().split(/\s+/);
}

async function helm(cluster: ClusterClient, args: readonly string[], installation?: Installation): Promise<void> {
  const input = installation === undefined ? undefined : JSON.stringify(valuesOf(installation));
  const { exitCode, stderr } = await runHelm(args, { kubeconfigPath: cluster.adminKubeconfigPath, input });
  if (exitCode !== 0) throw new Error(`helm ${args.join(' ')} failed: ${stderr}`);
}

async function rolledOut(cluster: ClusterClient): Promise<void> {
  const deployment = ['deployment/keyturn', '-n', OPERATOR_NAMESPACE];
  await kubectl(cluster, ['rollout', 'status', ...deployment, `--timeout=${ROLLED_OUT_WITHIN}`]);
}

async function kubectl(cluster: ClusterClient, args: readonly string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await cluster.kubectl(args);
  if (exitCode !== 0) throw new Error(`kubectl ${args.join(' ')} failed: ${stdout}${stderr}`);
}

/** None of its values when the endpoint is on AWS's own port: the chart's rules are enough. */
function policyFor(awsPort: number) {
  const egressTo = [{ ports: [{ protocol: 'TCP', port: awsPort }] }];
  return awsPort === 443 ? {} : { networkPolicy: { controller: { egressTo } } };
}

function valuesOf({ imageTag, roleArn, region, awsUrl, queueUrl, values }: Installation) {
  const token = { audience: STS, expirationSeconds: 86_400, path: 'token' };
  const env = {
    AWS_REGION: region,
    AWS_ROLE_ARN: roleArn,
    AWS_WEB_IDENTITY_TOKEN_FILE: `${TOKEN_DIRECTORY}/token`,
    AWS_ENDPOINT_URL: awsUrl,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  return {
    image: { tag: imageTag, pullPolicy: 'Never' },
    serviceAccount: { annotations: { 'eks.amazonaws.com/role-arn': roleArn } },
    rotationQueueUrl: queueUrl,
    extraEnv: Object.entries(env).map(([name, value]) => ({ name, value })),
    extraVolumes: [{ name: 'aws-token', projected: { sources: [{ serviceAccountToken: token }] } }],
    extraVolumeMounts: [{ name: 'aws-token', mountPath: TOKEN_DIRECTORY, readOnly: true }],
    ...policyFor(Number(new URL(awsUrl).port)),
    ...values,
  };
}
