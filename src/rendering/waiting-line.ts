/** Who waits to be rendered. Those who took long before stand apart: they wait for each other, and nobody for them. */

import type { RenderJobs } from '../ports/renderer.ts';

/** Subjects that are remembered; the one that has been slow for longest is forgotten beyond. */
const MOST_SLOW_SUBJECTS = 1000;

export interface Waiting {
  readonly jobs: RenderJobs;
}

export class WaitingLine<T extends Waiting> {
  readonly #quick = new Set<T>();
  readonly #slow = new Set<T>();
  readonly #slowSubjects = new Set<string>();

  get size(): number {
    return this.#quick.size + this.#slow.size;
  }

  /** Whether anybody waits who is not expected to take long. */
  get hasQuick(): boolean {
    return this.#quick.size > 0;
  }

  get slowCount(): number {
    return this.#slow.size;
  }

  isSlow({ jobs }: T): boolean {
    return this.#slowSubjects.has(jobs.subject);
  }

  add(order: T): void {
    (this.isSlow(order) ? this.#slow : this.#quick).add(order);
  }

  delete(order: T): void {
    this.#quick.delete(order);
    this.#slow.delete(order);
  }

  /** Takes the next one out of the line: those who take long only if that is wanted, and after all others. */
  take(withSlow: boolean): T | undefined {
    const [order] = withSlow && this.#quick.size === 0 ? this.#slow : this.#quick;
    if (order !== undefined) this.delete(order);
    return order;
  }

  /** Takes out all. */
  *drain(): Generator<T> {
    for (const order of [...this.#quick, ...this.#slow]) {
      this.delete(order);
      yield order;
    }
  }

  noteSlow({ jobs }: T): void {
    this.#slowSubjects.delete(jobs.subject);
    this.#slowSubjects.add(jobs.subject);
    const [longest] = this.#slowSubjects;
    if (this.#slowSubjects.size > MOST_SLOW_SUBJECTS && longest !== undefined) this.#slowSubjects.delete(longest);
  }

  noteQuick({ jobs }: T): void {
    this.#slowSubjects.delete(jobs.subject);
  }
}
