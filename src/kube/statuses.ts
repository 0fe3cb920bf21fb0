/** Status and finalizer writes: merge patches that concern one object in one life of it. */

import type { ObjectIdentity, Statuses } from '../ports/cluster.ts';
import type { KubeClient, KubeRequest } from './client.ts';
import { clusterObject, namespacedObject, type ResourcePath } from './resource-path.ts';

export function createStatuses(client: KubeClient): Statuses {
  async function patch(path: ResourcePath, body: unknown, signal: AbortSignal): Promise<void> {
    const request: KubeRequest = {
      verb: 'patch',
      path,
      query: { fieldManager: 'keyturn' },
      body: JSON.stringify(body),
      contentType: 'application/merge-patch+json',
      accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
      signal,
    };
    await client.request(request);
  }

  return {
    merge: (object, status, signal) =>
      patch(objectPath(object, 'status'), { metadata: { uid: object.uid }, status }, signal),
    setFinalizers: (object, resourceVersion, finalizers, signal) =>
      patch(objectPath(object, ''), { metadata: { uid: object.uid, resourceVersion, finalizers } }, signal),
  };
}

function objectPath(object: ObjectIdentity, subresource: string): ResourcePath {
  const { apiVersion, plural } = object.resource;
  return object.namespace === ''
    ? clusterObject({ apiVersion, plural, scope: 'cluster' }, object.name, subresource)
    : namespacedObject({ apiVersion, plural, scope: 'namespaced' }, object, subresource);
}
