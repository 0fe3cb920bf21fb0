/** Who uses what: a many-to-many relation, asked from the side of what is used. */

export class ReverseIndex {
  readonly #uses = new Map<string, readonly string[]>();
  readonly #users = new Map<string, Set<string>>();

  /** Replaces what `user` uses. */
  set(user: string, used: readonly string[]): void {
    for (const name of this.#uses.get(user) ?? []) this.#remove(name, user);
    if (used.length === 0) this.#uses.delete(user);
    else this.#uses.set(user, used);
    for (const name of used) {
      const users = this.#users.get(name);
      if (users === undefined) this.#users.set(name, new Set([user]));
      else users.add(user);
    }
  }

  /** The users at this moment: whoever goes through them may change them on the way. */
  usersOf(name: string): readonly string[] {
    return [...(this.#users.get(name) ?? [])];
  }

  #remove(name: string, user: string): void {
    const users = this.#users.get(name);
    users?.delete(user);
    if (users?.size === 0) this.#users.delete(name);
  }
}
