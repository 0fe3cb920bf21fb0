/** What became of each store: its standing for the ExternalSecrets, and the source behind it. */

import type { StoreKey, StoreStanding } from '../domain/store-standing.ts';
import type { SecretSource } from '../ports/secret-source.ts';

interface Registered {
  readonly standing: StoreStanding;
  readonly source: SecretSource | undefined;
}

export class StoreRegistry {
  readonly #stores = new Map<StoreKey, Registered>();
  readonly #absence: (key: StoreKey) => StoreStanding | undefined;
  #onChange: (key: StoreKey) => void = () => {};

  /** @param absence what to say of a store that the cluster does not have; undefined when it has it, judged or not */
  constructor(absence: (key: StoreKey) => StoreStanding | undefined) {
    this.#absence = absence;
  }

  /** Called when a store's standing has changed in any way that concerns its users. */
  set onChange(listener: (key: StoreKey) => void) {
    this.#onChange = listener;
  }

  standing(key: StoreKey): StoreStanding {
    return this.#absence(key) ?? this.#stores.get(key)?.standing ?? { kind: 'pending' };
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
