/** Secrets that are immutable in the cluster: what is known of that, and what is told. Pure. */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { SecretMetadata } from '../ports/cluster.ts';
import { TargetImmutable } from '../ports/errors.ts';
import { ownFields, targetNameOf } from './target.ts';
import { fieldManagerOf } from './upstream-hash.ts';

/**
 * Whether we made it immutable: we only ever set the field to true, and nothing sets it back. What somebody else set it
 * to, its metadata do not tell: there the API server's refusal does.
 */
export function isFrozen(externalSecret: ExternalSecret, target: SecretMetadata | undefined): boolean {
  return target !== undefined && ownFields(target, fieldManagerOf(externalSecret.metadata.name))?.immutable === true;
}

/** The same words whoever finds out, so that the condition is written once. */
export function frozenProblem(externalSecret: ExternalSecret): TargetImmutable {
  const name = targetNameOf(externalSecret);
  return new TargetImmutable(
    `could not update secret, target is immutable: Secret "${name}" would get other data, and Kubernetes does not allow ` +
      `that; delete it (kubectl delete secret ${name} -n ${externalSecret.metadata.namespace}), and it is made anew`,
  );
}
