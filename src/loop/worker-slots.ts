/** How many reconciles may run at the same time, over all controllers that share the number. */

export class WorkerSlots {
  #free: number;
  /** Those who found no slot, in the order in which they are told of one. */
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** Takes a slot; where none is free the result is false, and `onFree` is called once when one may be. */
  take(onFree: () => void): boolean {
    if (this.#free > 0) {
      this.#free -= 1;
      return true;
    }
    this.#waiting.add(onFree);
    return false;
  }

  /** Who waits and has nothing to do any more passes the turn on to the next. */
  giveBack(): void {
    this.#free += 1;
    for (const onFree of [...this.#waiting]) {
      if (this.#free === 0) return;
      this.#waiting.delete(onFree);
      onFree();
    }
  }
}
