/** Objects of any kind: written with answers of metadata only, and read whole where something is added to them. */

import type { Clock } from '../ports/clock.ts';
import type { ObjectName } from '../ports/cluster.ts';
import { ClusterNotFound } from '../ports/errors.ts';
import type {
  GenericMetadata,
  GenericObject,
  GenericObjects,
  GenericPatch,
  NewGenericObject,
  ServedKind,
} from '../ports/generic-objects.ts';
import { encodeJson, isJsonObject, type JsonObject, parseJson, SecretJson } from '../ports/secret-json.ts';
import type { CallResult, KubeClient, KubeRequest } from './client.ts';
import { deletion } from './deletion.ts';
import { unanswered } from './errors.ts';
import { readGenericMetadata } from './generic-metadata.ts';
import { METADATA_ONLY } from './metadata-only.ts';
import { controllerReference, patchedOwners } from './owner-references.ts';
import { inNamespace, type NamespacedResource, namespacedObject } from './resource-path.ts';
import { createServedKinds } from './served-kinds.ts';
import { bodyOrGone } from './stored-data.ts';

/** What every object has and is no content of it: it is neither read nor written as such. */
const NOT_CONTENT: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'status']);

export function createGenericObjects(client: KubeClient, clock: Clock): GenericObjects {
  const kinds = createServedKinds(client, clock);

  /** A kind that is not served any more is looked for anew. */
  async function call(kind: ServedKind, request: KubeRequest): Promise<CallResult> {
    const result = await client.call({ ...request, holdsValues: true });
    if (result.kind === 'failed' && result.error instanceof ClusterNotFound) kinds.forget(kind.apiVersion);
    return result;
  }

  async function write(kind: ServedKind, request: KubeRequest): Promise<GenericMetadata> {
    const result = await call(kind, { ...request, accept: METADATA_ONLY });
    if (result.kind === 'failed') throw result.error;
    return metadataIn(request, result.body);
  }

  return {
    servedKind: (apiVersion, kind, signal) => kinds.find(apiVersion, kind, signal),
    async look(kind, name, signal) {
      const request = { verb: 'get', path: pathOf(kind, name), accept: METADATA_ONLY, signal } as const;
      const body = bodyOrGone(await call(kind, request));
      return body === undefined ? undefined : metadataIn(request, body);
    },
    async read(kind, name, signal) {
      const request = { verb: 'get', path: pathOf(kind, name), wantsText: true, signal } as const;
      const body = bodyOrGone(await call(kind, request));
      return body === undefined ? undefined : objectIn(request, body);
    },
    create: (kind, object, fieldManager, signal) =>
      write(kind, {
        verb: 'create',
        path: inNamespace(resourceOf(kind), object.namespace),
        query: { fieldManager },
        body: newBody(kind, object),
        hidesNames: object.hidesNames ?? false,
        signal,
      }),
    patch: (kind, target, patch, fieldManager, signal) =>
      write(kind, {
        verb: 'patch',
        path: pathOf(kind, target),
        query: { fieldManager },
        body: patchBody(target, patch),
        hidesNames: patch.hidesNames ?? false,
        contentType: 'application/merge-patch+json',
        signal,
      }),
    async delete(kind, target, signal) {
      bodyOrGone(await call(kind, { ...deletion(pathOf(kind, target), target), signal }));
    },
  };
}

/** Cluster-scoped kinds are refused before (`servedKindProblem`). */
function resourceOf({ apiVersion, plural }: ServedKind): NamespacedResource {
  return { apiVersion, plural, scope: 'namespaced' };
}

function pathOf(kind: ServedKind, { namespace, name }: ObjectName) {
  return namespacedObject(resourceOf(kind), { namespace, name });
}

function metadataIn(request: KubeRequest, body: unknown): GenericMetadata {
  const metadata = readGenericMetadata(body);
  if (metadata !== undefined) return metadata;
  throw unanswered(request, 'no metadata of an object').error;
}

function objectIn(request: KubeRequest, body: unknown): GenericObject {
  const text = typeof body === 'string' ? body : '';
  const whole = parseJson(text);
  if (!isJsonObject(whole)) throw unanswered(request, 'no object that can be read').error;
  const raw: unknown = JSON.parse(text);
  return { metadata: metadataIn(request, raw), content: new SecretJson(contentOf(whole)) };
}

function contentOf(whole: JsonObject): JsonObject {
  return new Map([...whole].filter(([name]) => !NOT_CONTENT.has(name)));
}

/** One JSON object of what the operator says and what the content is. */
function bodyOf(head: object, content: SecretJson<JsonObject>): string {
  const text = JSON.stringify(head);
  const members = encodeJson(contentOf(content.reveal())).slice(1, -1);
  return members === '' ? text : `${text.slice(0, -1)},${members}}`;
}

function newBody({ apiVersion, kind }: ServedKind, object: NewGenericObject): string {
  const { namespace, name, labels, annotations, controller, content } = object;
  const owners = controller === undefined ? {} : { ownerReferences: [controllerReference(controller)] };
  return bodyOf({ apiVersion, kind, metadata: { name, namespace, labels, annotations, ...owners } }, content);
}

/** `resourceVersion` and `uid` are preconditions: of an object that has changed since, or was made anew, nothing is written. */
function patchBody(target: GenericMetadata, { labels, annotations, controller, content }: GenericPatch): string {
  const { uid, resourceVersion } = target;
  const metadata = { uid, resourceVersion, labels, annotations, ...patchedOwners(target, controller) };
  return bodyOf({ metadata }, content);
}
