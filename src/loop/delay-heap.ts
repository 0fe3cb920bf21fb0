/** A binary min-heap of keys by time; equal times leave in the order they came. */

interface Item {
  readonly key: string;
  readonly atMs: number;
  readonly order: number;
}

function isBefore(a: Item, b: Item): boolean {
  return a.atMs === b.atMs ? a.order < b.order : a.atMs < b.atMs;
}

export class DelayHeap {
  readonly #items: Item[] = [];
  #order = 0;

  get size(): number {
    return this.#items.length;
  }

  /** The time of the first item. */
  get firstAtMs(): number | undefined {
    return this.#items[0]?.atMs;
  }

  clear(): void {
    this.#items.length = 0;
  }

  push(key: string, atMs: number): void {
    this.#order += 1;
    this.#items.push({ key, atMs, order: this.#order });
    this.#rise(this.#items.length - 1);
  }

  pop(): { readonly key: string; readonly atMs: number } | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (first !== undefined && last !== undefined && first !== last) {
      this.#items[0] = last;
      this.#sink(0);
    }
    return first;
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfBefore(at, parent)) return;
      at = parent;
    }
  }

  #sink(from: number): void {
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      const child = this.#lesserChild(left);
      if (child === undefined || !this.#swapIfBefore(child, at)) return;
      at = child;
    }
  }

  #lesserChild(left: number): number | undefined {
    const a = this.#items[left];
    if (a === undefined) return undefined;
    const b = this.#items[left + 1];
    return b !== undefined && isBefore(b, a) ? left + 1 : left;
  }

  #swapIfBefore(lower: number, upper: number): boolean {
    const a = this.#items[lower];
    const b = this.#items[upper];
    if (a === undefined || b === undefined || !isBefore(a, b)) return false;
    this.#items[lower] = b;
    this.#items[upper] = a;
    return true;
  }
}
