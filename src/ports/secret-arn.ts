/** The spellings of a secret: its name, its ARN without the random suffix (partial), its full ARN. */

export interface SecretArn {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  /** What follows `secret:`: the name, with the random suffix where the ARN is a full one. */
  readonly resource: string;
}

const ARN = /^arn:(aws[a-z0-9-]*):secretsmanager:([a-z0-9-]+):(\d{12}):secret:(.+)$/;
/** AWS puts a hyphen and six random letters or digits after the name. */
const RANDOM_SUFFIX = /-[A-Za-z0-9]{6}$/;
/** What an id may be made of according to the API reference: names have `/_+=.@-`, managed ones `!`, ARNs `:`. */
const WELL_FORMED = /^[A-Za-z0-9/_+=.@:!-]{1,2048}$/;

/** The parts of an ARN of a secret; undefined for a name and for any other ARN. */
export function parseSecretArn(key: string): SecretArn | undefined {
  const [, partition, region, account, resource] = ARN.exec(key) ?? [];
  if (partition === undefined || region === undefined || account === undefined || resource === undefined)
    return undefined;
  return { partition, region, account, resource };
}

/** False for a key that AWS refuses as such, and with it every key that is in the same call. */
export function isWellFormedKey(key: string): boolean {
  return WELL_FORMED.test(key);
}

/** The names that a key can mean: an ARN that ends in what looks like a random suffix may be full or partial. */
export function possibleNames(key: string): readonly string[] {
  const arn = parseSecretArn(key);
  if (arn === undefined) return [key];
  const { name, suffix } = splitSuffix(arn.resource);
  return suffix === undefined ? [arn.resource] : [arn.resource, name];
}

/** The end of a key that is not an ARN and ends as only ARNs do; undefined for any other key. */
export function suffixOfName(key: string): string | undefined {
  return key.startsWith('arn:') ? undefined : RANDOM_SUFFIX.exec(key)?.[0];
}

/** What an ARN has after `secret:`, taken apart; without a suffix where it does not end in what looks like one. */
export function splitSuffix(resource: string): { readonly name: string; readonly suffix: string | undefined } {
  const suffix = RANDOM_SUFFIX.exec(resource)?.[0];
  return { name: suffix === undefined ? resource : resource.slice(0, -suffix.length), suffix };
}

/** True when `key` is one of the spellings of that secret. */
export function isSpellingOf(
  key: string,
  secret: { readonly arn: string; readonly name: string | undefined },
): boolean {
  if (key === secret.arn || key === secret.name) return true;
  return (
    key.startsWith('arn:') &&
    secret.arn.startsWith(key) &&
    RANDOM_SUFFIX.exec(secret.arn)?.[0] === secret.arn.slice(key.length)
  );
}

/**
 * What an IAM policy names to allow this key. AWS recommends `-??????` for the random suffix, because `-*` also
 * matches longer names.
 */
export function iamResourceOf(
  key: string,
  home: { readonly partition: string; readonly region: string; readonly account: string },
): string {
  const arn = parseSecretArn(key);
  if (arn === undefined)
    return `arn:${home.partition}:secretsmanager:${home.region}:${home.account}:secret:${key}-??????`;
  return RANDOM_SUFFIX.test(arn.resource) ? key : `${key}-??????`;
}
