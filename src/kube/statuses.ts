/** Status and finalizer writes that concern one object in one life of it. */

import type { ObjectIdentity, Statuses } from '../ports/cluster.ts';
import { ClusterConflict } from '../ports/errors.ts';
import type { CallResult, KubeClient } from './client.ts';
import { clusterObject, namespacedObject, quotedName, type ResourcePath } from './resource-path.ts';

const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

type JsonPatch = readonly { readonly op: 'test' | 'add' | 'remove'; readonly path: string; readonly value?: unknown }[];

/**
 * A merge patch of a custom resource's `/status` ignores `metadata.uid` (seen on 1.37: the object in storage keeps
 * its metadata, and the patch is applied to whatever has the name). A JSON patch can test the uid; it cannot add to a
 * status that is not there yet, so that there are two forms of it, and the likelier one is tried first.
 */
export function createStatuses(client: KubeClient): Statuses {
  async function mergeStatus(
    object: ObjectIdentity,
    status: object,
    hasStatus: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const path = objectPath(object, 'status');
    const forms = [firstStatus(object.uid, status), laterStatus(object.uid, status)];
    for (const patch of hasStatus ? forms.reverse() : forms) {
      const result = await client.call({
        verb: 'patch',
        path,
        query: { fieldManager: 'keyturn' },
        body: JSON.stringify(patch),
        contentType: 'application/json-patch+json',
        accept: METADATA_ONLY,
        ignoresAnswer: true,
        signal,
      });
      if (result.kind === 'ok') {
        return;
      }
      if (!isFailedTest(result)) {
        throw result.error;
      }
    }
    throw new ClusterConflict(
      `Another object has the name of ${path.resource} ${quotedName(path)} now, or somebody else is writing its status.`,
    );
  }

  return {
    merge: mergeStatus,
    async setFinalizers(object, resourceVersion, finalizers, signal) {
      await client.request({
        verb: 'patch',
        path: objectPath(object, ''),
        query: { fieldManager: 'keyturn' },
        body: JSON.stringify({ metadata: { uid: object.uid, resourceVersion, finalizers } }),
        contentType: 'application/merge-patch+json',
        accept: METADATA_ONLY,
        signal,
      });
    },
  };
}

/** The whole status, where there is none: a test for null holds for what is absent. */
function firstStatus(uid: string, status: object): JsonPatch {
  const fields = Object.entries(status).filter(([, value]) => value !== null);
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: '/status', value: null },
    { op: 'add', path: '/status', value: Object.fromEntries(fields) },
  ];
}

/** Field by field into the status that there is. */
function laterStatus(uid: string, status: object): JsonPatch {
  const fields = Object.entries(status).filter(([, value]) => value !== undefined);
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    ...fields.flatMap(([field, value]): JsonPatch => {
      const path = `/status/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const add = { op: 'add', path, value } as const;
      // Only what is there can be removed, so that it is added first.
      return value === null ? [add, { op: 'remove', path }] : [add];
    }),
  ];
}

/** The API server says of a patch that does not apply only that it is invalid; a status that is, names its fields. */
function isFailedTest(result: CallResult): boolean {
  return result.kind === 'failed' && result.status === 422 && result.causes === 0;
}

function objectPath(object: ObjectIdentity, subresource: string): ResourcePath {
  const { apiVersion, plural } = object.resource;
  return object.namespace === ''
    ? clusterObject({ apiVersion, plural, scope: 'cluster' }, object.name, subresource)
    : namespacedObject({ apiVersion, plural, scope: 'namespaced' }, object, subresource);
}
