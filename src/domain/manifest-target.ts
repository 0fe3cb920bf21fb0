/** What a target that is no Secret should be like, and the write that puts it right. Pure. */

import type { ExternalSecret } from '../api/external-secret.ts';
import { CREATED_BY_LABEL, DATA_HASH_ANNOTATION, EXTERNAL_SECRET, GROUP } from '../api/groups.ts';
import type { ControllerRef } from '../ports/cluster.ts';
import { TargetConflict } from '../ports/errors.ts';
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
import { mergePatch } from './json-merge-patch.ts';
import { applyWrites, emptyContent, ownContent, ownPaths } from './manifest-content.ts';
import { pathKey } from './manifest-projection.ts';
import type { RenderedManifest } from './manifest-rendering.ts';
import { creationPolicyOf, mergesInto, type TargetShape, targetShape } from './target.ts';

/** Everything about the target but its values. */
export interface ManifestShape extends Omit<TargetShape, 'type' | 'finalizers' | 'isImmutable' | 'keys'> {
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
  return ownPaths(ownContent(isWhole ? emptyContent(kind) : new Map(), writes));
}

/** The type, finalizers and immutability of a template are a Secret's, and have no meaning here (as upstream). */
export function manifestShape(
  externalSecret: ExternalSecret,
  kind: string,
  metadata: RenderedManifest['metadata'],
  paths: readonly FieldPath[],
  sourceHash: string,
): ManifestShape {
  const templated = metadata && { ...metadata, type: undefined, finalizers: [] };
  const shape = targetShape(externalSecret, [], sourceHash, templated);
  const { namespace, name, fieldManager, labels, annotations, controller, isWhole } = shape;
  return { kind, namespace, name, fieldManager, labels, annotations, controller, isWhole, paths };
}

function isExternalSecret({ kind, apiVersion }: ControllerRef): boolean {
  return kind === EXTERNAL_SECRET.kind && apiVersion.startsWith(`${GROUP}/`);
}

/** Why this ExternalSecret may not write that object, or undefined (upstream section 2.4). */
export function manifestConflict(
  externalSecret: ExternalSecret,
  kind: string,
  { name, controller }: GenericMetadata,
): TargetConflict | undefined {
  const policy = creationPolicyOf(externalSecret);
  if (controller === undefined || policy === 'None') return undefined;
  const target = `${kind} "${name}"`;
  if (isExternalSecret(controller)) {
    if (controller.name === externalSecret.metadata.name) return undefined;
    return new TargetConflict(
      `target is owned by another ExternalSecret: ${target} belongs to "${controller.name}"; ` +
        'give one of the two another spec.target.name',
    );
  }
  if (policy !== 'Owner') return undefined;
  return new TargetConflict(
    `failed to take ownership of target secret: ${target} is controlled by ${controller.kind} "${controller.name}"; ` +
      'choose another spec.target.name, or creationPolicy Merge to add to it',
  );
}

/** What a field manager owns; undefined when it never wrote the object. */
function ownedBy({ fieldOwners }: GenericMetadata, manager: string): ContentOwner | undefined {
  return fieldOwners.find((owner) => owner.manager === manager);
}

export function newManifest(shape: ManifestShape, { writes }: RenderedManifest): NewGenericObject {
  const { kind, namespace, name, labels, annotations, controller } = shape;
  const content = new SecretJson(ownContent(emptyContent(kind), writes));
  return { namespace, name, labels, annotations, controller, content };
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
  return { labels, annotations, controller, content: new SecretJson(content) };
}
