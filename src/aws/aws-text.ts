/** Reading AWS's own error texts, and repeating them safely. */

/** Longest quotation of AWS in a message. */
const LONGEST_QUOTE = 300;

/** Which kind of policy decided. */
export type PolicyKind =
  | 'identity'
  | 'resource'
  | 'boundary'
  | 'session'
  | 'serviceControl'
  | 'resourceControl'
  | 'endpoint'
  | 'trust';

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
  /** Undefined where AWS does not say; of several it names one. */
  readonly policy: PolicyKind | undefined;
  /** The ARN of the policy that forbids it, which AWS tells within one account or organization. */
  readonly policyArn: string | undefined;
}

const PRINCIPAL = /\bUser: (arn:[\w+=,.@:/*-]+)/;
const ACTION = /\bnot authorized to perform:? ([a-z][a-z0-9-]*:[A-Za-z]+)/i;
const RESOURCE = /\bon resource: "?(arn:[^\s"]+)/;
/*
 * The words for each kind of policy are those of https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html,
 * the ARN is that of https://aws.amazon.com/blogs/security/enhanced-access-denied-error-messages-with-policy-arns/.
 */
const REASON = /\bbecause (no ([\w -]+?) allows the [\w:*-]+ action)/;
const EXPLICIT_DENY =
  /\bwith an (explicit deny(?: in (?:an?|the) ([\w -]+? (?:policy|boundary)))?)(?: transitively through an? ([\w -]+? policy))?(?:: (arn:[\w+=,.@:/*-]*[\w*]))?/;
const KINDS: ReadonlyMap<string, PolicyKind> = new Map([
  ['identity-based policy', 'identity'],
  ['resource-based policy', 'resource'],
  ['permissions boundary', 'boundary'],
  ['session policy', 'session'],
  ['sessions policy', 'session'],
  ['service control policy', 'serviceControl'],
  ['resource control policy', 'resourceControl'],
  ['vpc endpoint policy', 'endpoint'],
  ['role trust policy', 'trust'],
]);
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
  const [, explicit, forbidding = '', behind, policyArn] = EXPLICIT_DENY.exec(text) ?? [];
  const [, implicit, lacking = ''] = REASON.exec(text) ?? [];
  const words = explicit === undefined ? lacking : (behind ?? forbidding);
  return {
    principal: stablePrincipal(PRINCIPAL.exec(text)?.[1]),
    action: ACTION.exec(text)?.[1],
    resource: RESOURCE.exec(text)?.[1],
    reason: explicit ?? implicit,
    explicit: explicit !== undefined,
    policy: KINDS.get(words.toLowerCase()),
    policyArn,
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
