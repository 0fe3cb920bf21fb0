/** What paths may cost. A tenant writes them, and everybody's objects share one thread. */

export interface Limits {
  /** A step is about ten nanoseconds, and looks at one character. */
  readonly steps: number;
  /** Of any text that a path makes. */
  readonly bytes: number;
  /** Paths, values and queries inside each other. */
  readonly levels: number;
}

/**
 * Half a second. Seven hundred passes through the largest secret take less. The bytes are what a Secret can hold altogether
 * (https://kubernetes.io/docs/concepts/configuration/secret/#restriction-data-size), the levels what the stack holds with ease.
 */
const DEFAULT_LIMITS: Limits = { steps: 50_000_000, bytes: 1024 * 1024, levels: 500 };

/** For each value that is taken apart, besides its characters. */
const STEPS_A_VALUE = 16;

/** For each character of a path that is taken apart. */
const STEPS_OF_SYNTAX = 8;

/** The message names the limit, and has nothing of the path or of the secret. */
export class GjsonLimitExceeded extends Error {}

/** Shared by the paths whose cost counts together: those of one object. */
export class Effort {
  readonly #limits: Limits;
  #steps = 0;
  #levels = 0;

  constructor(limits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  /** @throws GjsonLimitExceeded */
  spend(characters: number, values = 0): void {
    this.#steps += characters + STEPS_A_VALUE * values;
    const { steps } = this.#limits;
    if (this.#steps > steps) throw new GjsonLimitExceeded(`the limit of ${steps} steps for all paths together`);
  }

  /** @throws GjsonLimitExceeded */
  spendOnSyntax(characters: number): void {
    this.spend(STEPS_OF_SYNTAX * characters, 1);
  }

  /**
   * For a text that is about to be made, or to grow.
   * @param length of the whole text @param added of what is new in it
   * @throws GjsonLimitExceeded
   */
  make(length: number, added = length): void {
    const { bytes } = this.#limits;
    if (length > bytes) throw new GjsonLimitExceeded(`the limit of ${bytes} bytes for a text that a path makes`);
    this.spend(added, 1);
  }

  /** Does work that is inside other work. @throws GjsonLimitExceeded */
  within<T>(work: () => T): T {
    const { levels } = this.#limits;
    if (this.#levels >= levels) throw new GjsonLimitExceeded(`the limit of ${levels} levels inside each other`);
    this.#levels += 1;
    try {
      return work();
    } finally {
      this.#levels -= 1;
    }
  }
}
