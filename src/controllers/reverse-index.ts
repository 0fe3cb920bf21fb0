/** Who uses what: a many-to-many relation, asked from the side of what is used. */

/** Most things have one user: a set of its own for each would be most of the index. */
type Users = string | Set<string>;

export class ReverseIndex {
  readonly #uses = new Map<string, string | readonly string[]>();
  readonly #users = new Map<string, Users>();

  /** Replaces what `user` uses. */
  set(user: string, used: readonly string[]): void {
    for (const name of this.#usesOf(user)) this.#remove(name, user);
    const [only] = used;
    if (only === undefined) this.#uses.delete(user);
    else this.#uses.set(user, used.length === 1 ? only : used);
    for (const name of used) this.#add(name, user);
  }

  /** The users at this moment: whoever goes through them may change them on the way. */
  usersOf(name: string): readonly string[] {
    const users = this.#users.get(name) ?? [];
    return typeof users === 'string' ? [users] : [...users];
  }

  #usesOf(user: string): readonly string[] {
    const used = this.#uses.get(user) ?? [];
    return typeof used === 'string' ? [used] : used;
  }

  #add(name: string, user: string): void {
    const users = this.#users.get(name);
    if (users === undefined) this.#users.set(name, user);
    else if (typeof users !== 'string') users.add(user);
    else if (users !== user) this.#users.set(name, new Set([users, user]));
  }

  #remove(name: string, user: string): void {
    const users = this.#users.get(name);
    if (users === user) this.#users.delete(name);
    if (users === undefined || typeof users === 'string') return;
    users.delete(user);
    if (users.size === 0) this.#users.delete(name);
  }
}
