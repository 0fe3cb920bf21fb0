/** ARNs that AWS need not be asked for. */

import { RequestRejected } from '../ports/errors.ts';
import { parseSecretArn } from '../ports/secret-arn.ts';
import type { SecretRef } from '../ports/secret-source.ts';

/**
 * A region knows nothing of the secrets of another: its "not found" would be no answer, and must not become a deletion.
 */
export function misplaced({ key }: SecretRef, region: string): RequestRejected | undefined {
  const arn = parseSecretArn(key);
  if (arn === undefined || arn.region === region) return undefined;
  return new RequestRejected(
    `Secret "${key}" is in ${arn.region}, and the store reads in ${region}. ` +
      `Use a store for ${arn.region}, or correct the ARN.`,
  );
}
