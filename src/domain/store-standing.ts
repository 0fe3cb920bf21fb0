/** What an ExternalSecret may know of the store that it refers to. */

import type { StoreRef } from '../api/source-ref.ts';

/** `SecretStore/namespace/name` or `ClusterSecretStore/name`. */
export type StoreKey = string;

export type StoreKind = 'SecretStore' | 'ClusterSecretStore';

export function storeKeyOf(kind: StoreKind, namespace: string, name: string): StoreKey {
  return kind === 'ClusterSecretStore' ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}

/** A namespaced store is always looked for in the namespace of the object that refers to it. */
export function referredStore(ref: StoreRef, namespace: string): StoreKey {
  return storeKeyOf(ref.kind ?? 'SecretStore', namespace, ref.name ?? '');
}

export type StoreStanding =
  /** Not judged yet: it will be in a moment, and whoever waits for it is told. */
  | { readonly kind: 'pending' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'notReady'; readonly message: string }
  /** It is another controller's, by `spec.controller`. */
  | { readonly kind: 'otherClass'; readonly controllerClass: string }
  | { readonly kind: 'ready'; readonly identityKey: string; readonly keyPrefix: string };
