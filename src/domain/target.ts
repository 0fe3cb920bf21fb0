/** What the target Secret should be like, what of it is not so, and the write that puts it right. Pure. */

import type { ExternalSecret } from '../api/external-secret.ts';
import {
  CREATED_BY_LABEL,
  DATA_HASH_ANNOTATION,
  EXTERNAL_SECRET,
  GROUP,
  MANAGED_LABEL,
  MANAGED_VALUE,
  SOURCE_HASH_ANNOTATION,
  VERSION_ANNOTATION,
} from '../api/groups.ts';
import type { ControllerRef, FieldOwner, NewSecret, SecretMetadata, SecretPatch } from '../ports/cluster.ts';
import { TargetConflict } from '../ports/errors.ts';
import type { SecretData } from '../ports/secret-value.ts';
import { genericTargetOf, objectIdOf } from './manifest-kind.ts';
import { OWN_ANNOTATIONS } from './metadata-names.ts';
import { TOKEN_ANNOTATIONS } from './privileged-secret.ts';
import { isAdopted } from './source-hash.ts';
import { targetWordsOf } from './target-words.ts';
import { createdByHash, fieldManagerOf } from './upstream-hash.ts';

export type CreationPolicy = 'Owner' | 'Orphan' | 'Merge' | 'None' | 'CreateOrMerge';

/** Everything about the target but its values. */
export interface TargetShape {
  readonly namespace: string;
  readonly name: string;
  readonly fieldManager: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Who should control it; undefined when the ExternalSecret must not. */
  readonly controller: ControllerRef | undefined;
  /** True when keys that are not ours are removed; false when they are left alone (Merge). */
  readonly isWhole: boolean;
  /** Undefined where the template says nothing of it: Opaque for a new Secret, and left alone on another. */
  readonly type: string | undefined;
  /** To be there beside those that others put there. */
  readonly finalizers: readonly string[];
  /** True when nobody may change the data after us. A Secret that is immutable stays so, whatever this says. */
  readonly isImmutable: boolean;
  readonly keys: readonly string[];
}

/**
 * Annotations that speak of the ExternalSecret itself. On a Secret they would mislead the tools that wrote them:
 * kubectl and its like would compute wrong patches, Argo CD would take the Secret for an object of its own and prune it.
 * And those by which Kubernetes would put somebody's token into a Secret that is there already.
 */
const NOT_COPIED: readonly string[] = [
  ...TOKEN_ANNOTATIONS,
  'argocd.argoproj.io/tracking-id',
  'banzaicloud.com/last-applied',
  'kapp.k14s.io/original',
  'kubectl.kubernetes.io/last-applied-configuration',
  'objectset.rio.cattle.io/applied',
];

const NO_FINALIZERS: readonly string[] = [];

export function targetNameOf(externalSecret: ExternalSecret): string {
  return externalSecret.spec.target?.name ?? externalSecret.metadata.name;
}

/** `namespace/name` of the target. */
export function targetKeyOf(externalSecret: ExternalSecret): string {
  return `${externalSecret.metadata.namespace}/${targetNameOf(externalSecret)}`;
}

/** The target among objects of all kinds: by `namespace/name` alone where it is a Secret. */
export function targetIdOf(externalSecret: ExternalSecret): string {
  const generic = genericTargetOf(externalSecret.spec);
  const key = targetKeyOf(externalSecret);
  return generic === undefined ? key : objectIdOf(generic.manifest, key);
}

/** The target as messages call it: `Secret "app"`. */
export function quotedTarget(externalSecret: ExternalSecret): string {
  return `${targetWordsOf(externalSecret).kind} "${targetNameOf(externalSecret)}"`;
}

export function creationPolicyOf(externalSecret: ExternalSecret): CreationPolicy {
  return externalSecret.spec.target?.creationPolicy ?? 'Owner';
}

/** Whether a Secret that exists is only added to. */
export function mergesInto(policy: CreationPolicy): boolean {
  return policy === 'Merge' || policy === 'CreateOrMerge';
}

/**
 * An annotation in which the target says what it has of this ExternalSecret. Several of them may merge into one Secret,
 * so that each of these has one of its own: over a common one they would fight for ever.
 */
function annotationOfOwn(externalSecret: ExternalSecret, annotation: string, isShared: boolean): string {
  if (!isShared) return annotation;
  const { namespace, name } = externalSecret.metadata;
  return `${annotation}.${createdByHash(namespace, name).slice(0, 16)}`;
}

/** The annotation with the hash of what the target was made from. */
function sourceHashAnnotationOf(externalSecret: ExternalSecret): string {
  return annotationOfOwn(externalSecret, SOURCE_HASH_ANNOTATION, mergesInto(creationPolicyOf(externalSecret)));
}

/** The annotation that says of which version it is. Orphans may share a target too, and pods would follow their quarrel. */
export function versionAnnotationOf(externalSecret: ExternalSecret): string {
  return annotationOfOwn(externalSecret, VERSION_ANNOTATION, creationPolicyOf(externalSecret) !== 'Owner');
}

