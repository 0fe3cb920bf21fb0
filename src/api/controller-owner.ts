/** The one owner of an object that controls it. */

import * as Type from 'typebox';
import type { Immutable } from './immutable.ts';
import { text } from './kubernetes-patterns.ts';
import { schemaChecker } from './schema-checker.ts';

const ownerSchema = Type.Object({ apiVersion: text(''), kind: text(''), name: text(''), uid: text('') });
const checker = schemaChecker(Type.Object({ ...ownerSchema.properties, controller: Type.Literal(true) }));

export type ControllerOwner = Immutable<Type.Static<typeof ownerSchema>>;

/** @param ownerReferences as it came; what is not of the expected form is passed over */
export function controllerOf(ownerReferences: unknown): ControllerOwner | undefined {
  if (!Array.isArray(ownerReferences)) return undefined;
  const owner: unknown = ownerReferences.find((each) => checker.matches(each));
  if (!checker.matches(owner)) return undefined;
  const { apiVersion, kind, name, uid } = owner;
  return { apiVersion, kind, name, uid };
}
