/** A binary min-heap of things by the time at which they are due, each of which can be moved or taken out. */

/** `heapAt` is the heap's own: where the thing stands in it, or -1. */
export interface Due {
  dueAtMs: number;
  heapAt: number;
}

export class DueHeap<T extends Due> {
  readonly #items: T[] = [];

  get first(): T | undefined {
    return this.#items[0];
  }

  /** Puts a thing in, or where it belongs after its time has changed. */
  put(item: T): void {
    if (item.heapAt === -1) {
      item.heapAt = this.#items.length;
      this.#items.push(item);
    }
    this.#rise(item.heapAt);
    this.#sink(item.heapAt);
  }

  /** Takes a thing out; nothing happens when it is not in. */
  remove(item: T): void {
    const at = item.heapAt;
    const last = at === -1 ? undefined : this.#items.pop();
    item.heapAt = -1;
    if (last === undefined || last === item) return;
    this.#set(at, last);
    this.#rise(at);
    this.#sink(last.heapAt);
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfEarlier(at, parent)) return;
      at = parent;
    }
  }

  #sink(from: number): void {
    let at = from;
    for (;;) {
      const child = this.#earlierChild(2 * at + 1);
      if (child === -1 || !this.#swapIfEarlier(child, at)) return;
      at = child;
    }
  }

  #earlierChild(left: number): number {
    const a = this.#items[left];
    if (a === undefined) return -1;
    const b = this.#items[left + 1];
    return b !== undefined && b.dueAtMs < a.dueAtMs ? left + 1 : left;
  }

  #swapIfEarlier(lower: number, upper: number): boolean {
    const a = this.#items[lower];
    const b = this.#items[upper];
    if (a === undefined || b === undefined || a.dueAtMs >= b.dueAtMs) return false;
    this.#set(lower, b);
    this.#set(upper, a);
    return true;
  }

  #set(at: number, item: T): void {
    this.#items[at] = item;
    item.heapAt = at;
  }
}
