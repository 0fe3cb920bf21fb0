/** Narrows a raw `PartialObjectMetadata` of a Secret to what the operator may know of it. */

import type { ControllerRef, FieldOwner, ObjectMetadata, OwnerRef, SecretMetadata } from '../ports/cluster.ts';
import { type ManagedFields, namesUnder, ownersIn } from './managed-fields.ts';
import { asList, asText, asTextMap, at } from './narrow.ts';

/** Annotations in which other tools keep the object as it was applied, values included: they are never kept. */
const COPIES_OF_THE_OBJECT: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'kapp.k14s.io/original',
  'banzaicloud.com/last-applied',
  'objectset.rio.cattle.io/applied',
]);

/** undefined for what lacks a name, a namespace, a uid or a version. */
export function readSecretMetadata(raw: unknown): SecretMetadata | undefined {
  const metadata = readObjectMetadata(raw);
  return metadata && { ...metadata, fieldOwners: readFieldOwners(at(raw, 'metadata', 'managedFields')) };
}

/** What objects of all kinds have; undefined for what lacks a name, a namespace, a uid or a version. */
export function readObjectMetadata(raw: unknown): ObjectMetadata | undefined {
  const metadata = at(raw, 'metadata');
  const identity = {
    namespace: asText(at(metadata, 'namespace')),
    name: asText(at(metadata, 'name')),
    uid: asText(at(metadata, 'uid')),
    resourceVersion: asText(at(metadata, 'resourceVersion')),
  };
  if (Object.values(identity).includes('')) {
    return undefined;
  }
  const owners = asList(at(metadata, 'ownerReferences')).map(readOwner);
  const others = owners.filter((owner) => !owner.isController).map((owner) => owner.ref);
  const finalizers = asList(at(metadata, 'finalizers')).map(asText);
  return {
    ...identity,
    deleting: at(metadata, 'deletionTimestamp') !== undefined,
    labels: asTextMap(at(metadata, 'labels')),
    annotations: withoutCopies(asTextMap(at(metadata, 'annotations'))),
    controller: toController(owners.find((owner) => owner.isController)?.ref),
    ...(others.length === 0 ? {} : { otherOwners: others }),
    ...(finalizers.length === 0 ? {} : { finalizers }),
  };
}

export function readFieldOwners(managedFields: unknown): readonly FieldOwner[] {
  return ownersIn(managedFields, readFieldOwner, together);
}

function readFieldOwner({ manager, changedAtMs, fields }: ManagedFields): FieldOwner {
  return {
    manager,
    changedAtMs,
    dataKeys: namesUnder(at(fields, 'f:data')),
    ...stringDataKeys(namesUnder(at(fields, 'f:stringData'))),
    labels: namesUnder(at(fields, 'f:metadata', 'f:labels')),
    annotations: namesUnder(at(fields, 'f:metadata', 'f:annotations')),
    ...(at(fields, 'f:immutable') === undefined ? {} : { immutable: true }),
  };
}

function together(a: FieldOwner, b: FieldOwner): FieldOwner {
  return {
    manager: b.manager,
    changedAtMs: Math.max(a.changedAtMs, b.changedAtMs),
    dataKeys: [...new Set([...a.dataKeys, ...b.dataKeys])],
    ...stringDataKeys([...new Set([...(a.stringDataKeys ?? []), ...(b.stringDataKeys ?? [])])]),
    labels: [...new Set([...a.labels, ...b.labels])],
    annotations: [...new Set([...a.annotations, ...b.annotations])],
    ...((a.immutable ?? b.immutable) ? { immutable: true } : {}),
  };
}

function stringDataKeys(keys: readonly string[]): Pick<FieldOwner, 'stringDataKeys'> {
  return keys.length === 0 ? {} : { stringDataKeys: keys };
}

function readOwner(raw: unknown): { readonly isController: boolean; readonly ref: OwnerRef } {
  return {
    isController: at(raw, 'controller') === true,
    ref: {
      apiVersion: asText(at(raw, 'apiVersion')),
      kind: asText(at(raw, 'kind')),
      name: asText(at(raw, 'name')),
      uid: asText(at(raw, 'uid')),
      blockOwnerDeletion: at(raw, 'blockOwnerDeletion') === true,
    },
  };
}

function toController(owner: OwnerRef | undefined): ControllerRef | undefined {
  if (owner === undefined) {
    return undefined;
  }
  const { apiVersion, kind, name, uid } = owner;
  return { apiVersion, kind, name, uid };
}

function withoutCopies(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(annotations).filter(([name]) => !COPIES_OF_THE_OBJECT.has(name)));
}
