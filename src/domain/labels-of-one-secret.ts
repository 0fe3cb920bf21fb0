/**
 * Labels of one secret that are written together, such as AWSCURRENT and AWSPREVIOUS. AWS moves them at once and is asked
 * for them one after the other: what a rotation comes between is a pair that never was, with one version twice or one
 * left out.
 */

import type { SecretVersion } from '../ports/secret-source.ts';
import type { Reference } from './references.ts';

/** One for each label, of the secrets of which several were read. An id is no label: it never moves. */
export function labelsOfOneSecret(
  references: readonly Reference[],
  versionOf: (reference: Reference) => SecretVersion | undefined,
): readonly Reference[] {
  const byArn = new Map<string, Map<string, Reference>>();
  for (const reference of references) {
    const arn = versionOf(reference)?.arn;
    if (arn === undefined || 'query' in reference.ref || reference.ref.version.kind !== 'stage') continue;
    const labels = byArn.get(arn) ?? new Map<string, Reference>();
    byArn.set(arn, labels.set(reference.ref.version.stage, reference));
  }
  return [...byArn.values()].filter(({ size }) => size > 1).flatMap((labels) => [...labels.values()]);
}
