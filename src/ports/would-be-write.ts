/** What would have been written to a Secret, or to another target in the terms of one, in place of the write. */

import type { NewSecret, ObjectName, SecretMetadata, SecretPatch } from './cluster.ts';
import type { GenericObject, GenericPatch, NewGenericObject, SeenObject } from './generic-objects.ts';
import type { SecretData } from './secret-value.ts';

/** A Secret as it is, values and all: to be compared, and then forgotten. */
export interface PresentSecret {
  readonly metadata: SecretMetadata;
  readonly data: SecretData;
  readonly isImmutable: boolean;
}

/** What is no Secret has no type. */
type NewTarget = Omit<NewSecret, 'type'> & Partial<Pick<NewSecret, 'type'>>;

export type WouldBeWrite =
  | { readonly kind: 'create'; readonly secret: NewTarget }
  | { readonly kind: 'patch'; readonly present: PresentSecret; readonly patch: SecretPatch }
  | { readonly kind: 'delete'; readonly target: ObjectName };

/** The same of an object that is no Secret, before it is put in the terms of one. */
export type WouldBeObjectWrite =
  | { readonly kind: 'create'; readonly object: NewGenericObject }
  | { readonly kind: 'patch'; readonly present: GenericObject; readonly patch: GenericPatch }
  | { readonly kind: 'delete'; readonly target: SeenObject };
