/** Statements of IAM policies, as messages and `keyturn policy` show them. */

export type IamText = string | readonly string[];

/** In the order in which AWS's documentation writes the elements. */
export interface IamStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow';
  /** In the policies of resources and roles only. */
  readonly Principal?: '*' | { readonly AWS: IamText } | { readonly Federated: string };
  readonly Action: IamText;
  /** In trust policies there is none: the resource is the role. */
  readonly Resource?: IamText;
  readonly Condition?: IamConditions;
}

export type IamConditions = Readonly<Record<string, Readonly<Record<string, IamText>>>>;

export function allowing(action: IamText, resource: IamText): IamStatement {
  return { Effect: 'Allow', Action: action, Resource: resource };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  if (region.startsWith('us-isob-')) return 'aws-iso-b';
  if (region.startsWith('us-iso-')) return 'aws-iso';
  return 'aws';
}

/** How a service is named in `kms:ViaService`: by the end of its host names. */
function viaService(service: string, region: string): string {
  return `${service}.${region}.amazonaws.com${partitionOf(region) === 'aws-cn' ? '.cn' : ''}`;
}

export interface Decryption {
  /** ARNs of KMS keys, or patterns of them. */
  readonly key: IamText;
  readonly region: string;
  /** ARNs, or patterns of them, of the secrets. */
  readonly secrets: IamText;
}

/**
 * Lets Secrets Manager, and nobody else, decrypt these secrets for the identity. The encryption context that it
 * gives names the secret (https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html).
 */
export function decryptingSecrets({ key, region, secrets }: Decryption): IamStatement {
  return {
    ...allowing('kms:Decrypt', key),
    Condition: {
      StringEquals: { 'kms:ViaService': viaService('secretsmanager', region) },
      StringLike: { 'kms:EncryptionContext:SecretARN': secrets },
    },
  };
}

/** Of a queue, whose encryption context is not ours to know. */
export function decryptingQueue({ key, region }: Omit<Decryption, 'secrets'>): IamStatement {
  return {
    ...allowing('kms:Decrypt', key),
    Condition: { StringEquals: { 'kms:ViaService': viaService('sqs', region) } },
  };
}

export interface TokenTrust {
  /** ARN of IAM's OIDC provider for the cluster. */
  readonly provider: string;
  /** `system:serviceaccount:NAMESPACE:NAME` */
  readonly subject: string;
  readonly audience: string;
}

/** Lets the tokens of one ServiceAccount for one audience have sessions of a role (IRSA). */
export function trustingTokens({ provider, subject, audience }: TokenTrust): IamStatement {
  const issuer = provider.slice(provider.indexOf('/') + 1);
  return {
    Effect: 'Allow',
    Principal: { Federated: provider },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringEquals: { [`${issuer}:sub`]: subject, [`${issuer}:aud`]: audience } },
  };
}

export interface CallerTrust {
  /** ARN of the user or role that asks. */
  readonly principal: string;
  /** Sessions get tags. */
  readonly withTags: boolean;
  readonly externalId: string | undefined;
}

/** Lets an identity have sessions of a role. */
export function trustingCaller({ principal, withTags, externalId }: CallerTrust): IamStatement {
  return {
    Effect: 'Allow',
    Principal: { AWS: principal },
    Action: assumingActions(withTags),
    ...(externalId !== undefined && { Condition: { StringEquals: { 'sts:ExternalId': externalId } } }),
  };
}

export function assumingActions(withTags: boolean): IamText {
  return withTags ? ['sts:AssumeRole', 'sts:TagSession'] : 'sts:AssumeRole';
}

/** A session of a role: its account, the role's name without path, the session's name. */
const SESSION = /^arn:([\w-]+):sts::(\d{12}):assumed-role\/([\w+=,.@-]+)(?:\/[^/]*)?$/;

/**
 * The ARN by which policies name whoever calls. Of a session it is the role's; where `role` is that role it is taken from
 * there, because the ARN of a session lacks the path of the role.
 */
export function policyPrincipal(caller: string, role?: string): string {
  const [, partition = '', account = '', name = ''] = SESSION.exec(caller) ?? [];
  if (name === '') return caller;
  if (role !== undefined && role.split(':')[4] === account && role.endsWith(`/${name}`)) return role;
  return `arn:${partition}:iam::${account}:role/${name}`;
}

/** The account in an ARN; undefined where there is none. */
export function accountOf(arn: string | undefined): string | undefined {
  return /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(arn ?? '')?.[1];
}
