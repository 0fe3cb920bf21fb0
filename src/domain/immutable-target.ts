/** Targets that are immutable in the cluster: what is known of that, and what is told. Pure. */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { SecretMetadata } from '../ports/cluster.ts';
import { TargetImmutable } from '../ports/errors.ts';
import { ownFields, quotedTarget, targetNameOf } from './target.ts';
import { targetWordsOf } from './target-words.ts';
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
  const { kind, noun } = targetWordsOf(externalSecret);
  const command = `kubectl delete ${kind.toLowerCase()} ${targetNameOf(externalSecret)}`;
  return new TargetImmutable(
    `could not update ${noun}, target is immutable: ${quotedTarget(externalSecret)} would get other data, and Kubernetes ` +
      `does not allow that; delete it (${command} -n ${externalSecret.metadata.namespace}), and it is made anew`,
  );
}
