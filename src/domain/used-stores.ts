/** The stores that an ExternalSecret reads from: one for all, and others that single entries name (`sourceRef.storeRef`). */

import type { ExternalSecret, ExternalSecretSpec } from '../api/external-secret.ts';
import type { StoreRef } from '../api/source-ref.ts';
import { referredStore, type StoreKey } from './store-standing.ts';

export interface UsedStore {
  readonly storeKey: StoreKey;
  readonly ref: StoreRef;
  /** Where the manifest names it, for messages. */
  readonly field: string;
}

interface Named {
  readonly ref: StoreRef | undefined;
  readonly field: string;
}

export const DEFAULT_STORE = 'spec.secretStoreRef';

/** The store of one entry: its own, or that of the whole object. */
export function storeOfEntry(
  spec: ExternalSecretSpec,
  sourceRef: { readonly storeRef?: StoreRef } | undefined,
  path: string,
): Named {
  if (sourceRef?.storeRef === undefined) return { ref: spec.secretStoreRef, field: DEFAULT_STORE };
  return { ref: sourceRef.storeRef, field: `${path}.sourceRef.storeRef` };
}

function namedStores(spec: ExternalSecretSpec): readonly Named[] {
  const { dataFrom = [], data = [] } = spec;
  return [
    ...dataFrom.map(({ sourceRef }, index) => storeOfEntry(spec, sourceRef, `spec.dataFrom[${index}]`)),
    ...data.map(({ sourceRef }, index) => storeOfEntry(spec, sourceRef, `spec.data[${index}]`)),
  ];
}

/** Where an entry has no store to read from, as a path that the user finds in the manifest. */
export function fieldWithoutStore(spec: ExternalSecretSpec): string | undefined {
  return namedStores(spec).find(({ ref }) => !ref?.name)?.field;
}

/** The stores that entries read from, each once, in the order of the manifest. */
export function storesReadBy({ metadata, spec }: ExternalSecret): readonly UsedStore[] {
  return distinct(namedStores(spec), metadata.namespace);
}

/** Those, and the store for all although no entry may read from it: it says as well which operator the object is for. */
export function storesNamedBy({ metadata, spec }: ExternalSecret): readonly UsedStore[] {
  return distinct([{ ref: spec.secretStoreRef, field: DEFAULT_STORE }, ...namedStores(spec)], metadata.namespace);
}

function distinct(named: readonly Named[], namespace: string): readonly UsedStore[] {
  const found = new Map<StoreKey, UsedStore>();
  for (const { ref, field } of named) {
    if (ref === undefined) continue;
    const storeKey = referredStore(ref, namespace);
    if (!found.has(storeKey)) found.set(storeKey, { storeKey, ref, field });
  }
  return [...found.values()];
}
