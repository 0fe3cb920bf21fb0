/** What is often wrong with a key that AWS does not find, or denies (https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html). */

import { parseSecretArn, splitSuffix, suffixOfName } from '../ports/secret-arn.ts';

/**
 * For a key that AWS does not take for an ARN. A name that does not exist is not found or denied, depending on the policy.
 * Empty, or a sentence after a space.
 */
export function hintOnName(key: string): string {
  if (!key.startsWith('arn:') && key.includes('arn:aws')) {
    return " The store's prefix stands before the ARN: give the name without the prefix, or use a store that has none.";
  }
  const suffix = suffixOfName(key);
  return suffix === undefined
    ? ''
    : ` A random suffix belongs to ARNs only: if "${suffix}" was copied from an ARN, leave it out of the name.`;
}

/** For an ARN that AWS finds nothing by. Empty, or sentences after a space. */
export function hintOnArn(key: string, account: string | undefined): string {
  const arn = parseSecretArn(key);
  if (arn === undefined) return '';
  const isOthers = account !== undefined && account !== arn.account;
  const { name, suffix } = splitSuffix(arn.resource);
  if (suffix === undefined) {
    return isOthers
      ? ` It is of account ${arn.account}, and the identity of ${account}: secrets of another account are found by the full ARN only, with its random suffix.`
      : ' It lacks the random suffix: AWS finds by such an ARN only what exactly one secret matches. Give the full ARN, or the name.';
  }
  return (
    ` If it was deleted and made again, it is "${name}" with another suffix than "${suffix}"` +
    `${isOthers ? '' : ': the name alone finds it'}. If "${suffix}" is the end of its name, AWS took that for the random suffix: give the full ARN${isOthers ? '' : ', or the name'}.`
  );
}
