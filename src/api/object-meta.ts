/** The part of `metadata` that Keyturn reads. */

import * as Type from 'typebox';
import type { AppliedMetadata } from './applied-metadata.ts';
import { type ControllerOwner, controllerOf } from './controller-owner.ts';
import type { Immutable } from './immutable.ts';
import { stringMap, text, texts } from './kubernetes-patterns.ts';

export const objectMetaSchema = Type.Object({
  name: Type.String({ minLength: 1 }),
  namespace: Type.Optional(Type.String({ minLength: 1 })),
  uid: Type.String({ minLength: 1 }),
  resourceVersion: Type.String({ minLength: 1 }),
  generation: Type.Optional(Type.Integer()),
  labels: Type.Optional(stringMap('')),
  annotations: Type.Optional(stringMap('')),
  finalizers: Type.Optional(texts('')),
  deletionTimestamp: Type.Optional(text('')),
  creationTimestamp: Type.Optional(text('')),
  /** Looked into by {@link controllerOf}: a reference of another form makes no object unreadable. */
  ownerReferences: Type.Optional(Type.Unknown()),
});

export const namespacedObjectMetaSchema = Type.Object({
  ...objectMetaSchema.properties,
  namespace: Type.String({ minLength: 1 }),
});

type WholeObjectMeta = Immutable<Type.Static<typeof objectMetaSchema>>;

export interface ObjectMeta extends Omit<WholeObjectMeta, 'ownerReferences'> {
  readonly controller?: ControllerOwner;
}

/** `metadata` of an object that lives in a namespace. */
export interface NamespacedObjectMeta extends ObjectMeta {
  readonly namespace: string;
  /** What Keyturn applied for a ClusterExternalSecret; only where one is the controller. */
  readonly applied?: AppliedMetadata;
}

/** Without what nobody here reads: `managedFields` above all, which is often most of an object. */
export function trimObjectMeta(metadata: WholeObjectMeta): ObjectMeta {
  const { name, namespace, uid, resourceVersion, generation, labels, annotations, finalizers } = metadata;
  const { deletionTimestamp, creationTimestamp } = metadata;
  const controller = controllerOf(metadata.ownerReferences);
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    uid,
    resourceVersion,
    ...(generation === undefined ? {} : { generation }),
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(finalizers === undefined ? {} : { finalizers }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    ...(controller === undefined ? {} : { controller }),
  };
}
