/** The request that deletes an object as it was seen. */

import type { SeenObject } from '../ports/generic-objects.ts';
import type { KubeRequest } from './client.ts';
import { METADATA_ONLY } from './metadata-only.ts';
import type { ResourcePath } from './resource-path.ts';

/** The API server compares uid and version, and deletes nothing else. */
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
