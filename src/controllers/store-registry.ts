/** What became of each store: its standing for the ExternalSecrets, and the source behind it. */

import type { StoreKey, StoreStanding } from '../domain/store-standing.ts';
import type { SecretSource } from '../ports/secret-source.ts';

interface Registered {
  readonly standing: StoreStanding;
  readonly source: SecretSource | undefined;
}

export class StoreRegistry {
  readonly #stores = new Map<StoreKey, Registered>();
  readonly #exists: (key: StoreKey) => boolean;
  #onChange: (key: StoreKey) => void = () => {};

  /** @param exists whether the cluster has a store of that key, judged or not */
  constructor(exists: (key: StoreKey) => boolean) {
    this.#exists = exists;
  }

  /** Called when a store's standing has changed in any way that concerns its users. */
  set onChange(listener: (key: StoreKey) => void) {
    this.#onChange = listener;
  }

  standing(key: StoreKey): StoreStanding {
    if (!this.#exists(key)) return { kind: 'missing' };
    return this.#stores.get(key)?.standing ?? { kind: 'pending' };
  }

  source(key: StoreKey): SecretSource | undefined {
    return this.#stores.get(key)?.source;
  }

  /** The source behind an identity, whichever store brought it. */
  sourceOfIdentity(identityKey: string): SecretSource | undefined {
    for (const { standing, source } of this.#stores.values()) {
      if (standing.kind === 'ready' && standing.identityKey === identityKey) return source;
    }
    return undefined;
  }

  identityKeys(): ReadonlySet<string> {
    const keys = new Set<string>();
    for (const { standing } of this.#stores.values()) if (standing.kind === 'ready') keys.add(standing.identityKey);
    return keys;
  }

  set(key: StoreKey, standing: StoreStanding, source: SecretSource | undefined): void {
    const before = this.#stores.get(key);
    this.#stores.set(key, { standing, source });
    if (JSON.stringify(before?.standing) !== JSON.stringify(standing)) this.#onChange(key);
  }

  remove(key: StoreKey): void {
    this.#stores.delete(key);
    this.#onChange(key);
  }
}
