/** What is told when STS gives no session of a role: AWS's words, whose policy to look into, and what it has to say. */

import {
  accountOf,
  allowing,
  assumingActions,
  policyPrincipal,
  trustingCaller,
  trustingTokens,
} from '../ports/iam-statement.ts';
import type { AwsFault, RefusedSession } from './aws-fault.ts';
import { type PolicyKind, parseDenial, quotable, stablePrincipal } from './aws-text.ts';
import { PLACES } from './call-situation.ts';

export interface SessionSituation {
  /** The ServiceAccount whose token is shown to STS, as `system:serviceaccount:NAMESPACE:NAME`. */
  readonly subject?: string | undefined;
  /** ARN of the identity as AWS told it; undefined while it is not known. */
  readonly principal: string | undefined;
}

/** Stands for the external id, which is not told to all who read a message. */
const EXTERNAL_ID = 'EXTERNAL_ID';
const UNKNOWN_CALLER = 'ARN_OF_WHO_ASSUMES_IT';

export function sessionRefusal(fault: AwsFault, situation: SessionSituation): string {
  const session = fault.session ?? { role: '', action: '' };
  const quote = quotable(fault.text);
  const why = `${fault.code}${quote === '' ? '' : `: ${quote}`}`;
  const { subject } = situation;
  const advice =
    subject !== undefined && session.action === 'sts:AssumeRoleWithWebIdentity'
      ? adviceOnToken(fault, session, subject)
      : adviceOnCaller(fault, session, situation);
  return `AWS gives no session of role ${session.role} by ${session.action} (${why}). ${advice}`;
}

function adviceOnToken({ code }: AwsFault, { role, token }: RefusedSession, subject: string): string {
  if (code.startsWith('ExpiredToken')) return "Check the clocks of the API server's nodes: the token was new.";
  const [, partition = 'aws'] = role.split(':');
  if (code === 'InvalidIdentityToken') {
    const issuer = token === undefined ? "the cluster's OIDC issuer" : `https://${token.issuer}`;
    const audience = token === undefined ? 'the audience that the token has' : `the audience "${token.audience}"`;
    return `Register ${issuer} as an identity provider of IAM in the account of the role, with ${audience}.`;
  }
  if (token === undefined) {
    return (
      `Let the trust policy of the role allow sts:AssumeRoleWithWebIdentity to the cluster's OIDC provider where its sub is ` +
      `"${subject}" and its aud is that of the ServiceAccount.`
    );
  }
  const provider = `arn:${partition}:iam::${accountOf(role) ?? ''}:oidc-provider/${token.issuer}`;
  const statement = trustingTokens({ provider, subject, audience: token.audience });
  return `Add to ${PLACES.trust}: ${JSON.stringify(statement)}.`;
}

function adviceOnCaller(fault: AwsFault, session: RefusedSession, { principal }: SessionSituation): string {
  const { policy, policyArn, explicit, principal: denied } = parseDenial(fault.text);
  const { role, withTags = false, withExternalId = false } = session;
  const caller = denied ?? stablePrincipal(principal);
  const trust = trustingCaller({
    principal: caller === undefined ? UNKNOWN_CALLER : policyPrincipal(caller),
    withTags,
    externalId: withExternalId ? EXTERNAL_ID : undefined,
  });
  const inTrust = `${PLACES.trust}: ${JSON.stringify(trust)}${withExternalId ? `, where ${EXTERNAL_ID} is the external id of the store` : ''}`;
  const inIdentity = JSON.stringify(allowing(assumingActions(withTags), role));
  const external = withExternalId ? '' : ' If that asks for an external id, set externalID of the store.';
  if (explicit) {
    const which = `${policy === undefined ? 'the policy that has it' : PLACES[policy]}${policyArn === undefined ? '' : ` (${policyArn})`}`;
    return `Remove that deny from ${which}. What has to be allowed: ${inIdentity}.`;
  }
  if (policy === undefined) return `Add to ${inTrust}; and to ${PLACES.identity}: ${inIdentity}.${external}`;
  return isTrust(policy) ? `Add to ${inTrust}.${external}` : `Add to ${PLACES[policy]}: ${inIdentity}.`;
}

/** A trust policy is the resource policy of a role. */
function isTrust(policy: PolicyKind): boolean {
  return policy === 'trust' || policy === 'resource';
}
