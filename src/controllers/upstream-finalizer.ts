/** Removes what External Secrets Operator left on an object: without that operator nobody else would. */

import type { ObjectMeta } from '../api/object-meta.ts';
import type { ObjectIdentity, Statuses } from '../ports/cluster.ts';
import { ClusterNotFound } from '../ports/errors.ts';

/** True when the object had that finalizer; it is gone then, or the whole object is. Other finalizers stay. */
export async function releaseFinalizer(
  statuses: Statuses,
  object: ObjectIdentity,
  { finalizers = [], resourceVersion }: ObjectMeta,
  finalizer: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (!finalizers.includes(finalizer)) return false;
  const kept = finalizers.filter((name) => name !== finalizer);
  try {
    await statuses.setFinalizers(object, resourceVersion, kept, signal);
  } catch (error) {
    if (!(error instanceof ClusterNotFound)) throw error;
  }
  return true;
}
