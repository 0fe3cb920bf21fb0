/** What the demo plays on: a control plane, an AWS endpoint with its secrets, and the operator. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CreateSecretCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type AwsEndpoint, startMinistack } from '../../test/harness/aws-endpoint.ts';
import { type ControlPlane, startControlPlane } from '../../test/harness/control-plane.ts';
import { buildOperatorBundle } from '../../test/harness/operator-bundle.ts';
import { type OperatorProcess, startOperator } from '../../test/harness/operator-process.ts';
import type { Screen } from '../screen.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXAMPLES = `${ROOT}examples/demo`;

export interface Stage {
  readonly cluster: ControlPlane;
  readonly aws: AwsEndpoint;
  readonly secretsManager: SecretsManagerClient;
  readonly operator: OperatorProcess;
  applyExamples(): Promise<void>;
}

/** What has to be ended, last first. */
export type Cleanup = (() => Promise<unknown>)[];

interface ExampleSecret {
  readonly name: string;
  readonly description: string;
  readonly secretString: string;
}

function exampleSecrets(): readonly ExampleSecret[] {
  const secrets: unknown = JSON.parse(readFileSync(`${EXAMPLES}/aws/secrets.json`, 'utf8'));
  if (!Array.isArray(secrets)) throw new Error('examples/demo/aws/secrets.json is not a list');
  return secrets.map(({ name, description, secretString }) => ({
    name: String(name),
    description: String(description),
    secretString: String(secretString),
  }));
}

async function createSecrets(secretsManager: SecretsManagerClient): Promise<void> {
  for (const { name, description, secretString } of exampleSecrets()) {
    await secretsManager.send(
      new CreateSecretCommand({ Name: name, Description: description, SecretString: secretString }),
    );
  }
}

async function startKeyturn(cluster: ControlPlane, aws: AwsEndpoint, signal: AbortSignal): Promise<OperatorProcess> {
  await cluster.applyPath(`${ROOT}deploy/rbac.yaml`);
  const kubeconfigPath = await cluster.kubeconfigFor({ namespace: 'keyturn', serviceAccount: 'keyturn' });
  const operator = await startOperator({
    kubeconfigPath,
    env: { AWS_ENDPOINT_URL: aws.url },
    args: ['--health-addr', '127.0.0.1:0', '--metrics-addr', '127.0.0.1:0'],
    signal,
  });
  await operator.waitForLog(({ msg }) => msg === 'ready', 30_000);
  return operator;
}

/** Starts everything; what was started is in `cleanup` even when something later fails. */
export async function setStage(screen: Screen, cleanup: Cleanup, signal: AbortSignal): Promise<Stage> {
  const cluster = await screen.step(
    'Kubernetes control plane (etcd, kube-apiserver, kube-controller-manager)',
    (progress) => startControlPlane({ crdPaths: [`${ROOT}crds`], progress, signal }),
  );
  cleanup.push(() => cluster.stop());
  const aws = await screen.step('AWS endpoint (ministack)', (progress) => startMinistack({ progress, signal }));
  cleanup.push(() => aws.stop());
  const secretsManager = aws.secretsManager();
  await screen.step('secrets of examples/demo/aws/secrets.json in AWS Secrets Manager', () =>
    createSecrets(secretsManager),
  );
  await screen.step('Keyturn, built from src/', () => buildOperatorBundle(signal));
  const operator = await screen.step('Keyturn, started with the rights of deploy/rbac.yaml', () =>
    startKeyturn(cluster, aws, signal),
  );
  cleanup.push(() => operator.stop());
  const applyExamples = () => cluster.applyPath(EXAMPLES);
  return { cluster, aws, secretsManager, operator, applyExamples };
}
