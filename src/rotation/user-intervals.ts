/** Who uses a secret, and how old the answer may get for each. Nearly always it is one user, which needs no map. */

const NEVER = Number.POSITIVE_INFINITY;

export class UserIntervals {
  #sole: string | undefined;
  #soleMs = NEVER;
  /** Once there has been a second user. */
  #many: Map<string, number> | undefined;
  /** Of the many; undefined when it has to be found anew. */
  #shortestMs: number | undefined;

  get size(): number {
    return this.#many?.size ?? (this.#sole === undefined ? 0 : 1);
  }

  /** Infinity when nobody wants it to be polled, or nobody uses it. */
  get shortestMs(): number {
    if (this.#many === undefined) return this.#soleMs;
    this.#shortestMs ??= this.#many.values().reduce((a, b) => Math.min(a, b), NEVER);
    return this.#shortestMs;
  }

  /** In the order in which they came. */
  get users(): readonly string[] {
    if (this.#many !== undefined) return [...this.#many.keys()];
    return this.#sole === undefined ? [] : [this.#sole];
  }

  /** The users that want it to be polled. */
  get followers(): readonly string[] {
    if (this.#many === undefined) return this.#soleMs < NEVER ? this.users : [];
    return [...this.#many].flatMap(([user, intervalMs]) => (intervalMs < NEVER ? [user] : []));
  }

  /** Infinity for a user that does not want it to be polled, and for a stranger. */
  get(user: string): number {
    if (this.#many !== undefined) return this.#many.get(user) ?? NEVER;
    return this.#sole === user ? this.#soleMs : NEVER;
  }

  set(user: string, intervalMs: number): void {
    if (this.#many === undefined && this.#sole !== undefined && this.#sole !== user) {
      this.#many = new Map([[this.#sole, this.#soleMs]]);
      this.#sole = undefined;
    }
    if (this.#many !== undefined) {
      const isLonger = intervalMs > (this.#many.get(user) ?? NEVER);
      this.#many.set(user, intervalMs);
      this.#shortestMs =
        isLonger || this.#shortestMs === undefined ? undefined : Math.min(this.#shortestMs, intervalMs);
      return;
    }
    this.#sole = user;
    this.#soleMs = intervalMs;
  }

  delete(user: string): void {
    this.#many?.delete(user);
    this.#shortestMs = undefined;
    if (this.#sole !== user) return;
    this.#sole = undefined;
    this.#soleMs = NEVER;
  }
}
