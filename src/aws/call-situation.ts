/** What is known of a call when its failure is told, and the words that messages have in common. */

import type { ErrorDetail } from '../ports/errors.ts';
import type { SecretRef } from '../ports/secret-source.ts';
import type { AwsFault } from './aws-fault.ts';
import type { PolicyKind } from './aws-text.ts';

/** What the messages need to know of the call. Nothing in it changes from retry to retry. */
export interface Situation {
  /** Undefined for a call that is not about one secret. */
  readonly ref: SecretRef | undefined;
  /** The queue that the call is about; it is called with the operator's own credentials. */
  readonly queue?: { readonly name: string; readonly arn: string };
  /** Such as `AWS Secrets Manager`. */
  readonly service: string;
  /** The IAM action that is called, such as `secretsmanager:GetSecretValue`. */
  readonly action: string;
  readonly region: string;
  readonly deadlineMs: number;
  /** Where the credentials come from, such as `the store's static credentials`. */
  readonly credentialsFrom: string;
  /** The ServiceAccount whose token is shown to STS, as `system:serviceaccount:NAMESPACE:NAME`. */
  readonly subject?: string | undefined;
  /** ARN of the identity as AWS told it; undefined while it is not known. */
  readonly principal: string | undefined;
  /** The role whose session the identity is, where that is known. */
  readonly role?: string | undefined;
}

/** Where what is missing, or forbids, is to be looked for. */
export const PLACES: Readonly<Record<PolicyKind, string>> = {
  identity: 'the policies of the identity',
  resource: 'the resource policy of the secret',
  boundary: 'the permissions boundary of the identity',
  session: 'the session policy that its credentials were made with',
  serviceControl: 'the service control policy of the organization',
  resourceControl: 'the resource control policy of the organization',
  endpoint: 'the policy of the VPC endpoint',
  trust: 'the trust policy of the role',
};

export function subject({ ref, queue, service }: Situation): string {
  if (queue !== undefined) return `queue "${queue.name}"`;
  return ref === undefined ? service : `secret "${ref.key}"`;
}

export function place({ service, region }: Situation): string {
  return `${service} in ${region}`;
}

export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function detail(fault: AwsFault): ErrorDetail {
  const { requestId, code, operation } = fault;
  return { cause: fault, requestId, code, operation };
}
