/** The part of `metadata` that Keyturn reads. */

import * as Type from 'typebox';
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
});

export const namespacedObjectMetaSchema = Type.Object({
  ...objectMetaSchema.properties,
  namespace: Type.String({ minLength: 1 }),
});

export type ObjectMeta = Immutable<Type.Static<typeof objectMetaSchema>>;

/** `metadata` of an object that lives in a namespace. */
export type NamespacedObjectMeta = Immutable<Type.Static<typeof namespacedObjectMetaSchema>>;

/** Without what nobody here reads: `managedFields` above all, which is often most of an object. */
export function trimObjectMeta(metadata: ObjectMeta): ObjectMeta {
  const { name, namespace, uid, resourceVersion, generation, labels, annotations, finalizers } = metadata;
  const { deletionTimestamp, creationTimestamp } = metadata;
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
  };
}
