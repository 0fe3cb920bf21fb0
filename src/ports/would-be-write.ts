/** What would have been written to a Secret, in place of the write. */

import type { NewSecret, SecretMetadata, SecretPatch } from './cluster.ts';
import type { SecretData } from './secret-value.ts';

/** A Secret as it is, values and all: to be compared, and then forgotten. */
export interface PresentSecret {
  readonly metadata: SecretMetadata;
  readonly data: SecretData;
  readonly isImmutable: boolean;
}

export type WouldBeWrite =
  | { readonly kind: 'create'; readonly secret: NewSecret }
  | { readonly kind: 'patch'; readonly present: PresentSecret; readonly patch: SecretPatch }
  | { readonly kind: 'delete'; readonly target: SecretMetadata };
