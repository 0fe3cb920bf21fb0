/** What a target that is no Secret should be like, and the write that puts it right. Pure. */

import type { ExternalSecret } from '../api/external-secret.ts';
import { CREATED_BY_LABEL, DATA_HASH_ANNOTATION } from '../api/groups.ts';
import type { ControllerRef } from '../ports/cluster.ts';
import type {
  ContentOwner,
  FieldPath,
  GenericMetadata,
  GenericObject,
  GenericPatch,
  NewGenericObject,
} from '../ports/generic-objects.ts';
import { type JsonObject, SecretJson } from '../ports/secret-json.ts';
import { draftOf, removeScalar } from './json-edit.ts';
import { leafPaths, mergePatch } from './json-merge-patch.ts';
import { applyWrites, emptyContent, ownContent } from './manifest-content.ts';
import { pathKey } from './manifest-projection.ts';
import type { RenderedManifest } from './manifest-rendering.ts';
import { creationPolicyOf, isExternalSecret, mergesInto, type TargetShape, targetShape } from './target.ts';
import { contentHash } from './upstream-hash.ts';

/** Everything about the target but its values; the paths stand as keys in it. */
export interface ManifestShape extends TargetShape {
  readonly kind: string;
  readonly paths: readonly FieldPath[];
}

/** The fields of content that are ours, before it is known what is there. */
export function wantedPaths(
  externalSecret: ExternalSecret,
  kind: string,
  { writes }: RenderedManifest,
): readonly FieldPath[] {
  const isWhole = !mergesInto(creationPolicyOf(externalSecret));
  return leafPaths(ownContent(isWhole ? emptyContent(kind) : new Map(), writes));
}

/** The type and finalizers of a template are a Secret's, and have no meaning here (as upstream). */
export function manifestShape(
  externalSecret: ExternalSecret,
  kind: string,
  metadata: RenderedManifest['metadata'],
  paths: readonly FieldPath[],
  sourceHash: string,
): ManifestShape {
  const templated = metadata && { ...metadata, type: undefined, finalizers: [] };
  return { ...targetShape(externalSecret, paths.map(pathKey), sourceHash, templated), kind, paths };
}

/** What a field manager owns; undefined when it never wrote the object. */
function ownedBy({ fieldOwners }: GenericMetadata, manager: string): ContentOwner | undefined {
  return fieldOwners.find((owner) => owner.manager === manager);
}

export function newManifest(shape: ManifestShape, { writes, hidesNames }: RenderedManifest): NewGenericObject {
  const { kind, namespace, name, labels, annotations, controller } = shape;
  const content = new SecretJson(ownContent(emptyContent(kind), writes));
  return { namespace, name, labels, annotations, controller, content, hidesNames };
}

/** Without the top-level fields that are not ours. */
function ofFields(content: JsonObject, names: ReadonlySet<string>): JsonObject {
  return new Map([...content].filter(([name]) => names.has(name)));
}

/** Each top-level field that holds something of ours holds nothing else. */
function wholePatch(shape: ManifestShape, { writes }: RenderedManifest, existing: GenericObject): JsonObject {
  const wanted = ownContent(emptyContent(shape.kind), writes);
  const own = ownedBy(existing.metadata, shape.fieldManager)?.fields ?? [];
  const names = new Set([...wanted.keys(), ...own.flatMap(([name = '']) => name)]);
  return mergePatch(ofFields(existing.content.reveal(), names), wanted);
}

/** What others have made stays; of what we have made goes what is not wanted any more. */
function addingPatch(shape: ManifestShape, { writes }: RenderedManifest, existing: GenericObject): JsonObject {
  const content = existing.content.reveal();
  const base = draftOf(content);
  const wanted = new Set(shape.paths.map(pathKey));
  const own = ownedBy(existing.metadata, shape.fieldManager)?.fields ?? [];
  for (const path of own) if (!wanted.has(pathKey(path))) removeScalar(base, path);
  return mergePatch(content, applyWrites(base, writes));
}

/** Names that are wanted and differ, and those that we own and want no more. */
function namePatch(
  present: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
  owned: readonly string[],
): Readonly<Record<string, string | null>> {
  const stale = owned.filter((name) => !Object.hasOwn(wanted, name) && Object.hasOwn(present, name));
  const news = Object.entries(wanted).filter(([name, value]) => present[name] !== value);
  return Object.fromEntries([...stale.map((name) => [name, null] as const), ...news]);
}

function controllerPatch(
  { controller }: ManifestShape,
  present: ControllerRef | undefined,
): GenericPatch['controller'] {
  if (controller === undefined) return present !== undefined && isExternalSecret(present) ? null : undefined;
  return controller.uid === present?.uid ? undefined : controller;
}

/**
 * The change that makes `existing` what is wanted; undefined when it is so already.
 * @throws InvalidSecretContent where a path leads into something that is no map or list
 */
export function manifestPatch(
  shape: ManifestShape,
  rendered: RenderedManifest,
  existing: GenericObject,
): GenericPatch | undefined {
  const { metadata } = existing;
  const own = ownedBy(metadata, shape.fieldManager);
  const staleLabels = [...(own?.labels ?? []), CREATED_BY_LABEL];
  const staleAnnotations = [...(own?.annotations ?? []), DATA_HASH_ANNOTATION];
  const labels = namePatch(metadata.labels, shape.labels, staleLabels);
  const annotations = namePatch(metadata.annotations, shape.annotations, staleAnnotations);
  const controller = controllerPatch(shape, metadata.controller);
  const content = shape.isWhole ? wholePatch(shape, rendered, existing) : addingPatch(shape, rendered, existing);
  const sizes = [Object.keys(labels).length, Object.keys(annotations).length, content.size];
  if (controller === undefined && sizes.every((size) => size === 0)) return undefined;
  return { labels, annotations, controller, content: new SecretJson(content), hidesNames: rendered.hidesNames };
}

/** The change for a target that is not compared with its sources: it adds marks, and takes nothing away. */
export function markingManifestPatch({ labels, annotations, controller }: TargetShape): GenericPatch {
  return { labels, annotations, controller, content: new SecretJson<JsonObject>(new Map()) };
}

/** What the data-hash of a target, which another operator has left, says of its content. */
export function inspectManifest({ metadata, content }: GenericObject): 'asHashed' | 'edited' {
  return metadata.annotations[DATA_HASH_ANNOTATION] === contentHash(content.reveal()) ? 'asHashed' : 'edited';
}
