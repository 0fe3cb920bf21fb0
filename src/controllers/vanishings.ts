/** Which secrets vanished while a target had them, by identity, and whose deletions wait because of that. */

interface Vanished {
  readonly sinceMs: number;
  /** ExternalSecrets that refer to it. */
  readonly users: Set<string>;
  /** Those of them whose target still has it. */
  readonly open: Set<string>;
}

interface UserNote {
  readonly identityKey: string;
  readonly refIds: readonly string[];
}

/** What was taken from its targets is remembered no longer than the longest window that is counted. */
const LONGEST_KEPT_MS = 24 * 3_600_000;

export class Vanishings {
  readonly #byIdentity = new Map<string, Map<string, Vanished>>();
  readonly #byUser = new Map<string, UserNote>();
  /** The hold of each user that waits. */
  readonly #holds = new Map<string, { readonly identityKey: string; readonly hold: string }>();

  /** How many ExternalSecrets wait. */
  get held(): number {
    return this.#holds.size;
  }

  /**
   * Takes in which of a user's sources are gone.
   * @param fresh those of them that its target still has
   */
  note(user: string, identityKey: string, gone: ReadonlySet<string>, fresh: readonly string[], nowMs: number): void {
    const before = this.#byUser.get(user);
    const earlier = before?.refIds ?? [];
    const kept = before?.identityKey === identityKey ? earlier.filter((id) => gone.has(id)) : [];
    const dropped = earlier.filter((id) => !kept.includes(id));
    if (before !== undefined) this.#drop(user, before.identityKey, dropped);
    this.#byUser.set(user, { identityKey, refIds: [...new Set([...kept, ...fresh])] });
    const vanished = this.#ofIdentity(identityKey, nowMs);
    for (const id of fresh) {
      const one = vanished.get(id) ?? { sinceMs: nowMs, users: new Set(), open: new Set() };
      vanished.set(id, one);
      one.users.add(user);
      one.open.add(user);
    }
  }

  /** What has vanished was taken from the user's target: it counts as long as it is news. */
  carriedOut(user: string): void {
    this.#holds.delete(user);
    const { identityKey, refIds } = this.#byUser.get(user) ?? { identityKey: '', refIds: [] };
    for (const id of refIds) this.#byIdentity.get(identityKey)?.get(id)?.open.delete(user);
  }

  forget(user: string): void {
    this.#holds.delete(user);
    const before = this.#byUser.get(user);
    if (before !== undefined) this.#drop(user, before.identityKey, before.refIds);
    this.#byUser.delete(user);
  }

  hold(user: string, identityKey: string, hold: string): void {
    this.#holds.set(user, { identityKey, hold });
  }

  holdOf(user: string): string | undefined {
    return this.#holds.get(user)?.hold;
  }

  /** The hold that others of the identity wait under. */
  holdOfIdentity(identityKey: string): string | undefined {
    return this.#holds.values().find((one) => one.identityKey === identityKey)?.hold;
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

  #drop(user: string, identityKey: string, refIds: readonly string[]): void {
    const vanished = this.#byIdentity.get(identityKey);
    for (const id of refIds) {
      const one = vanished?.get(id);
      one?.users.delete(user);
      one?.open.delete(user);
      if (one?.users.size === 0) vanished?.delete(id);
    }
    if (vanished?.size === 0) this.#byIdentity.delete(identityKey);
  }
}
