/** What became of each store: its standing for the ExternalSecrets of a namespace, and the source behind it. */

import type { Labels } from '../domain/label-selector.ts';
import { deniedMessage, type NamespaceRule } from '../domain/store-conditions.ts';
import { parseStoreKey, type StoreKey, type StoreStanding, storeItself } from '../domain/store-standing.ts';
import type { SecretSource } from '../ports/secret-source.ts';

export interface Registered {
  readonly standing: StoreStanding;
  readonly source?: SecretSource | undefined;
  /** Of which state of the store it was judged: what was judged of another one counts no more. */
  readonly revision: string;
  /** Which namespaces may use a ClusterSecretStore. */
  readonly rule?: NamespaceRule | undefined;
  /** True of a ClusterSecretStore that is another identity for each namespace: its uses are judged one by one. */
  readonly isByNamespace?: boolean;
}

export interface StoreRegistryOptions {
  /** What to say of a store that the cluster does not have; undefined when it has it, judged or not. */
  readonly absence: (key: StoreKey) => StoreStanding | undefined;
  /** Of a namespace; undefined while they are not known. */
  readonly labelsOf: (namespace: string) => Labels | undefined;
}

const PENDING: StoreStanding = { kind: 'pending' };
const UNDECIDED: StoreStanding = { kind: 'undecided' };

export class StoreRegistry {
  readonly #stores = new Map<StoreKey, Registered>();
  readonly #options: StoreRegistryOptions;
  /** Made when it is asked for, and dropped with each change. */
  #identities: ReadonlyMap<string, SecretSource> | undefined;
  #onChange: (key: StoreKey) => void = () => {};
  #onWanted: (key: StoreKey) => void = () => {};

  constructor(options: StoreRegistryOptions) {
    this.#options = options;
  }

  /** Called when a store's standing has changed in any way that concerns its users. */
  set onChange(listener: (key: StoreKey) => void) {
    this.#onChange = listener;
  }

  /** Called when somebody asks for a use of a store that is not judged: it is to be judged. */
  set onWanted(listener: (key: StoreKey) => void) {
    this.#onWanted = listener;
  }

  standing(key: StoreKey): StoreStanding {
    return this.#options.absence(key) ?? this.#permitted(key) ?? this.#registered(key)?.standing ?? PENDING;
  }

  source(key: StoreKey): SecretSource | undefined {
    return this.#permitted(key) === undefined ? this.#registered(key)?.source : undefined;
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

  /** The uses of a ClusterSecretStore that were judged one by one. */
  usesOf(itself: StoreKey): readonly StoreKey[] {
    return [...this.#stores.keys()].filter((key) => key !== itself && storeItself(key) === itself);
  }

  set(key: StoreKey, registered: Registered): void {
    const before = this.#stores.get(key);
    this.#stores.set(key, registered);
    this.#identities = undefined;
    if (fingerprint(before) !== fingerprint(registered)) this.#onChange(key);
  }

  remove(key: StoreKey): void {
    this.#stores.delete(key);
    this.#identities = undefined;
    this.#onChange(key);
  }

  /** What was judged of the store for whom the key names. */
  #registered(key: StoreKey): Registered | undefined {
    const itself = this.#stores.get(storeItself(key));
    if (itself?.isByNamespace !== true || parseStoreKey(key).namespace === undefined) return itself;
    const own = this.#stores.get(key);
    if (own?.revision === itself.revision) return own;
    this.#onWanted(key);
    return undefined;
  }

  /** Why the namespace may not use the store, or undefined. */
  #permitted(key: StoreKey): StoreStanding | undefined {
    const { kind, viewKey, namespace } = parseStoreKey(key);
    const rule = kind === 'ClusterSecretStore' ? this.#stores.get(storeItself(key))?.rule : undefined;
    if (rule === undefined || namespace === undefined) return undefined;
    switch (rule.admit({ name: namespace, labels: this.#options.labelsOf(namespace) })) {
      case 'allowed':
        return undefined;
      case 'unknown':
        return UNDECIDED;
      case 'denied':
        return { kind: 'denied', message: deniedMessage(viewKey, namespace) };
    }
  }
}

function fingerprint(registered: Registered | undefined): string {
  const { standing, rule, isByNamespace, revision } = registered ?? {};
  return JSON.stringify([standing, rule?.text, isByNamespace, isByNamespace === true ? revision : '']);
}
