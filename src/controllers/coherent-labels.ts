/** Looks whether several labels of one secret belong together as they were read. */

import { labelsOfOneSecret } from '../domain/labels-of-one-secret.ts';
import type { Reference } from '../domain/references.ts';
import { isSameVersion } from '../domain/version-order.ts';
import type { ProbeOutcome, SecretSource } from '../ports/secret-source.ts';
import type { Answers } from './read-references.ts';

type Readings = Answers['readings'];

function isAsRead(readings: Readings, { id }: Reference, outcome: ProbeOutcome | undefined): boolean {
  const read = readings.get(id)?.version;
  if (outcome === undefined || outcome.kind === 'failed' || read === undefined) return false;
  return isSameVersion(outcome.version, read);
}

/**
 * Labels that still point, after all of them were read, to what was read stood so together. False as well where the
 * look fails. It costs nothing for an object that reads one label of each secret.
 */
export async function areCoherent(
  references: readonly Reference[],
  readings: Readings,
  sourceOf: (reference: Reference) => Pick<SecretSource, 'probe'>,
  signal: AbortSignal,
): Promise<boolean> {
  const labels = labelsOfOneSecret(references, ({ id }) => readings.get(id)?.version);
  const bySource = Map.groupBy(labels, sourceOf);
  const looks = [...bySource].map(async ([source, asked]) => {
    const outcomes = await source.probe(
      asked.map(({ ref }) => ref),
      signal,
    );
    return asked.every((reference, at) => isAsRead(readings, reference, outcomes[at]));
  });
  return (await Promise.all(looks)).every((isSame) => isSame);
}
