/** Decides whether what vanished may be taken from a target now, from all that vanished with the same identity. */

import type { ExternalSecret, ExternalSecretStatus } from '../api/external-secret.ts';
import { holdMessage, isConfirmed, isTooMuch, shownHold, type Vanishing, windowMs } from '../domain/deletion-brake.ts';
import { timestampOf } from '../domain/status.ts';
import type { Clock } from '../ports/clock.ts';
import { Vanishings } from './vanishings.ts';

export interface DeletionBrakeOptions {
  /** Of an identity's secrets; 0 lets everything be deleted. */
  readonly percent: number;
  readonly clock: Clock;
  /** Ids of the refs that targets are known to be made from, by identity. */
  readonly followed: (identityKey: string) => ReadonlySet<string>;
}

/** What is about to be taken from a target. */
export interface Loss {
  readonly externalSecret: ExternalSecret;
  readonly status: ExternalSecretStatus | undefined;
  readonly identityKey: string;
  readonly intervalMs: number | undefined;
}

export interface Hold {
  readonly hold: string;
  readonly message: string;
}

/** Thousands of objects may ask in a moment, and each count goes through all of them. */
const COUNTED_FOR_MS = 1_000;

export class DeletionBrake {
  readonly #options: DeletionBrakeOptions;
  readonly #vanishings = new Vanishings();
  #counted: { readonly identityKey: string; readonly atMs: number; readonly ids: ReadonlySet<string> } | undefined;

  constructor(options: DeletionBrakeOptions) {
    this.#options = options;
  }

  /** How many ExternalSecrets wait for a confirmation. */
  get held(): number {
    return this.#vanishings.held;
  }

  /** The hold that an object waits under; its condition tells of it across restarts. */
  holdOf(key: string, status: ExternalSecretStatus | undefined): string | undefined {
    return this.#options.percent === 0 ? undefined : (this.#vanishings.holdOf(key) ?? shownHold(status));
  }

  /**
   * Takes in which of an object's sources are gone, as soon as it is seen.
   * @param fresh those of them that its target still has
   */
  note(key: string, identityKey: string, gone: ReadonlySet<string>, fresh: readonly string[]): void {
    if (gone.size === 0) this.#vanishings.forget(key);
    else this.#vanishings.note(key, identityKey, gone, fresh, this.#options.clock.nowMs());
  }

  /** Why a loss has to wait, or undefined. */
  check(key: string, { externalSecret, status, identityKey, intervalMs }: Loss): Hold | undefined {
    const { percent, clock } = this.#options;
    const vanishing = this.#vanishing(identityKey, clock.nowMs() - windowMs(intervalMs));
    const earlier = this.holdOf(key, status);
    const isNew = earlier === undefined && isTooMuch(vanishing, percent);
    const hold = isNew ? (this.#vanishings.holdOfIdentity(identityKey) ?? timestampOf(clock.nowMs())) : earlier;
    if (hold === undefined || isConfirmed(externalSecret, hold)) return undefined;
    this.#vanishings.hold(key, identityKey, hold);
    return { hold, message: holdMessage(externalSecret, hold, vanishing) };
  }

  /** An object still waits, as was found without another look at what vanished. */
  stillHeld(key: string, { externalSecret, identityKey, intervalMs }: Loss, hold: string): Hold {
    this.#vanishings.hold(key, identityKey, hold);
    const vanishing = this.#vanishing(identityKey, this.#options.clock.nowMs() - windowMs(intervalMs));
    return { hold, message: holdMessage(externalSecret, hold, vanishing) };
  }

  carriedOut(key: string): void {
    this.#vanishings.carriedOut(key);
  }

  /** Everything is there, or nobody is interested any more. */
  forget(key: string): void {
    this.#vanishings.forget(key);
  }

  #vanishing(identityKey: string, sinceMs: number): Vanishing {
    const vanished = this.#vanishings.vanished(identityKey, sinceMs);
    const followed = this.#followed(identityKey);
    return { vanished: vanished.length, followed: followed.size + vanished.filter((id) => !followed.has(id)).length };
  }

  #followed(identityKey: string): ReadonlySet<string> {
    const nowMs = this.#options.clock.nowMs();
    const before = this.#counted;
    if (before?.identityKey === identityKey && nowMs - before.atMs < COUNTED_FOR_MS) return before.ids;
    const ids = this.#options.followed(identityKey);
    this.#counted = { identityKey, atMs: nowMs, ids };
    return ids;
  }
}
