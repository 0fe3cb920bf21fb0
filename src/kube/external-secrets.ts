/** Reads ExternalSecrets past the watch, and writes them by server-side apply: so the API server knows what was ours. */

import { CLUSTER_EXTERNAL_SECRET_MANAGER, EXTERNAL_SECRET } from '../api/groups.ts';
import type { ExternalSecrets, WantedExternalSecret } from '../ports/external-secrets.ts';
import type { KubeClient } from './client.ts';
import { deleteByUid } from './deletion.ts';
import { PARTIAL_LIST } from './list-watch.ts';
import { at } from './narrow.ts';
import { inNamespace, type NamespacedResource, namespacedObject } from './resource-path.ts';

const RESOURCE: NamespacedResource = { ...EXTERNAL_SECRET, scope: 'namespaced' };

export function createExternalSecrets(client: KubeClient): ExternalSecrets {
  /** What the API server has then; without `force` it refuses where others set a field to another value. */
  async function apply(wanted: WantedExternalSecret, uid: string | undefined, signal: AbortSignal): Promise<unknown> {
    return await client.request({
      verb: 'patch',
      path: namespacedObject(RESOURCE, wanted),
      query: { fieldManager: CLUSTER_EXTERNAL_SECRET_MANAGER, force: String(uid !== undefined) },
      // Every JSON text is a YAML text.
      body: JSON.stringify(bodyOf(wanted, uid)),
      contentType: 'application/apply-patch+yaml',
      signal,
    });
  }

  /** Apply leaves alone what others added to the spec. */
  async function replaceSpec(wanted: WantedExternalSecret, uid: string, signal: AbortSignal): Promise<void> {
    await client.request({
      verb: 'patch',
      path: namespacedObject(RESOURCE, wanted),
      query: { fieldManager: CLUSTER_EXTERNAL_SECRET_MANAGER },
      body: JSON.stringify([
        { op: 'test', path: '/metadata/uid', value: uid },
        { op: 'replace', path: '/spec', value: wanted.spec },
      ]),
      contentType: 'application/json-patch+json',
      ignoresAnswer: true,
      signal,
    });
  }

  return {
    create: async (wanted, signal) => void (await apply(wanted, undefined, signal)),
    async update(uid, wanted, signal) {
      const stored = await apply(wanted, uid, signal);
      if (hasMore(at(stored, 'spec'), wanted.spec)) await replaceSpec(wanted, uid, signal);
    },
    async isThere({ namespace, name, uid }, signal) {
      const path = inNamespace(RESOURCE, namespace);
      // `list` is a right that the operator has, for its watch; `get` is none.
      const query = { fieldSelector: `metadata.name=${name}` };
      const items = at(await client.request({ verb: 'list', path, query, accept: PARTIAL_LIST, signal }), 'items');
      return Array.isArray(items) && items.some((item) => isStaying(item, uid));
    },
    delete: (name, uid, signal) => deleteByUid(client, namespacedObject(RESOURCE, name), uid, signal),
  };
}

function isStaying(item: unknown, uid: string): boolean {
  return at(item, 'metadata', 'uid') === uid && at(item, 'metadata', 'deletionTimestamp') === undefined;
}

function bodyOf({ namespace, name, labels, annotations, controller, spec }: WantedExternalSecret, uid?: string) {
  const ownerReferences = [{ ...controller, controller: true, blockOwnerDeletion: true }];
  return {
    apiVersion: EXTERNAL_SECRET.apiVersion,
    kind: EXTERNAL_SECRET.kind,
    metadata: { namespace, name, ...(uid === undefined ? {} : { uid }), labels, annotations, ownerReferences },
    spec,
  };
}

/** True when an object has members that were not wanted; lists are replaced whole, so that theirs are never more. */
function hasMore(stored: unknown, wanted: unknown): boolean {
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return false;
  return Object.entries(stored).some(([name, value]) => {
    const asked = at(wanted, name);
    return asked === undefined || hasMore(value, asked);
  });
}
