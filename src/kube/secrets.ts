/** Writes Secrets blind, with answers of metadata only, and reads the few whose values the operator needs. */

import type { NewSecret, ObjectName, SecretMetadata, SecretPatch, Secrets } from '../ports/cluster.ts';
import { type SecretData, SecretValue } from '../ports/secret-value.ts';
import type { KubeClient, KubeRequest } from './client.ts';
import { deletion } from './deletion.ts';
import { unanswered } from './errors.ts';
import { METADATA_ONLY } from './metadata-only.ts';
import { asObject, at } from './narrow.ts';
import { controllerReference, patchedOwners } from './owner-references.ts';
import { inNamespace, namespacedObject, SECRETS } from './resource-path.ts';
import { readSecretMetadata } from './secret-metadata.ts';
import { bodyOrGone, readStoredData } from './stored-data.ts';

export function createSecrets(client: KubeClient): Secrets {
  async function write(request: KubeRequest): Promise<SecretMetadata> {
    const written = readSecretMetadata(await client.request(request));
    if (written === undefined) {
      throw unanswered(request, 'no metadata of a Secret').error;
    }
    return written;
  }

  async function get(name: ObjectName, signal: AbortSignal): Promise<unknown> {
    const result = await client.call({ verb: 'get', path: namespacedObject(SECRETS, name), signal });
    return bodyOrGone(result);
  }

  return {
    create: (secret, fieldManager, signal) =>
      write({
        verb: 'create',
        path: inNamespace(SECRETS, secret.namespace),
        query: { fieldManager },
        body: JSON.stringify(newSecretBody(secret)),
        accept: METADATA_ONLY,
        signal,
      }),
    patch: (target, patch, fieldManager, signal) =>
      write({
        verb: 'patch',
        path: namespacedObject(SECRETS, target),
        query: { fieldManager },
        body: JSON.stringify(patchBody(target, patch)),
        contentType: 'application/merge-patch+json',
        accept: METADATA_ONLY,
        signal,
      }),
    async delete(target, signal) {
      bodyOrGone(await client.call({ ...deletion(namespacedObject(SECRETS, target), target), signal }));
    },
    async dataKeys(name, signal) {
      const secret = await get(name, signal);
      return secret === undefined ? undefined : Object.keys(asObject(at(secret, 'data')) ?? {});
    },
    async read(name, signal) {
      const secret = await get(name, signal);
      return secret === undefined
        ? undefined
        : readStoredData(secret, (base64) => SecretValue.fromBytes(Buffer.from(base64, 'base64')));
    },
  };
}

function newSecretBody(secret: NewSecret): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: secret.name,
      namespace: secret.namespace,
      labels: secret.labels,
      annotations: secret.annotations,
      ...(secret.controller === undefined ? {} : { ownerReferences: [controllerReference(secret.controller)] }),
      ...(secret.finalizers === undefined ? {} : { finalizers: secret.finalizers }),
    },
    type: secret.type,
    data: encode(secret.data),
    ...immutability(secret),
  };
}

/**
 * A JSON merge patch: `null` removes a member, lists are replaced whole. `resourceVersion` and `uid` are
 * preconditions: of an object that has changed since, or was made anew, nothing is written.
 */
function patchBody(target: SecretMetadata, patch: SecretPatch): unknown {
  const removed = patch.removedDataKeys.map((key): [string, null] => [key, null]);
  return {
    metadata: {
      uid: target.uid,
      resourceVersion: target.resourceVersion,
      labels: patch.labels,
      annotations: patch.annotations,
      ...patchedOwners(target, patch.controller),
      ...(patch.finalizers === undefined ? {} : { finalizers: patch.finalizers }),
    },
    ...(patch.type === undefined ? {} : { type: patch.type }),
    // fromEntries defines members, so that even `__proto__`, a valid key, is one. A key both removed and set is set.
    data: Object.fromEntries([...removed, ...Object.entries(encode(patch.data))]),
    ...immutability(patch),
  };
}

function immutability({ immutable = false }: Pick<NewSecret, 'immutable'>): { readonly immutable?: true } {
  return immutable ? { immutable: true } : {};
}

function encode(data: SecretData): Readonly<Record<string, string>> {
  return Object.fromEntries([...data].map(([key, value]) => [key, value.revealBase64()]));
}
