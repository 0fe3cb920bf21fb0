import { describe, expect, it } from 'vitest';
import { AwsFault, type RefusedSession } from '../../../src/aws/aws-fault.ts';
import { sessionRefusal } from '../../../src/aws/session-refusal.ts';
import { tokenClaims } from '../../../src/aws/token-claims.ts';

const ROLE = 'arn:aws:iam::123456789012:role/team/app';
const CALLER = 'arn:aws:sts::111122223333:assumed-role/keyturn/session';
const ISSUER = 'oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE';
const SUBJECT = 'system:serviceaccount:team:reader';

interface Case {
  readonly code?: string;
  readonly text: string;
  readonly session?: Partial<RefusedSession>;
  readonly subject?: string;
  readonly advice: string;
}

const byToken = { action: 'sts:AssumeRoleWithWebIdentity', token: { issuer: ISSUER, audience: 'sts.amazonaws.com' } };
const trust = (more = '') =>
  `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/keyturn"},"Action":"sts:AssumeRole"${more}}`;
const allowed = `{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"${ROLE}"}`;
const external = ' If that asks for an external id, set externalID of the store.';

/** Texts with a policy are those of https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html. */
const CASES: Readonly<Record<string, Case>> = {
  'a token that the role does not trust': {
    text: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
    session: byToken,
    subject: SUBJECT,
    advice:
      `Add to the trust policy of the role: {"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/${ISSUER}"},` +
      `"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"${ISSUER}:sub":"${SUBJECT}","${ISSUER}:aud":"sts.amazonaws.com"}}}.`,
  },
  'a token that cannot be read': {
    text: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
    session: { action: byToken.action },
    subject: SUBJECT,
    advice: `Let the trust policy of the role allow sts:AssumeRoleWithWebIdentity to the cluster's OIDC provider where its sub is "${SUBJECT}" and its aud is that of the ServiceAccount.`,
  },
  'an issuer that IAM does not know': {
    code: 'InvalidIdentityToken',
    text: `No OpenIDConnect provider found in your account for https://${ISSUER}`,
    session: byToken,
    subject: SUBJECT,
    advice: `Register https://${ISSUER} as an identity provider of IAM in the account of the role, with the audience "sts.amazonaws.com".`,
  },
  'a token that is too old': {
    code: 'ExpiredTokenException',
    text: 'Token expired',
    session: byToken,
    subject: SUBJECT,
    advice: "Check the clocks of the API server's nodes: the token was new.",
  },
  'a caller, by which side AWS does not say': {
    text: `User: ${CALLER} is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`,
    advice: `Add to the trust policy of the role: ${trust()}; and to the policies of the identity: ${allowed}.${external}`,
  },
  'a caller that the role does not trust': {
    text: `User: ${CALLER} is not authorized to perform: sts:AssumeRole because no role trust policy allows the sts:AssumeRole action`,
    advice: `Add to the trust policy of the role: ${trust()}.${external}`,
  },
  'a caller that may not assume it': {
    text: `User: ${CALLER} is not authorized to perform: sts:AssumeRole on resource: ${ROLE} because no identity-based policy allows the sts:AssumeRole action`,
    advice: `Add to the policies of the identity: ${allowed}.`,
  },
  'a caller whom the trust policy forbids': {
    text: `User: ${CALLER} is not authorized to perform: sts:AssumeRole with an explicit deny in the role trust policy`,
    advice: `Remove that deny from the trust policy of the role. What has to be allowed: ${allowed}.`,
  },
  'a caller whom the organization forbids': {
    text: `User: ${CALLER} is not authorized to perform: sts:AssumeRole on resource: ${ROLE} with an explicit deny in a service control policy: arn:aws:organizations::111122223333:policy/o-a1/service_control_policy/p-a1`,
    advice: `Remove that deny from the service control policy of the organization (arn:aws:organizations::111122223333:policy/o-a1/service_control_policy/p-a1). What has to be allowed: ${allowed}.`,
  },
  'a caller with an external id, which is not told': {
    text: `User: ${CALLER} is not authorized to perform: sts:AssumeRole because no role trust policy allows the sts:AssumeRole action`,
    session: { withExternalId: true },
    advice: `Add to the trust policy of the role: ${trust(',"Condition":{"StringEquals":{"sts:ExternalId":"EXTERNAL_ID"}}')}, where EXTERNAL_ID is the external id of the store.`,
  },
  'a caller that tags its session': {
    text: `User: ${CALLER} is not authorized to perform: sts:TagSession on resource: ${ROLE} because no identity-based policy allows the sts:TagSession action`,
    session: { withTags: true },
    advice: `Add to the policies of the identity: {"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession"],"Resource":"${ROLE}"}.`,
  },
  'a caller of whom AWS says nothing': {
    text: '',
    advice: `Add to the trust policy of the role: ${trust().replace('arn:aws:iam::111122223333:role/keyturn', 'ARN_OF_WHO_ASSUMES_IT')}; and to the policies of the identity: ${allowed}.${external}`,
  },
};

describe('a session is refused to', () => {
  it.each(Object.entries(CASES))('%s', (_, { code = 'AccessDenied', text, session, subject, advice }) => {
    const refused = { role: ROLE, action: 'sts:AssumeRole', ...session };
    const fault = new AwsFault({ origin: 'credentials', code, text, session: refused });
    const told = sessionRefusal(fault, { subject, principal: undefined });
    const quote = text === '' ? '' : `: ${text}`;
    expect(told).toBe(`AWS gives no session of role ${ROLE} by ${refused.action} (${code}${quote}). ${advice}`);
    expect(told.length).toBeLessThan(1_024);
  });
});

describe('the claims of a token', () => {
  const token = (claims: unknown) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.canary`;

  it.each<[string, string, unknown]>([
    [
      'are its issuer and its first audience',
      token({ iss: `https://${ISSUER}`, aud: ['sts.amazonaws.com', 'vault'], sub: SUBJECT }),
      { issuer: ISSUER, audience: 'sts.amazonaws.com' },
    ],
    [
      'are read where the audience is no list',
      token({ iss: 'https://a.example', aud: 'b' }),
      { issuer: 'a.example', audience: 'b' },
    ],
    ['are none without an issuer', token({ aud: ['b'] }), undefined],
    ['are none without an audience', token({ iss: 'https://a.example', aud: [] }), undefined],
    ['are none where the issuer cannot be named in a policy', token({ iss: 'https://a"b', aud: 'b' }), undefined],
    ['are none of what is no token', 'canary', undefined],
    ['are none of what is no JSON', 'e30.canary.canary', undefined],
  ])('%s', (_, text, expected) => {
    expect(tokenClaims(text)).toEqual(expected);
  });
});
