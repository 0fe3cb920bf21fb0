/** Reading AWS's own error texts, and repeating them safely. */

/** Longest quotation of AWS in a message. */
const LONGEST_QUOTE = 300;

/** What an access-denied text of AWS says. */
export interface Denial {
  readonly principal: string | undefined;
  /** Such as `secretsmanager:GetSecretValue`. */
  readonly action: string | undefined;
  /** The ARN of what it was denied on, where AWS names one. */
  readonly resource: string | undefined;
  /** Such as `no identity-based policy allows the secretsmanager:GetSecretValue action`. */
  readonly reason: string | undefined;
  /** True when some policy forbids it: allowing it elsewhere would not help. */
  readonly explicit: boolean;
}

const PRINCIPAL = /\bUser: (arn:[\w+=,.@:/*-]+)/;
const ACTION = /\bnot authorized to perform:? ([a-z][a-z0-9-]*:[A-Za-z]+)/i;
const RESOURCE = /\bon resource: (arn:[^\s]+)/;
const REASON = /\bbecause (no [\w -]+ policy allows the [\w:-]+ action)/;
const EXPLICIT_DENY = /\bwith an (explicit deny(?: in an? [\w -]+ policy)?)/;
/** The session names that the SDK makes when nobody sets one: a new one at each renewal. */
const GENERATED_SESSION = /\/aws-sdk-js-session-\d+$|\/aws-go-sdk-\d+$|\/botocore-session-\d+$/;

/** Texts that differ from call to call, or that nobody can read. */
const PASSING = [
  /\s*\([^()]*request ?id:?[^()]*\)/gi,
  /[,;]?\s*\brequest ?id:?\s*[\w-]+/gi,
  /[.,;]?\s*\bencoded authorization failure message:?\s*[\w-]+/gi,
  /\s*\bcredential=\S*/gi,
];

export function parseDenial(text: string): Denial {
  const explicit = EXPLICIT_DENY.exec(text)?.[1];
  return {
    principal: stablePrincipal(PRINCIPAL.exec(text)?.[1]),
    action: ACTION.exec(text)?.[1],
    resource: RESOURCE.exec(text)?.[1],
    reason: explicit ?? REASON.exec(text)?.[1],
    explicit: explicit !== undefined,
  };
}

/** True for a denial of that operation itself, and not of something that one of the secrets needs, such as its KMS key. */
export function denies({ code, text }: { readonly code: string; readonly text: string }, operation: string): boolean {
  const { action } = parseDenial(text);
  return code.startsWith('AccessDenied') && (action === undefined || action.endsWith(`:${operation}`));
}

/** A principal's ARN without a session name that changes at each renewal of the credentials. */
export function stablePrincipal(arn: string | undefined): string | undefined {
  return arn?.replace(GENERATED_SESSION, '');
}

/** AWS's text on one line, without request ids, cut to a bearable length. */
export function quotable(text: string): string {
  let clean = text;
  for (const passing of PASSING) clean = clean.replace(passing, '');
  clean = clean.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return clean.length > LONGEST_QUOTE ? `${clean.slice(0, LONGEST_QUOTE)}...` : clean;
}
