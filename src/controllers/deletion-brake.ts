/** Decides whether what vanished may be taken from a target now, from all that vanished with the same identity. */

import type { ExternalSecret, ExternalSecretStatus } from '../api/external-secret.ts';
import { holdMessage, isConfirmed, isTooMuch, shownHold, type Vanishing, windowMs } from '../domain/deletion-brake.ts';
import type { SourceName } from '../domain/references.ts';
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
  /** Those that its values are read with. */
  readonly identityKeys: readonly string[];
  readonly intervalMs: number | undefined;
}

export interface Hold {
  readonly hold: string;
  readonly message: string;
}

interface Count {
  readonly identityKey: string;
  readonly vanishing: Vanishing;
}

/** Thousands of objects may ask in a moment, and each count goes through all of them. */
const COUNTED_FOR_MS = 1_000;

export class DeletionBrake {
  readonly #options: DeletionBrakeOptions;
  readonly #vanishings = new Vanishings();
  #counted = { atMs: Number.NEGATIVE_INFINITY, byIdentity: new Map<string, ReadonlySet<string>>() };

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
  note(key: string, gone: readonly SourceName[], fresh: readonly SourceName[]): void {
    if (gone.length === 0) this.#vanishings.forget(key);
    else this.#vanishings.note(key, gone, fresh, this.#options.clock.nowMs());
  }

  /** Why a loss has to wait, or undefined: of several identities, one that has lost too much is enough. */
  check(key: string, loss: Loss): Hold | undefined {
    const earlier = this.holdOf(key, loss.status);
    const counts = this.#counts(loss);
    const worst = counts.find(({ vanishing }) => isTooMuch(vanishing, this.#options.percent));
    const hold = earlier ?? (worst && this.#holdFor(worst.identityKey));
    if (hold === undefined || isConfirmed(loss.externalSecret, hold)) return undefined;
    return this.#holdAs(key, loss, hold, worst ?? counts[0]);
  }

  /** An object still waits, as was found without another look at what vanished. */
  stillHeld(key: string, loss: Loss, hold: string): Hold {
    const counts = this.#counts(loss);
    const worst = counts.find(({ vanishing }) => isTooMuch(vanishing, this.#options.percent));
    return this.#holdAs(key, loss, hold, worst ?? counts[0]);
  }

  carriedOut(key: string): void {
    this.#vanishings.carriedOut(key);
  }

  /** Everything is there, or nobody is interested any more. */
  forget(key: string): void {
    this.#vanishings.forget(key);
  }

  /** What vanished together waits together. */
  #holdFor(identityKey: string): string {
    return this.#vanishings.holdOfIdentity(identityKey) ?? timestampOf(this.#options.clock.nowMs());
  }

  #holdAs(key: string, { externalSecret, identityKeys }: Loss, hold: string, told: Count | undefined): Hold {
    this.#vanishings.hold(key, { identityKeys, hold });
    return { hold, message: holdMessage(externalSecret, hold, told?.vanishing ?? { vanished: 0, followed: 0 }) };
  }

  #counts({ identityKeys, intervalMs }: Loss): readonly Count[] {
    const sinceMs = this.#options.clock.nowMs() - windowMs(intervalMs);
    return identityKeys.map((identityKey) => {
      const vanished = this.#vanishings.vanished(identityKey, sinceMs);
      const followed = this.#followed(identityKey);
      const unknown = vanished.filter((id) => !followed.has(id)).length;
      return { identityKey, vanishing: { vanished: vanished.length, followed: followed.size + unknown } };
    });
  }

  #followed(identityKey: string): ReadonlySet<string> {
    const nowMs = this.#options.clock.nowMs();
    if (nowMs - this.#counted.atMs >= COUNTED_FOR_MS) this.#counted = { atMs: nowMs, byIdentity: new Map() };
    const { byIdentity } = this.#counted;
    const ids = byIdentity.get(identityKey) ?? this.#options.followed(identityKey);
    byIdentity.set(identityKey, ids);
    return ids;
  }
}
