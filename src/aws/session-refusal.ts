/** What is told when STS gives no session of a role: AWS's words, and whose policy to look into. */

import type { AwsFault } from './aws-fault.ts';
import { parseDenial, quotable, stablePrincipal } from './aws-text.ts';

export interface SessionSituation {
  /** The ServiceAccount whose token is shown to STS, as `system:serviceaccount:NAMESPACE:NAME`. */
  readonly subject?: string | undefined;
  /** ARN of the identity as AWS told it; undefined while it is not known. */
  readonly principal: string | undefined;
}

export function sessionRefusal(fault: AwsFault, situation: SessionSituation): string {
  const { role = '', action = '' } = fault.session ?? {};
  const quote = quotable(fault.text);
  const why = `${fault.code}${quote === '' ? '' : `: ${quote}`}`;
  return `AWS gives no session of role ${role} by ${action} (${why}). ${adviceOnSession(fault, situation)}`;
}

function adviceOnSession({ code, session, text }: AwsFault, { subject, principal }: SessionSituation): string {
  if (subject !== undefined && session?.action === 'sts:AssumeRoleWithWebIdentity') {
    if (code === 'InvalidIdentityToken') {
      return "Register the cluster's OIDC issuer as an identity provider of IAM, with the audience that the token has.";
    }
    if (code.startsWith('ExpiredToken')) return "Check the clocks of the API server's nodes: the token was new.";
    return (
      `Let the trust policy of the role allow sts:AssumeRoleWithWebIdentity to the cluster's OIDC provider where its sub is ` +
      `"${subject}" and its aud is that of the ServiceAccount.`
    );
  }
  const who = parseDenial(text).principal ?? stablePrincipal(principal) ?? 'whoever assumes it';
  return (
    `Let the trust policy of the role trust ${who}, with the external id if it asks for one, and let the policy of ` +
    'that identity allow sts:AssumeRole on it (and sts:TagSession where session tags are sent).'
  );
}
