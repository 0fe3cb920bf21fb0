/** Who at AWS reads for which stores, by which roles, and what each of them needs. Pure. */

import type { RoleBearer } from '../ports/cluster.ts';
import { accountOf, type IamStatement, partitionOf, trustingCaller, trustingTokens } from '../ports/iam-statement.ts';
import { type Home, type Need, readingOf } from './policy-needs.ts';
import type { StoreUse, Uses } from './policy-uses.ts';
import type { CredentialPlan } from './store-credentials.ts';
import { parseStoreKey } from './store-standing.ts';

export type IdentityKind =
  /** An IAM role. */
  | 'role'
  /** The IAM user whose access key is in a Secret. */
  | 'accessKey'
  /** The role of the operator's own pod. */
  | 'operator';

export interface IdentityNeeds {
  readonly kind: IdentityKind;
  /** Its ARN, or what is known instead. */
  readonly name: string;
  /** `*` while it is not known. */
  readonly account: string;
  /** One line for each store. */
  readonly serves: string[];
  readonly needs: Need[];
  /** Roles that it assumes, and whether it tags their sessions. */
  readonly assumes: Map<string, boolean>;
  /** Statements of its trust policy, by their text. */
  readonly trusts: Map<string, IamStatement>;
  /** ARNs of secrets of other accounts. */
  readonly elsewhere: Set<string>;
}

export interface IdentityOptions {
  /** Of identities whose ARN is not known. */
  readonly account: string | undefined;
  /** IAM's provider for the cluster: `HOST/PATH`, or its ARN. */
  readonly oidcProvider: string | undefined;
  /** Undefined for a ServiceAccount that does not exist. */
  readonly roleBearerOf: (namespace: string, name: string) => RoleBearer | undefined;
}

export interface Identities extends Pick<Uses, 'leftOut' | 'unjudged'> {
  readonly identities: readonly IdentityNeeds[];
}

export const UNKNOWN_PROVIDER = 'OIDC_PROVIDER';
/** Stand for the ARN of who assumes a role, where it is not known. */
const UNKNOWN_USER = 'ARN_OF_THE_USER';
const UNKNOWN_OPERATOR = 'ARN_OF_THE_OPERATOR_ROLE';
/** What its tokens are for, whatever a store asks for besides. */
const STS_AUDIENCE = 'sts.amazonaws.com';

type Found = Map<string, IdentityNeeds>;

function identity(found: Found, kind: IdentityKind, name: string, account: string): IdentityNeeds {
  const known = found.get(`${kind} ${name}`);
  if (known !== undefined) return known;
  const made: IdentityNeeds = {
    kind,
    name,
    account,
    serves: [],
    needs: [],
    assumes: new Map(),
    trusts: new Map(),
    elsewhere: new Set(),
  };
  found.set(`${kind} ${name}`, made);
  return made;
}

function roleIn(found: Found, arn: string): IdentityNeeds {
  return identity(found, 'role', arn, accountOf(arn) ?? '*');
}

function trust({ trusts }: IdentityNeeds, statement: IamStatement): void {
  trusts.set(JSON.stringify(statement), statement);
}

/** Whose credentials a store begins with; a text says why there are none. */
function firstIdentity(found: Found, plan: CredentialPlan, options: IdentityOptions): IdentityNeeds | string {
  const account = options.account ?? '*';
  switch (plan.kind) {
    case 'defaultChain':
      return identity(found, 'operator', "the operator's own role", account);
    case 'static': {
      const { namespace, name } = plan.accessKeyId;
      return identity(found, 'accessKey', `the IAM user whose access key is in Secret ${namespace}/${name}`, account);
    }
    case 'serviceAccount':
      return ofServiceAccount(found, plan, options);
  }
}

function ofServiceAccount(
  found: Found,
  { namespace, name }: Extract<CredentialPlan, { kind: 'serviceAccount' }>,
  { roleBearerOf, oidcProvider = UNKNOWN_PROVIDER }: IdentityOptions,
): IdentityNeeds | string {
  const bearer = roleBearerOf(namespace, name);
  if (bearer === undefined) return `ServiceAccount ${namespace}/${name} does not exist`;
  const { roleArn, audience = STS_AUDIENCE } = bearer;
  if (roleArn === undefined) {
    return `ServiceAccount ${namespace}/${name} has no annotation eks.amazonaws.com/role-arn`;
  }
  const role = roleIn(found, roleArn);
  const [, partition = 'aws'] = roleArn.split(':');
  const provider = oidcProvider.startsWith('arn:')
    ? oidcProvider
    : `arn:${partition}:iam::${role.account}:oidc-provider/${oidcProvider}`;
  trust(role, trustingTokens({ provider, subject: `system:serviceaccount:${namespace}:${name}`, audience }));
  return role;
}

/** By which other policies name it. */
export function principalOf({ kind, name }: IdentityNeeds): string {
  if (kind === 'role') return name;
  return kind === 'operator' ? UNKNOWN_OPERATOR : UNKNOWN_USER;
}

/** The identity that reads, after all roles were assumed. */
function lastIdentity(found: Found, first: IdentityNeeds, { plan }: StoreUse): IdentityNeeds {
  let current = first;
  for (const { roleArn, tags, externalId } of plan.roles) {
    const withTags = tags !== undefined;
    const next = roleIn(found, roleArn);
    current.assumes.set(roleArn, withTags || current.assumes.get(roleArn) === true);
    trust(next, trustingCaller({ principal: principalOf(current), withTags, externalId }));
    current = next;
  }
  return current;
}

function storeName({ storeKey }: StoreUse): string {
  const { kind, viewKey, namespace = '' } = parseStoreKey(storeKey);
  return kind === 'SecretStore' ? `${kind} ${viewKey}` : `${kind} ${viewKey} for the namespace ${namespace}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function addReadings(reader: IdentityNeeds, use: StoreUse, leftOut: Set<string>): void {
  const { region } = use.plan;
  const home: Home = { partition: partitionOf(region), region, account: reader.account };
  const sources = new Set<string>();
  for (const reference of use.references) {
    const reading = readingOf(reference, home);
    if (typeof reading === 'string') {
      leftOut.add(`${storeName(use)}: ${reading}`);
      continue;
    }
    sources.add(reference.refId);
    reader.needs.push(...reading.needs);
    if (reading.elsewhere !== undefined) reader.elsewhere.add(reading.elsewhere);
  }
  const what = `${counted(use.readers.length, 'ExternalSecret')}, ${counted(sources.size, 'source')}, in ${region}`;
  reader.serves.push(`${storeName(use)}: ${what}`);
}

/** In the order in which the uses name them. */
export function identitiesOfUses({ stores, leftOut, unjudged }: Uses, options: IdentityOptions): Identities {
  const found: Found = new Map();
  const left = new Set(leftOut);
  for (const use of stores) {
    const first = firstIdentity(found, use.plan.credentials, options);
    if (typeof first === 'string') left.add(`${storeName(use)}: ${first}`);
    else addReadings(lastIdentity(found, first, use), use, left);
  }
  return { identities: [...found.values()], leftOut: [...left], unjudged };
}
