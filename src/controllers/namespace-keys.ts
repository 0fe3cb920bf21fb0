/** The keys of a view by their namespaces, for whoever looks at a namespace as a whole. */

import type { ObjectKey, View } from '../ports/cluster.ts';

export function namespaceOf(key: ObjectKey): string {
  return key.slice(0, key.indexOf('/'));
}

export class NamespaceKeys<T> {
  readonly #keys = new Map<string, Set<ObjectKey>>();

  /** @param isMeant which of the objects count; to be built before the view runs */
  constructor(view: View<T>, isMeant: (object: T) => boolean = () => true) {
    view.onChange(({ key, after }) => {
      if (after !== undefined && isMeant(after)) this.#add(key);
      else this.#remove(key);
    });
  }

  namespaces(): Iterable<string> {
    return this.#keys.keys();
  }

  keys(): readonly ObjectKey[] {
    return [...this.#keys.values()].flatMap((keys) => [...keys]);
  }

  has(namespace: string): boolean {
    return this.#keys.has(namespace);
  }

  /** In their order. */
  of(namespace: string): readonly ObjectKey[] {
    return [...(this.#keys.get(namespace) ?? [])].sort();
  }

  #add(key: ObjectKey): void {
    const namespace = namespaceOf(key);
    const keys = this.#keys.get(namespace) ?? new Set();
    this.#keys.set(namespace, keys.add(key));
  }

  #remove(key: ObjectKey): void {
    const namespace = namespaceOf(key);
    const keys = this.#keys.get(namespace);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(namespace);
  }
}
