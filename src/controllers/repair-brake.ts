/** Slows the repair of a target that somebody keeps changing back, so that two writers cannot keep a cluster busy. */

/** So many repairs within the span are made at once: a person's edits never meet the brake. */
const FREE_REPAIRS = 5;
const SPAN_MS = 60_000;
/** Beyond them a repair is made so often. */
const BRAKED_INTERVAL_MS = 10_000;

export class RepairBrake {
  /** Times of the last repairs of a key, oldest first. */
  readonly #repairs = new Map<string, readonly number[]>();

  /** How long the next repair has to wait; 0 when it need not. */
  waitMs(key: string, nowMs: number): number {
    const times = this.#repairs.get(key) ?? [];
    const [oldest] = times;
    const latest = times.at(-1);
    if (oldest === undefined || latest === undefined) return 0;
    if (times.length < FREE_REPAIRS || nowMs - oldest >= SPAN_MS) return 0;
    return Math.max(0, latest + BRAKED_INTERVAL_MS - nowMs);
  }

  repaired(key: string, nowMs: number): void {
    this.#repairs.set(key, [...(this.#repairs.get(key) ?? []), nowMs].slice(-FREE_REPAIRS));
  }

  forget(key: string): void {
    this.#repairs.delete(key);
  }
}
