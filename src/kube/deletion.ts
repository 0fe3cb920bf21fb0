/** Deletes objects as they were seen, and no others. */

import type { SeenObject } from '../ports/generic-objects.ts';
import type { KubeClient, KubeRequest } from './client.ts';
import { METADATA_ONLY } from './metadata-only.ts';
import type { ResourcePath } from './resource-path.ts';

/** The request for it. The API server compares uid and version, and deletes nothing else. */
export function deletion(
  path: ResourcePath,
  { uid, resourceVersion }: Pick<SeenObject, 'uid' | 'resourceVersion'>,
): Omit<KubeRequest, 'signal'> {
  return {
    verb: 'delete',
    path,
    body: JSON.stringify({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid, resourceVersion },
      propagationPolicy: 'Background',
    }),
    accept: METADATA_ONLY,
    ignoresAnswer: true,
  };
}

/** Deletes the object with that uid, whatever its version. One that is gone is no fault, and another one of that name stays. */
export async function deleteByUid(
  client: KubeClient,
  path: ResourcePath,
  uid: string,
  signal: AbortSignal,
): Promise<void> {
  const body = JSON.stringify({ preconditions: { uid }, propagationPolicy: 'Background' });
  const result = await client.call({ verb: 'delete', path, body, ignoresAnswer: true, signal });
  // 409: the name belongs to another one now.
  if (result.kind === 'failed' && result.status !== 404 && result.status !== 409) throw result.error;
}
