/** What an ExternalSecret may know of the store that it refers to. */

import type { StoreRef } from '../api/source-ref.ts';

/**
 * `SecretStore/namespace/name`; `ClusterSecretStore/name` for the store itself, and `ClusterSecretStore/name@namespace`
 * for what it is to the ExternalSecrets of a namespace. Names have no `@`.
 */
export type StoreKey = string;

export type StoreKind = 'SecretStore' | 'ClusterSecretStore';

/** @param namespace of a SecretStore its own; empty for a ClusterSecretStore itself */
export function storeKeyOf(kind: StoreKind, namespace: string, name: string): StoreKey {
  if (kind === 'SecretStore') return `${kind}/${namespace}/${name}`;
  return namespace === '' ? `${kind}/${name}` : `${kind}/${name}@${namespace}`;
}

/** A namespaced store is always looked for in the namespace of the object that refers to it. */
export function referredStore(ref: StoreRef, namespace: string): StoreKey {
  return storeKeyOf(ref.kind ?? 'SecretStore', namespace, ref.name ?? '');
}

export interface StoreUse {
  readonly kind: StoreKind;
  /** `namespace/name`, or the name of a ClusterSecretStore: its key in the view of its kind. */
  readonly viewKey: string;
  /** Whose ExternalSecrets use it; undefined for a ClusterSecretStore itself. */
  readonly namespace: string | undefined;
}

export function parseStoreKey(key: StoreKey): StoreUse {
  const slash = key.indexOf('/');
  const rest = key.slice(slash + 1);
  if (key.slice(0, slash) === 'SecretStore') {
    return { kind: 'SecretStore', viewKey: rest, namespace: rest.slice(0, rest.indexOf('/')) };
  }
  const [name = '', namespace] = rest.split('@');
  return { kind: 'ClusterSecretStore', viewKey: name, namespace };
}

/** The store itself, whoever uses it. */
export function storeItself(key: StoreKey): StoreKey {
  const { kind, viewKey } = parseStoreKey(key);
  return kind === 'SecretStore' ? key : storeKeyOf(kind, '', viewKey);
}

export type StoreStanding =
  /** Not judged yet: it will be in a moment, and whoever waits for it is told. */
  | { readonly kind: 'pending' }
  /** The labels of the namespace decide whether it may use the store, and nobody has told them yet. */
  | { readonly kind: 'undecided' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'notReady'; readonly message: string }
  /** The store does not let this namespace use it. */
  | { readonly kind: 'denied'; readonly message: string }
  /** It is another controller's, by `spec.controller`. */
  | { readonly kind: 'otherClass'; readonly controllerClass: string }
  | { readonly kind: 'ready'; readonly identityKey: string; readonly keyPrefix: string };
