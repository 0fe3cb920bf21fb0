/** Reads one's own writes: what we wrote stands in for the view until the view has caught up with it. */

import type { Clock } from '../ports/clock.ts';
import type { ObjectKey, View } from '../ports/cluster.ts';

interface Versioned {
  readonly resourceVersion: string;
}

/** A watch that has not brought a write after this long has lost it: the view is believed again. */
const LONGEST_LAG_MS = 10_000;

/** Resource versions are opaque but for their order, which Kubernetes guarantees since 1.35 (KEP-5504). */
function isOlder(a: Versioned, b: Versioned): boolean {
  return a.resourceVersion.length === b.resourceVersion.length
    ? a.resourceVersion < b.resourceVersion
    : a.resourceVersion.length < b.resourceVersion.length;
}

export class OwnWrites<T extends Versioned> {
  readonly #view: View<T>;
  readonly #clock: Clock;
  readonly #written = new Map<ObjectKey, { readonly object: T; readonly atMs: number }>();
  /** What was deleted lately, oldest first: the watch may tell of a write and of its end before the write is answered. */
  readonly #deleted = new Map<ObjectKey, { readonly last: Versioned; readonly atMs: number }>();

  constructor(view: View<T>, clock: Clock) {
    this.#view = view;
    this.#clock = clock;
    view.onChange(({ key, before, after }) => {
      const written = this.#written.get(key)?.object;
      const seen = after ?? before;
      if (written !== undefined && seen !== undefined && !isOlder(seen, written)) this.#written.delete(key);
      if (after === undefined && before !== undefined) this.#noteDeletion(key, before);
    });
  }

  remember(key: ObjectKey, object: T): void {
    const seen = this.#view.get(key) ?? this.#deleted.get(key)?.last;
    if (seen !== undefined && !isOlder(seen, object)) return;
    this.#written.set(key, { object, atMs: this.#clock.nowMs() });
  }

  forget(key: ObjectKey): void {
    this.#written.delete(key);
  }

  get(key: ObjectKey): T | undefined {
    const written = this.#written.get(key);
    if (written !== undefined && this.#clock.nowMs() - written.atMs < LONGEST_LAG_MS) return written.object;
    this.#written.delete(key);
    return this.#view.get(key);
  }

  #noteDeletion(key: ObjectKey, { resourceVersion }: Versioned): void {
    const nowMs = this.#clock.nowMs();
    for (const [old, { atMs }] of this.#deleted) {
      if (nowMs - atMs < LONGEST_LAG_MS) break;
      this.#deleted.delete(old);
    }
    this.#deleted.delete(key);
    this.#deleted.set(key, { last: { resourceVersion }, atMs: nowMs });
  }
}
