/**
 * What the journeys play on: a cluster that runs pods, AWS, Keyturn installed in it, and words for what is put there and
 * expected of it.
 */

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeOperatorImage } from '../../scripts/image/operator-image.ts';
import { secretsManagerAt } from '../harness/aws-endpoint.ts';
import type { PolicyStatement } from '../harness/iam.ts';
import { writeWaitingImage } from '../harness/node/waiting-image.ts';
import { buildOperatorBundle } from '../harness/operator-bundle.ts';
import type { Progress } from '../harness/progress.ts';
import { temporaryDirectory } from '../harness/reaper.ts';
import { type Canaries, createCanaries } from '../integration/canaries.ts';
import { type ClusterObjects, clusterObjects } from '../integration/cluster-objects.ts';
import { type Expectations, expectations } from '../integration/expectations.ts';
import { preparing, type World } from '../integration/operator-world.ts';
import { type AwsForPods, startAwsForPods } from './aws.ts';
import { startKind } from './clusters/kind.ts';
import { startOwnNode } from './clusters/own-node.ts';
import type { PodCluster, StartPodCluster } from './clusters/pod-cluster.ts';
import { type Installation, install, OPERATOR_ACCOUNT, OPERATOR_NAMESPACE } from './installation.ts';
import { type Pods, podsOf } from './pods.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { version }: { version: string } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
/** As the chart names it; the runtime puts registry and repository before it. */
export const OPERATOR_IMAGE = 'keyturn';

/** `--kind` of `npm run e2e`. */
const CLUSTERS: Readonly<Record<string, StartPodCluster>> = { kind: startKind, 'own-node': startOwnNode };

type Preparing = Pick<World, 'putSecret' | 'namespace' | 'externalSecret'>;

export interface Stage extends Expectations, Preparing {
  readonly cluster: PodCluster;
  readonly aws: AwsForPods;
  readonly objects: ClusterObjects;
  readonly pods: Pods;
  readonly canaries: Canaries;
  readonly installation: Installation;
  /** A value that must turn up nowhere but in Secrets and pods. */
  canary(): string;
  /**
   * A SecretStore `aws` in the namespace that reads as the ServiceAccount `reader` there, whose role may do this; and the wait until
   * it is Ready, unless there is nobody to say so.
   */
  storeByAccount(namespace: string, statements: readonly PolicyStatement[], wait?: boolean): Promise<void>;
  /** Removes the namespaces that were made since the last time. */
  tidy(): Promise<void>;
  stop(): Promise<void>;
}

/** May read every secret of the account. */
export const READ_ALL: PolicyStatement = {
  Effect: 'Allow',
  Action: ['secretsmanager:GetSecretValue', 'secretsmanager:BatchGetSecretValue', 'secretsmanager:DescribeSecret'],
  Resource: '*',
};

export async function setStage(clusterName: string, progress: Progress, signal: AbortSignal): Promise<Stage> {
  const started: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const each of started.reverse()) await each();
  };
  try {
    const directory = temporaryDirectory('images');
    started.push(async () => directory.remove());
    progress('building the operator and its image');
    await buildOperatorBundle(signal);
    const images = await writeImages(directory.path, signal);
    const start = CLUSTERS[clusterName] ?? startOwnNode;
    const cluster = await start({ images, progress, signal });
    started.push(cluster.stop);
    const { reachable, client } = cluster;
    const aws = await startAwsForPods({ reachable, tokenIssuer: client.access.tokenIssuer, progress, signal });
    started.push(aws.stop);
    const installation = await installationFor(aws);
    return stageOn(cluster, aws, installation, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function writeImages(directory: string, signal: AbortSignal): Promise<readonly string[]> {
  const outfile = join(directory, 'keyturn.tar');
  mkdirSync(directory, { recursive: true });
  await writeOperatorImage({ name: `${OPERATOR_IMAGE}:${version}`, outfile, signal });
  return [outfile, await writeWaitingImage(directory, signal)];
}

async function installationFor(aws: AwsForPods): Promise<Installation> {
  const role = await aws.roleFor(OPERATOR_NAMESPACE, OPERATOR_ACCOUNT, [READ_ALL, ...aws.queueStatements]);
  const { url: awsUrl, queueUrl } = aws;
  return { imageTag: version, roleArn: role.arn, region: aws.access.region, awsUrl, queueUrl };
}

function stageOn(cluster: PodCluster, aws: AwsForPods, installation: Installation, stop: () => Promise<void>): Stage {
  const { client } = cluster;
  const objects = clusterObjects(client);
  const canaries = createCanaries();
  const secretsManager = secretsManagerAt(aws.access);
  const cleanups: (() => Promise<void>)[] = [];
  const prepare = preparing({ cluster: client, aws: aws.access, secretsManager, objects, canaries, cleanups });
  const expect = expectations(objects);
  return {
    cluster,
    aws,
    objects,
    pods: podsOf(client),
    canaries,
    installation,
    canary: canaries.next,
    ...expect,
    putSecret: prepare.putSecret,
    namespace: prepare.namespace,
    externalSecret: prepare.externalSecret,
    async storeByAccount(namespace, statements, wait = true) {
      const role = await aws.roleFor(namespace, 'reader', statements);
      const annotations = { 'eks.amazonaws.com/role-arn': role.arn };
      await objects.apply('ServiceAccount', namespace, 'reader', { metadata: { annotations } });
      const auth = { jwt: { serviceAccountRef: { name: 'reader' } } };
      const provider = { aws: { service: 'SecretsManager', region: aws.access.region, auth } };
      await objects.apply('SecretStore', namespace, 'aws', { spec: { provider } });
      if (wait) await expect.expectStore(namespace, 'aws', 'True', /store validated/);
    },
    tidy: async () => void (await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()))),
    async stop() {
      secretsManager.destroy();
      await stop();
    },
  };
}

/** Installs Keyturn, with a ClusterSecretStore `aws` that reads with the operator's own role. */
export async function installOn(stage: Stage): Promise<void> {
  const { cluster, objects, aws, installation } = stage;
  await install(cluster.client, installation);
  const provider = { aws: { service: 'SecretsManager', region: aws.access.region } };
  await objects.apply('ClusterSecretStore', '', 'aws', { spec: { provider } });
  await stage.expectStore('', 'aws', 'True', /store validated/);
}
