/** How much rewriting the keys of one entry may cost: a manifest must not hold up the others. */

import { InvalidSecretContent } from '../ports/errors.ts';
import type { Meter } from '../regexp/go-regexp.ts';

/** A thousand keys take some ten milliseconds. */
const LONGEST_WORK_MS = 1_000;

/** What a Secret can hold altogether. https://kubernetes.io/docs/concepts/configuration/secret/#restriction-data-size */
const MOST_CHARACTERS = 1024 * 1024;

export interface RewriteBudget {
  readonly meter: Meter;
  /** Runs work and counts the time that it takes. @throws InvalidSecretContent once too much was spent */
  readonly spend: <T>(work: () => T) => T;
  /** @param characters of the keys that an operation has made so far @throws InvalidSecretContent when it is too many */
  readonly grown: (characters: number) => void;
}

/** @param elapsedMs a clock that only goes forward */
export function rewriteBudget(elapsedMs: () => number): RewriteBudget {
  let spentMs = 0;
  const spend = <T>(work: () => T): T => {
    if (spentMs > LONGEST_WORK_MS) {
      throw new InvalidSecretContent(
        `rewriting the keys takes more than ${LONGEST_WORK_MS} ms; use a simpler expression or template, or fewer keys`,
      );
    }
    const startedAtMs = elapsedMs();
    const result = work();
    spentMs += elapsedMs() - startedAtMs;
    return result;
  };
  const grown = (characters: number): void => {
    if (characters > MOST_CHARACTERS) {
      throw new InvalidSecretContent(
        `the rewritten keys have more than ${MOST_CHARACTERS} characters, which no Secret holds; shorten what they become`,
      );
    }
  };
  return { spend, grown, meter: { search: spend, found: () => undefined } };
}
