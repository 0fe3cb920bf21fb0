/** The watched secrets by the names that they can have, and the watched queries by what they would find. */

import { type FindMatcher, findMatcher, listingId } from '../ports/find-query.ts';
import { possibleNames } from '../ports/secret-arn.ts';
import type { WatchedRef } from '../ports/secret-source.ts';

export interface Watched {
  readonly identityKey: string;
  readonly ref: WatchedRef;
}

export class EntryNames<E extends Watched> {
  /** By each name that the key of an entry can mean. An entry or two share a name, so that a list is enough. */
  readonly #byName = new Map<string, readonly E[]>();
  /** By identity and listing. */
  readonly #byListing = new Map<string, readonly E[]>();
  readonly #matchers = new Map<E, FindMatcher>();

  /** @throws InvalidSpec for a query whose expression is none */
  add(entry: E): void {
    const { ref } = entry;
    if ('query' in ref) {
      this.#matchers.set(entry, findMatcher(ref.query));
      put(this.#byListing, listingKey(entry), entry);
    } else for (const name of possibleNames(ref.key)) put(this.#byName, name, entry);
  }

  remove(entry: E): void {
    const { ref } = entry;
    if ('query' in ref) {
      this.#matchers.delete(entry);
      take(this.#byListing, listingKey(entry), entry);
    } else for (const name of possibleNames(ref.key)) take(this.#byName, name, entry);
  }

  /** Those that a secret of one of these names is, and the queries whose path and expression it matches. */
  named(names: readonly string[]): ReadonlySet<E> {
    const found = new Set(names.flatMap((name) => [...(this.#byName.get(name) ?? [])]));
    for (const [entry, matcher] of this.#matchers) {
      if (names.some((name) => matcher.matchesName(name))) found.add(entry);
    }
    return found;
  }

  /** Those of its identity that have the same key, or that the same listing serves; itself included. */
  companions(entry: E): readonly E[] {
    const { ref, identityKey } = entry;
    if ('query' in ref) return this.#byListing.get(listingKey(entry)) ?? [];
    const [name = ref.key] = possibleNames(ref.key);
    return (this.#byName.get(name) ?? []).filter(
      (other) => other.identityKey === identityKey && !('query' in other.ref) && other.ref.key === ref.key,
    );
  }
}

function listingKey({ identityKey, ref }: Watched): string {
  return JSON.stringify([identityKey, 'query' in ref ? listingId(ref.query) : '']);
}

function put<E>(lists: Map<string, readonly E[]>, key: string, entry: E): void {
  lists.set(key, [...(lists.get(key) ?? []), entry]);
}

function take<E>(lists: Map<string, readonly E[]>, key: string, entry: E): void {
  const others = (lists.get(key) ?? []).filter((other) => other !== entry);
  if (others.length === 0) lists.delete(key);
  else lists.set(key, others);
}
