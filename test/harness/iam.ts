/** IAM users and roles at ministack, for the cases in which AWS says no. */

import { randomUUID } from 'node:crypto';
import { TOKEN_ISSUER } from './api-server.ts';
import type { AwsAccess, AwsCredentials } from './aws-endpoint.ts';

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface IamUser {
  readonly name: string;
  readonly arn: string;
  readonly credentials: AwsCredentials;
}

export interface IamRole {
  readonly name: string;
  readonly arn: string;
}

export interface TrustOptions {
  readonly audience?: string | undefined;
  /** `iss` of the tokens. @default that of the harness's API servers */
  readonly tokenIssuer?: string | undefined;
}

/**
 * Trusts the tokens of one ServiceAccount (`namespace:name`) for one audience, as EKS has it. Of a token's list of
 * audiences AWS's StringEquals takes one that matches; ministack does so with ForAnyValue only. It takes the issuer,
 * subject and audience from the token as it comes.
 */
export function trustingServiceAccount(
  { account }: AwsAccess,
  serviceAccount: string,
  { audience = 'sts.amazonaws.com', tokenIssuer = TOKEN_ISSUER }: TrustOptions = {},
): PolicyStatement {
  const issuer = tokenIssuer.replace('https://', '');
  return {
    Effect: 'Allow',
    Action: 'sts:AssumeRoleWithWebIdentity',
    Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${issuer}` },
    Condition: {
      StringEquals: { [`${issuer}:sub`]: `system:serviceaccount:${serviceAccount}` },
      'ForAnyValue:StringEquals': { [`${issuer}:aud`]: audience },
    },
  };
}

/** A new user that may do what `statements` allow and nothing else. */
export async function createIamUser(aws: AwsAccess, statements: readonly PolicyStatement[]): Promise<IamUser> {
  const name = `user-${randomUUID()}`;
  const user = await iam(aws, { Action: 'CreateUser', UserName: name });
  if (statements.length > 0) await allowUser(aws, name, statements);
  const key = await iam(aws, { Action: 'CreateAccessKey', UserName: name });
  return {
    name,
    arn: element(user, 'Arn'),
    credentials: { accessKeyId: element(key, 'AccessKeyId'), secretAccessKey: element(key, 'SecretAccessKey') },
  };
}

/** Lets a user do what `statements` allow and nothing else. */
export async function allowUser(aws: AwsAccess, name: string, statements: readonly PolicyStatement[]): Promise<void> {
  await iam(aws, {
    Action: 'PutUserPolicy',
    UserName: name,
    PolicyName: 'access',
    PolicyDocument: policy(statements),
  });
}

/** Makes `trust` the trust policy of a role. */
export async function trustInRole(aws: AwsAccess, name: string, trust: readonly PolicyStatement[]): Promise<void> {
  await iam(aws, { Action: 'UpdateAssumeRolePolicy', RoleName: name, PolicyDocument: policy(trust) });
}

/** A new role that those whom `trust` names may assume, and that may do what `statements` allow. */
export async function createIamRole(
  aws: AwsAccess,
  trust: readonly PolicyStatement[],
  statements: readonly PolicyStatement[],
  name = `role-${randomUUID()}`,
): Promise<IamRole> {
  const role = await iam(aws, { Action: 'CreateRole', RoleName: name, AssumeRolePolicyDocument: policy(trust) });
  const made = { name, arn: element(role, 'Arn') };
  if (statements.length > 0) await setRolePolicy(aws, made, statements);
  return made;
}

/** From now on the role may do just that; with no statements, nothing. */
export async function setRolePolicy(
  aws: AwsAccess,
  { name }: IamRole,
  statements: readonly PolicyStatement[],
): Promise<void> {
  const nothing: PolicyStatement = { Effect: 'Deny', Action: '*', Resource: '*' };
  await iam(aws, {
    Action: 'PutRolePolicy',
    RoleName: name,
    PolicyName: 'access',
    PolicyDocument: policy(statements.length === 0 ? [nothing] : statements),
  });
}

function policy(statements: readonly PolicyStatement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

async function iam(aws: AwsAccess, parameters: Readonly<Record<string, string>>): Promise<string> {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  const scope = `${aws.credentials.accessKeyId}/${day}/${aws.region}/iam/aws4_request`;
  const response = await fetch(aws.url, {
    method: 'POST',
    headers: {
      // ministack reads who calls from the scope and does not verify signatures.
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ Version: '2010-05-08', ...parameters }).toString(),
    signal: AbortSignal.timeout(30_000),
  });
  const answer = await response.text();
  if (!response.ok) {
    throw new Error(`IAM ${parameters['Action']} answered ${response.status}: ${answer}`);
  }
  return answer;
}

function element(xml: string, name: string): string {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  if (text === undefined) {
    throw new Error(`IAM's answer has no ${name}`);
  }
  return text;
}
