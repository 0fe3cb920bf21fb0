/** Secrets that an ExternalSecret with creationPolicy Owner has made under an earlier `spec.target.name`. Pure. */

import type { ExternalSecret, ExternalSecretStatus } from '../api/external-secret.ts';
import { CREATED_BY_LABEL } from '../api/groups.ts';
import type { SecretMetadata } from '../ports/cluster.ts';
import { isOwned } from './deletion.ts';
import { creationPolicyOf, targetNameOf } from './target.ts';
import { createdByHash } from './upstream-hash.ts';

/** The status names the Secret that was last written, so that only after a change of name they are looked for. */
export function mayHaveOrphans(externalSecret: ExternalSecret, status: ExternalSecretStatus | undefined): boolean {
  return (
    creationPolicyOf(externalSecret) === 'Owner' &&
    Boolean(status?.refreshTime) &&
    status?.binding?.name !== targetNameOf(externalSecret)
  );
}

/** Both marks have to be there: a label is easily copied to a Secret of somebody else. */
export function isOrphan(externalSecret: ExternalSecret, secret: SecretMetadata): boolean {
  const { namespace, name } = externalSecret.metadata;
  return (
    secret.namespace === namespace &&
    secret.name !== targetNameOf(externalSecret) &&
    !secret.deleting &&
    isOwned(externalSecret, secret) &&
    secret.labels[CREATED_BY_LABEL] === createdByHash(namespace, name)
  );
}
