/**
 * Keyturn in the cluster, installed as a user would: a Deployment of its own image, with a role by IRSA. What the webhook of
 * EKS puts into a pod whose ServiceAccount has a role, the projected token and two variables, is put there by hand.
 */

import { fileURLToPath } from 'node:url';
import type { ClusterClient } from '../harness/cluster-client.ts';
import { STS } from './aws.ts';

export const OPERATOR_NAMESPACE = 'keyturn';
export const OPERATOR_ACCOUNT = 'keyturn';
const OPERATOR_DEPLOYMENT = 'keyturn';
const RBAC_PATH = fileURLToPath(new URL('../../deploy/rbac.yaml', import.meta.url));
const ROLLED_OUT_WITHIN = '120s';
const TOKEN_DIRECTORY = '/var/run/secrets/eks.amazonaws.com/serviceaccount';

export interface Installation {
  /** `name:tag`, on the node already. */
  readonly image: string;
  readonly roleArn: string;
  readonly region: string;
  readonly awsUrl: string;
  readonly queueUrl: string;
}

/** Installs it, or upgrades what is installed; returns when all replicas are ready. */
export async function install(cluster: ClusterClient, installation: Installation): Promise<void> {
  await cluster.applyPath(RBAC_PATH);
  await cluster.apply(JSON.stringify(restrictedNamespace()));
  await cluster.apply(JSON.stringify(deploymentOf(installation)));
  await rolledOut(cluster);
}

async function rolledOut(cluster: ClusterClient): Promise<void> {
  const deployment = `deployment/${OPERATOR_DEPLOYMENT}`;
  const args = ['rollout', 'status', deployment, '-n', OPERATOR_NAMESPACE, `--timeout=${ROLLED_OUT_WITHIN}`];
  const { exitCode, stdout, stderr } = await cluster.kubectl(args);
  if (exitCode !== 0) throw new Error(`${deployment} was not rolled out: ${stdout}${stderr}`);
}

/** Everything but the CustomResourceDefinitions, with which all ExternalSecrets and so their Secrets would go. */
export async function uninstall(cluster: ClusterClient): Promise<void> {
  const args = ['delete', '-f', RBAC_PATH, '--ignore-not-found', '--timeout=60s'];
  const { exitCode, stderr } = await cluster.kubectl(args);
  if (exitCode !== 0) throw new Error(`uninstalling failed: ${stderr}`);
}

function restrictedNamespace() {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: OPERATOR_NAMESPACE, labels } };
}

function deploymentOf(installation: Installation) {
  const labels = { 'app.kubernetes.io/name': 'keyturn' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: OPERATOR_DEPLOYMENT, namespace: OPERATOR_NAMESPACE, labels },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: podSpecOf(installation) },
    },
  };
}

function podSpecOf(installation: Installation) {
  const token = { audience: STS, expirationSeconds: 86_400, path: 'token' };
  return {
    serviceAccountName: OPERATOR_ACCOUNT,
    terminationGracePeriodSeconds: 15,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65_532,
      runAsGroup: 65_532,
      fsGroup: 65_532,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [containerOf(installation)],
    volumes: [{ name: 'aws-token', projected: { sources: [{ serviceAccountToken: token }] } }],
  };
}

function containerOf({ image, roleArn, region, awsUrl, queueUrl }: Installation) {
  const env = {
    AWS_REGION: region,
    AWS_ROLE_ARN: roleArn,
    AWS_WEB_IDENTITY_TOKEN_FILE: `${TOKEN_DIRECTORY}/token`,
    AWS_ENDPOINT_URL: awsUrl,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const probe = (path: string, periodSeconds: number) => ({ httpGet: { path, port: 'health' }, periodSeconds });
  return {
    name: 'keyturn',
    image,
    imagePullPolicy: 'Never',
    args: ['run', '--leader-elect', '--rotation-queue-url', queueUrl],
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    ports: [
      { name: 'metrics', containerPort: 8080 },
      { name: 'health', containerPort: 8082 },
    ],
    readinessProbe: probe('/readyz', 1),
    livenessProbe: probe('/healthz', 10),
    resources: { requests: { cpu: '50m', memory: '192Mi' }, limits: { memory: '512Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [{ name: 'aws-token', mountPath: TOKEN_DIRECTORY, readOnly: true }],
  };
}
