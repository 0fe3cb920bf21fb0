/** What of a ServiceAccount's token a trust policy has to name. None of it is secret; the signature stays out. */

import { field, textField } from './unchecked-field.ts';

export interface TokenClaims {
  /** Without `https://`, as IAM names an OIDC provider. */
  readonly issuer: string;
  /** The first one, which is that of its annotation or of AWS STS. */
  readonly audience: string;
}

const ISSUER = /^https:\/\/([A-Za-z0-9._~/:-]{1,255}?)\/?$/;
const AUDIENCE = /^[\w.:/@~-]{1,255}$/;

/** undefined for what is no JWT, or has claims that cannot stand in a policy. */
export function tokenClaims(token: string): TokenClaims | undefined {
  const claims = parsed(token.split('.')[1] ?? '');
  const issuer = ISSUER.exec(textField(claims, 'iss') ?? '')?.[1];
  const named = field(claims, 'aud');
  const audience: unknown = Array.isArray(named) ? named[0] : named;
  if (issuer === undefined || typeof audience !== 'string' || !AUDIENCE.test(audience)) return undefined;
  return { issuer, audience };
}

function parsed(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    // The parser's message quotes the token.
    return undefined;
  }
}
