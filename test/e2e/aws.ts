/** AWS as the suite has it: ministack with IAM enforced, the stack of rotation events, and roles that trust ServiceAccounts. */

import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type AwsAccess, type AwsEndpoint, startMinistack } from '../harness/aws-endpoint.ts';
import { createStack } from '../harness/cloudformation.ts';
import { createIamRole, type IamRole, type PolicyStatement, trustingServiceAccount } from '../harness/iam.ts';
import type { PodClusterOptions } from './clusters/pod-cluster.ts';

const TEMPLATE = fileURLToPath(new URL('../../deploy/aws/rotation-events.cloudformation.yaml', import.meta.url));
/** ministack asks for these by name, where AWS takes the permissions of the single calls. */
const MINISTACK_ONLY = ['sqs:DeleteMessageBatch', 'sqs:ChangeMessageVisibilityBatch'];
/** What the pods' tokens are for, as EKS has it. */
export const STS = 'sts.amazonaws.com';

export interface AwsForPods {
  readonly access: AwsAccess;
  /** As pods reach it. */
  readonly url: string;
  /** As pods reach it. */
  readonly queueUrl: string;
  /** What the role of the operator needs for the queue. */
  readonly queueStatements: readonly PolicyStatement[];
  /** A role for the tokens of one ServiceAccount. */
  roleFor(namespace: string, serviceAccount: string, statements: readonly PolicyStatement[]): Promise<IamRole>;
  stop(): Promise<void>;
}

export interface AwsForPodsOptions extends Pick<PodClusterOptions, 'progress' | 'signal'> {
  /** Where pods reach a server that listens on `port` of loopback. */
  readonly reachable: (port: number) => Promise<string>;
  /** `iss` of the cluster's tokens. */
  readonly tokenIssuer: string;
}

export async function startAwsForPods(options: AwsForPodsOptions): Promise<AwsForPods> {
  const endpoint = await startMinistack(options);
  try {
    return await awsForPods(endpoint, options);
  } catch (error) {
    await endpoint.stop();
    throw error;
  }
}

async function awsForPods(endpoint: AwsEndpoint, options: AwsForPodsOptions): Promise<AwsForPods> {
  const url = `http://${await options.reachable(Number(new URL(endpoint.url).port))}`;
  const name = `keyturn-events-${randomBytes(4).toString('hex')}`;
  const stack = await createStack(endpoint, name, TEMPLATE, { Name: name });
  const statement: PolicyStatement = JSON.parse(stack.outputs['OperatorPolicyStatement'] ?? '{}');
  const { tokenIssuer } = options;
  return {
    access: endpoint,
    url,
    queueUrl: new URL(new URL(stack.outputs['QueueUrl'] ?? '').pathname, url).href,
    queueStatements: [statement, { ...statement, Action: MINISTACK_ONLY }],
    roleFor: (namespace, serviceAccount, statements) => {
      const trust = trustingServiceAccount(endpoint, `${namespace}:${serviceAccount}`, { tokenIssuer });
      return createIamRole(endpoint, [trust], statements);
    },
    stop: () => endpoint.stop(),
  };
}
