/** Secrets that were deleted and made again under their name: AWS gives each life another ARN. */

import type { Reference } from './references.ts';
import type { SyncRecord } from './situation.ts';

export interface Recreated {
  /** Where the manifest refers to it. */
  readonly field: string;
  readonly before: string;
  readonly now: string;
}

/** Compares what was read with what was known before, as far as both were read with the same identity. */
export function recreatedSecrets(
  references: readonly Reference[],
  before: Pick<SyncRecord, 'versions' | 'gone'> | undefined,
  { versions }: Pick<SyncRecord, 'versions'>,
): readonly Recreated[] {
  if (before === undefined) return [];
  const byId = new Map(references.map((reference) => [reference.id, reference]));
  return [...byId.values()].flatMap(({ id, field }) => {
    const now = versions.get(id);
    const known = before.versions.get(id) ?? before.gone.get(id);
    if (now === undefined || known?.identityKey !== now.identityKey) return [];
    const { arn = '' } = known;
    // What a search finds has no ARN.
    return arn === '' || now.arn === '' || arn === now.arn ? [] : [{ field, before: arn, now: now.arn }];
  });
}
