/** A view that a test fills. It may lag: then it tells and shows changes only once it is let go. */

import type { ObjectKey, View, ViewChange } from '../../../src/ports/cluster.ts';

export class FakeView<T> implements View<T> {
  /** False as before the first list, or where listing is not allowed. */
  synced = true;
  readonly #state = new Map<ObjectKey, T>();
  readonly #listeners: ((change: ViewChange<T>) => void)[] = [];
  /** Changes that wait while the view lags; undefined when it does not. */
  #held: (() => void)[] | undefined;

  get(key: ObjectKey): T | undefined {
    return this.#state.get(key);
  }

  keys(): Iterable<ObjectKey> {
    return this.#state.keys();
  }

  values(): Iterable<T> {
    return this.#state.values();
  }

  onChange(listener: (change: ViewChange<T>) => void): void {
    this.#listeners.push(listener);
  }

  set(key: ObjectKey, after: T | undefined, initial = false): void {
    const change = () => {
      const before = this.#state.get(key);
      if (after === undefined) this.#state.delete(key);
      else this.#state.set(key, after);
      if (before === undefined && after === undefined) return;
      for (const listener of this.#listeners) listener({ key, before, after, initial });
    };
    if (this.#held === undefined) change();
    else this.#held.push(change);
  }

  /** As a new process sees it before its first list. */
  reset(): void {
    this.#state.clear();
    this.#listeners.length = 0;
    this.#held = undefined;
  }

  lag(): void {
    this.#held ??= [];
  }

  /** Goes on without what it held back, as a relist that came after all of it. */
  loseHeld(): void {
    this.#held = undefined;
  }

  catchUp(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const change of held) change();
  }
}
