/** What is known of an identity's permission for an action that it can do without. */

import type { Clock } from '../ports/clock.ts';

/** An administrator who adds the permission sees its effect within this time, and a denied identity pays one call for it. */
const DENIED_FOR_MS = 600_000;

export class Permission {
  readonly #clock: Clock;
  #deniedUntilMs = 0;
  #wasGranted = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** AWS has denied it lately. */
  get isDenied(): boolean {
    return this.#clock.nowMs() < this.#deniedUntilMs;
  }

  /** AWS has allowed it, and not denied it since. */
  get isGranted(): boolean {
    return this.#wasGranted;
  }

  grant(): void {
    this.#wasGranted = true;
  }

  deny(): void {
    this.#wasGranted = false;
    this.#deniedUntilMs = this.#clock.nowMs() + DENIED_FOR_MS;
  }
}