/** What that annotation says on a target. */
export function markOf(externalSecret: ExternalSecret, target: SecretMetadata | undefined): string | undefined {
  return target?.annotations[sourceHashAnnotationOf(externalSecret)];
}

function copiedAnnotations(annotations: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(annotations).filter(([name]) => !NOT_COPIED.includes(name) && !name.startsWith(OWN_ANNOTATIONS)),
  );
}

/** What a template says of the target, besides its data. */
export interface TemplatedParts {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Undefined leaves the type as it is: Opaque for a new Secret. */
  readonly type: string | undefined;
  /** To be added; none is ever removed. */
  readonly finalizers: readonly string[];
}

/** Those of the ExternalSecret are copied only where there is no template, however empty it is (upstream section 6.2). */
function metadataFor(
  { metadata, spec }: ExternalSecret,
  templated: TemplatedParts | undefined,
): Pick<TemplatedParts, 'labels' | 'annotations'> {
  if (templated !== undefined) return templated;
  if (spec.target?.template !== undefined) return { labels: {}, annotations: {} };
  return { labels: metadata.labels ?? {}, annotations: copiedAnnotations(metadata.annotations) };
}

export function targetShape(
  externalSecret: ExternalSecret,
  keys: readonly string[],
  sourceHash: string,
  templated?: TemplatedParts,
): TargetShape {
  const { metadata } = externalSecret;
  const policy = creationPolicyOf(externalSecret);
  const isOwner = policy === 'Owner';
  const { labels, annotations } = metadataFor(externalSecret, templated);
  return {
    namespace: metadata.namespace,
    name: targetNameOf(externalSecret),
    fieldManager: fieldManagerOf(metadata.name),
    labels: {
      ...labels,
      [MANAGED_LABEL]: MANAGED_VALUE,
      ...(isOwner ? { [CREATED_BY_LABEL]: createdByHash(metadata.namespace, metadata.name) } : {}),
    },
    annotations: { ...annotations, [sourceHashAnnotationOf(externalSecret)]: sourceHash },
    controller: isOwner ? controllerOf(externalSecret) : undefined,
    isWhole: !mergesInto(policy),
    type: templated?.type,
    finalizers: templated?.finalizers ?? NO_FINALIZERS,
    // It is a field of Secrets.
    isImmutable: externalSecret.spec.target?.immutable === true && genericTargetOf(externalSecret.spec) === undefined,
    keys,
  };
}

/** The ExternalSecret as the controller of what it makes. */
export function controllerOf({ metadata: { name, uid } }: Pick<ExternalSecret, 'metadata'>): ControllerRef {
  return { apiVersion: EXTERNAL_SECRET.apiVersion, kind: EXTERNAL_SECRET.kind, name, uid };
}

export function isExternalSecret({ kind, apiVersion }: ControllerRef): boolean {
  return kind === EXTERNAL_SECRET.kind && apiVersion.startsWith(`${GROUP}/`);
}

/** Why this ExternalSecret may not write its target, or undefined (upstream section 2.4). */
export function ownershipConflict(
  externalSecret: ExternalSecret,
  { controller }: Pick<SecretMetadata, 'controller'>,
): TargetConflict | undefined {
  if (controller === undefined || creationPolicyOf(externalSecret) === 'None') return undefined;
  const name = quotedTarget(externalSecret);
  if (isExternalSecret(controller)) {
    if (controller.name === externalSecret.metadata.name) return undefined;
    return new TargetConflict(
      `target is owned by another ExternalSecret: ${name} belongs to "${controller.name}"; ` +
        'give one of the two another spec.target.name',
    );
  }
  if (creationPolicyOf(externalSecret) !== 'Owner') return undefined;
  return new TargetConflict(
    `failed to take ownership of target secret: ${name} is controlled by ${controller.kind} "${controller.name}"; ` +
      'choose another spec.target.name, or creationPolicy Merge to add to it',
  );
}

/** The shape without the labels and annotations that were copied from the ExternalSecret. */
export function withOwnMarksOnly(shape: TargetShape): TargetShape {
  const own = Object.entries(shape.annotations).filter(([name]) => name.startsWith(OWN_ANNOTATIONS));
  return { ...shape, labels: { [MANAGED_LABEL]: MANAGED_VALUE }, annotations: Object.fromEntries(own) };
}

/** What a field manager owns of a Secret; undefined when it never wrote it. */
export function ownFields(target: SecretMetadata, fieldManager: string): FieldOwner | undefined {
  return target.fieldOwners.find((owner) => owner.manager === fieldManager);
}

/** Keys that a manager may have set; those of its `stringData` may be gone again. */
function keysSetBy(owner: FieldOwner): readonly string[] {
  return [...owner.dataKeys, ...(owner.stringDataKeys ?? [])];
}

/** Keys that are in the Secret, as far as its metadata tells: none when `managedFields` was stripped. */
export function knownKeys(target: SecretMetadata): readonly string[] {
  return [...new Set(target.fieldOwners.flatMap((owner) => owner.dataKeys))];
}

