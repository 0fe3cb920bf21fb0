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
  /** Made when it is asked for, and dropped with each change. */
  #identities: ReadonlyMap<string, SecretSource> | undefined;
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

  /** The sources of the identities in use; an identity has one, whichever of its stores brought it. */
  get identities(): ReadonlyMap<string, SecretSource> {
    this.#identities ??= new Map(
      this.#stores
        .values()
        .flatMap(({ standing, source }) =>
          standing.kind === 'ready' && source !== undefined ? [[standing.identityKey, source] as const] : [],
        ),
    );
    return this.#identities;
  }

  set(key: StoreKey, standing: StoreStanding, source: SecretSource | undefined): void {
    const before = this.#stores.get(key);
    this.#stores.set(key, { standing, source });
    this.#identities = undefined;
    if (JSON.stringify(before?.standing) !== JSON.stringify(standing)) this.#onChange(key);
  }

  remove(key: StoreKey): void {
    this.#stores.delete(key);
    this.#identities = undefined;
    this.#onChange(key);
  }
}
