/** Which secrets vanished while a target had them, by identity, and whose deletions wait because of that. */

import type { SourceName } from '../domain/references.ts';

interface Vanished {
  readonly sinceMs: number;
  /** ExternalSecrets that refer to it. */
  readonly users: Set<string>;
  /** Those of them whose target still has it. */
  readonly open: Set<string>;
}

interface Held {
  /** Those that its values are read with. */
  readonly identityKeys: readonly string[];
  readonly hold: string;
}

function isAmong(sources: readonly SourceName[], { identityKey, refId }: SourceName): boolean {
  return sources.some((other) => other.refId === refId && other.identityKey === identityKey);
}

/** What was taken from its targets is remembered no longer than the longest window that is counted. */
const LONGEST_KEPT_MS = 24 * 3_600_000;

export class Vanishings {
  readonly #byIdentity = new Map<string, Map<string, Vanished>>();
  readonly #byUser = new Map<string, readonly SourceName[]>();
  /** The hold of each user that waits. */
  readonly #holds = new Map<string, Held>();

  /** How many ExternalSecrets wait. */
  get held(): number {
    return this.#holds.size;
  }

  /**
   * Takes in which of a user's sources are gone.
   * @param fresh those of them that its target still has
   */
  note(user: string, gone: readonly SourceName[], fresh: readonly SourceName[], nowMs: number): void {
    const earlier = this.#byUser.get(user) ?? [];
    const kept = earlier.filter((source) => isAmong(gone, source));
    this.#drop(
      user,
      earlier.filter((source) => !kept.includes(source)),
    );
    this.#byUser.set(user, [...kept, ...fresh.filter((source) => !isAmong(kept, source))]);
    for (const { identityKey, refId } of fresh) {
      const vanished = this.#ofIdentity(identityKey, nowMs);
      const one = vanished.get(refId) ?? { sinceMs: nowMs, users: new Set(), open: new Set() };
      vanished.set(refId, one);
      one.users.add(user);
      one.open.add(user);
    }
  }

  /** What has vanished was taken from the user's target: it counts as long as it is news. */
  carriedOut(user: string): void {
    this.#holds.delete(user);
    for (const { identityKey, refId } of this.#byUser.get(user) ?? []) {
      this.#byIdentity.get(identityKey)?.get(refId)?.open.delete(user);
    }
  }

  forget(user: string): void {
    this.#holds.delete(user);
    this.#drop(user, this.#byUser.get(user) ?? []);
    this.#byUser.delete(user);
  }

  hold(user: string, held: Held): void {
    this.#holds.set(user, held);
  }

  holdOf(user: string): string | undefined {
    return this.#holds.get(user)?.hold;
  }

  /** The hold that others of the identity wait under. */
  holdOfIdentity(identityKey: string): string | undefined {
    return this.#holds.values().find(({ identityKeys }) => identityKeys.includes(identityKey))?.hold;
  }

  /** Ids of the refs that vanished since then, or still wait. */
  vanished(identityKey: string, sinceMs: number): readonly string[] {
    const all = this.#byIdentity.get(identityKey) ?? new Map<string, Vanished>();
    return [...all].filter(([, one]) => one.open.size > 0 || one.sinceMs >= sinceMs).map(([id]) => id);
  }

  #ofIdentity(identityKey: string, nowMs: number): Map<string, Vanished> {
    const vanished = this.#byIdentity.get(identityKey) ?? new Map<string, Vanished>();
    this.#byIdentity.set(identityKey, vanished);
    for (const [id, { open, sinceMs }] of vanished) {
      // Notes come in the order of time.
      if (sinceMs >= nowMs - LONGEST_KEPT_MS) break;
      if (open.size === 0) vanished.delete(id);
    }
    return vanished;
  }

  #drop(user: string, sources: readonly SourceName[]): void {
    for (const { identityKey, refId } of sources) {
      const vanished = this.#byIdentity.get(identityKey);
      const one = vanished?.get(refId);
      one?.users.delete(user);
      one?.open.delete(user);
      if (one?.users.size === 0) vanished?.delete(refId);
      if (vanished?.size === 0) this.#byIdentity.delete(identityKey);
    }
  }
}