/** Every key that may be in the Secret: it has no other. */
export function possibleKeys(target: SecretMetadata): readonly string[] {
  return [...new Set(target.fieldOwners.flatMap(keysSetBy))];
}

/** Whether somebody else has changed or added data since we last wrote. Times are whole seconds: equal is suspect. */
function dataWasTouched(target: SecretMetadata, shape: TargetShape, own: FieldOwner): boolean {
  return target.fieldOwners.some(
    (owner) =>
      owner !== own &&
      owner.changedAtMs >= own.changedAtMs &&
      keysSetBy(owner).some((key) => shape.isWhole || shape.keys.includes(key)),
  );
}

function lacks(actual: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).some(([name, value]) => actual[name] !== value);
}

/**
 * Whether a Secret is as it was written, judged from its metadata alone: `managedFields` tell who owns which key.
 * A key that we should have and nobody owns was removed; one that somebody else changed later is not ours any more.
 * The labels of a Secret that we only merge into are everybody's: our own marks must stand there, no more.
 */
export function isIntact(target: SecretMetadata, shape: TargetShape): boolean {
  const { labels, annotations } = shape.isWhole ? shape : withOwnMarksOnly(shape);
  if (lacks(target.labels, labels) || lacks(target.annotations, annotations)) return false;
  if (isRewritten(target, shape)) return false;
  if (target.controller?.uid !== shape.controller?.uid && shape.controller !== undefined) return false;
  if (shape.isImmutable && !target.fieldOwners.some(({ immutable }) => immutable === true)) return false;
  return hasIntactData(target, shape);
}

/**
 * Whether External Secrets Operator has written a target after us: on a whole Secret whose data we wrote we leave none of
 * its hashes. It may have left our annotation there, though it removes what its own field manager has set.
 */
export function isRewritten(target: SecretMetadata, { annotations }: TargetShape): boolean {
  const mark = annotations[SOURCE_HASH_ANNOTATION];
  return mark !== undefined && !isAdopted(mark) && target.annotations[DATA_HASH_ANNOTATION] !== undefined;
}

/** The part of {@link isIntact} that is about the data. */
export function hasIntactData(target: SecretMetadata, shape: TargetShape): boolean {
  const own = ownFields(target, shape.fieldManager);
  if (own === undefined || target.deleting) return false;
  const present = knownKeys(target);
  if (shape.keys.some((key) => !present.includes(key))) return false;
  if (shape.isWhole && possibleKeys(target).length !== shape.keys.length) return false;
  return !dataWasTouched(target, shape, own);
}

export function newSecret(shape: TargetShape, data: SecretData): NewSecret {
  const { namespace, name, type = 'Opaque', labels, annotations, controller, isImmutable, finalizers } = shape;
  const added = finalizers.length === 0 ? {} : { finalizers };
  return { namespace, name, type, labels, annotations, controller, data, immutable: isImmutable, ...added };
}

/** A merge patch replaces the whole list: those of others stand in it too. */
function withFinalizers({ finalizers: present = [] }: SecretMetadata, { finalizers }: TargetShape) {
  const missing = finalizers.filter((name) => !present.includes(name));
  return missing.length === 0 ? {} : { finalizers: [...present, ...missing] };
}

/** Names that we own on the Secret and no longer want, marked for removal. */
function withRemovals(
  wanted: Readonly<Record<string, string>>,
  owned: readonly string[],
): Record<string, string | null> {
  const removals = owned.filter((name) => !Object.hasOwn(wanted, name)).map((name) => [name, null] as const);
  return { ...Object.fromEntries(removals), ...wanted };
}

/**
 * The change that makes `target` what `shape` and `data` say. It names every key that must go, so it needs no look at
 * the Secret's data; `presentKeys` are all keys that are in it now.
 */
export function targetPatch(
  target: SecretMetadata,
  shape: TargetShape,
  data: SecretData,
  presentKeys: readonly string[],
): SecretPatch {
  const own = ownFields(target, shape.fieldManager);
  const isOurs = (key: string) => shape.isWhole || (own?.dataKeys.includes(key) ?? false);
  const staleLabels = [...(own?.labels ?? []), ...(shape.controller === undefined ? [CREATED_BY_LABEL] : [])];
  const staleAnnotations = [...(own?.annotations ?? []), DATA_HASH_ANNOTATION];
  return {
    ...(shape.type === undefined ? {} : { type: shape.type }),
    ...withFinalizers(target, shape),
    labels: withRemovals(
      shape.labels,
      staleLabels.filter((name) => target.labels[name] !== undefined),
    ),
    annotations: withRemovals(
      shape.annotations,
      staleAnnotations.filter((name) => target.annotations[name] !== undefined),
    ),
    controller:
      shape.controller ?? (target.controller !== undefined && isExternalSecret(target.controller) ? null : undefined),
    data,
    removedDataKeys: presentKeys.filter((key) => !data.has(key) && isOurs(key)),
    immutable: shape.isImmutable,
  };
}
