/** Users of secrets that get up to date when a test says so, as the controllers would. */

import type { RotationEvent } from '../../../src/rotation/rotation-event.ts';
import type { RotationTarget } from '../../../src/rotation/rotation-target.ts';

export class FakeRotationTarget implements RotationTarget {
  /** Every event that was announced, by its id. */
  readonly announced: string[] = [];
  readonly #users = new Map<string, readonly string[]>();
  /** Users that are to look at AWS again. */
  readonly #due = new Set<string>();
  readonly #handled = new Map<string, Set<string>>();
  readonly #listeners = new Set<(user: string) => void>();

  get listeners(): number {
    return this.#listeners.size;
  }

  use(secretName: string, users: readonly string[]): void {
    this.#users.set(secretName, users);
  }

  usersOf(secretName: string): readonly string[] {
    return this.#users.get(secretName) ?? [];
  }

  announce(event: RotationEvent): readonly string[] {
    this.announced.push(event.id);
    const users = this.usersOf(event.secret.names[0] ?? '');
    for (const user of users) if (!this.isHandled(user, event)) this.#due.add(`${user} ${event.id}`);
    return users;
  }

  isHandled(user: string, event: RotationEvent): boolean {
    return this.wasHandled(user, event.id);
  }

  wasHandled(user: string, eventId: string): boolean {
    return this.#handled.get(user)?.has(eventId) ?? false;
  }

  /** The user looks at AWS and writes its Secret: every event that was announced until now is handled. */
  write(user: string): void {
    for (const due of [...this.#due]) {
      const [who, eventId = ''] = due.split(' ');
      if (who !== user) continue;
      this.#due.delete(due);
      this.#handled.set(user, (this.#handled.get(user) ?? new Set()).add(eventId));
    }
    for (const listener of [...this.#listeners]) listener(user);
  }

  onProgress(listener: (user: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
