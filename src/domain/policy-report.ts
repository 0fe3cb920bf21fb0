/** What `keyturn policy` says: for each identity its least policy, and what others have to allow. Pure. */

import type { IamStatement } from '../ports/iam-statement.ts';
import { type IdentityNeeds, type IdentityOptions, identitiesOfUses, UNKNOWN_PROVIDER } from './policy-identities.ts';
import { type IdentityStatements, statementsFor } from './policy-statements.ts';
import { type PolicyInput, storeUses } from './policy-uses.ts';

export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly IamStatement[];
}

export interface IdentityPolicy extends IdentityStatements {
  readonly kind: IdentityNeeds['kind'];
  readonly identity: string;
  readonly serves: readonly string[];
  readonly policy: PolicyDocument;
  /** Of a role; undefined where nothing is known of who assumes it. */
  readonly trustPolicy: PolicyDocument | undefined;
  readonly notes: readonly string[];
}

export interface PolicyReport {
  readonly identities: readonly IdentityPolicy[];
  /** What nothing was computed for, and why. */
  readonly leftOut: readonly string[];
  /** What of all of it could not be judged. */
  readonly notes: readonly string[];
}

export interface PolicyReportOptions extends IdentityOptions {
  readonly kmsKeys: readonly string[];
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html; white space does not count. */
const LONGEST_MANAGED_POLICY = 6_144;
const LONGEST_ROLE_POLICIES = 10_240;

function documentOf(statements: readonly IamStatement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements };
}

function sizeNote(document: PolicyDocument): string | undefined {
  const { length } = JSON.stringify(document);
  if (length <= LONGEST_MANAGED_POLICY) return undefined;
  const rest = length <= LONGEST_ROLE_POLICIES ? ' It fits into an inline policy of a role (10,240).' : '';
  return (
    `The policy has ${length} characters; a managed policy may have 6,144.${rest} Split it over several policies, or give ` +
    'the secrets a common beginning or a tag and allow that (docs/iam.md).'
  );
}

function notesOn(
  { kind, account, trusts, needs, elsewhere }: IdentityNeeds,
  { required, optional }: IdentityStatements,
): readonly string[] {
  const readsAll = needs.some(({ purpose, resource, condition }) => {
    return purpose === 'find' && condition === undefined && resource.endsWith(':secret:*');
  });
  const notes: readonly (string | false | undefined)[] = [
    account === '*' && 'The account is not known, and stands as * in the ARNs: give it with --account.',
    [...trusts.keys()].some((text) => text.includes(UNKNOWN_PROVIDER)) &&
      `${UNKNOWN_PROVIDER} stands for the cluster's OIDC provider, such as oidc.eks.REGION.amazonaws.com/id/ID: give it with --oidc-provider.`,
    readsAll &&
      'A find has no path, no tags, and no expression with a known beginning: it needs to read every secret of the region.',
    elsewhere.size > 0 && 'Secrets of other accounts have to be encrypted with a customer managed KMS key.',
    kind === 'operator' &&
      'With --rotation-queue-url the operator needs its queue as well: see docs/rotation-events.md.',
    sizeNote(documentOf([...required, ...optional.map(({ statement }) => statement)])),
  ];
  return notes.filter((note) => typeof note === 'string');
}

function policyOf(needs: IdentityNeeds, { kmsKeys }: PolicyReportOptions): IdentityPolicy {
  const statements = statementsFor(needs, kmsKeys);
  const trusts = [...needs.trusts.values()];
  return {
    ...statements,
    kind: needs.kind,
    identity: needs.name,
    serves: needs.serves,
    policy: documentOf(statements.required),
    trustPolicy: trusts.length === 0 ? undefined : documentOf(trusts),
    notes: notesOn(needs, statements),
  };
}

function unjudgedNote(namespaces: readonly string[]): string {
  const names = namespaces.map((name) => `"${name}"`).join(', ');
  return (
    `Which SecretAccessPolicies are for ${names} could not be read (list secretaccesspolicies, get namespaces): ` +
    'what they forbid is in the policies as well.'
  );
}

export function policyReport(input: PolicyInput, options: PolicyReportOptions): PolicyReport {
  const { identities, leftOut, unjudged } = identitiesOfUses(storeUses(input), options);
  return {
    identities: identities.map((needs) => policyOf(needs, options)),
    leftOut,
    notes: unjudged.length === 0 ? [] : [unjudgedNote(unjudged)],
  };
}
