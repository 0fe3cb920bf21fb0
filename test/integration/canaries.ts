/** Values that are easy to find again: every secret of a test holds one, and none may turn up where values must not be. */

import { randomBytes } from 'node:crypto';

export interface Canaries {
  /** A new value, such as `canary-3f9a...`: long enough to be unique, and remembered. */
  next(): string;
  /** Looks for this value as well. @throws Error when it is too short to be told from other texts */
  add(value: string): void;
  /** Which places hold any part of a canary that tells it apart, in plain or in base64; empty when none does. */
  findIn(places: ReadonlyMap<string, string>): readonly string[];
}

/** Of a value that was cut, so much is still recognised. */
const RECOGNISED_CHARACTERS = 16;

export function createCanaries(): Canaries {
  const needles: string[] = [];
  const add = (value: string) => {
    if (value.length < RECOGNISED_CHARACTERS) {
      throw new Error(`"${value}" is too short to be found again`);
    }
    needles.push(...spellings(value.slice(0, RECOGNISED_CHARACTERS)));
  };
  return {
    add,
    next() {
      const canary = `canary-${randomBytes(16).toString('hex')}`;
      add(canary);
      return canary;
    },
    findIn: (places) =>
      Array.from(places, ([place, text]) => ({ place, needle: needles.find((each) => text.includes(each)) }))
        .filter(({ needle }) => needle !== undefined)
        .map(({ place, needle }) => `${place} has ${needle}`),
  };
}

/** In plain, and in base64 at each of the three offsets at which it can stand in a longer text. */
function spellings(text: string): readonly string[] {
  const encoded = [0, 1, 2].map((offset) => {
    const base64 = Buffer.from('x'.repeat(offset) + text, 'utf8').toString('base64');
    // The first and last characters also hold bits of the neighbours.
    return base64.replace(/=+$/, '').slice(offset === 0 ? 0 : offset + 1, -1);
  });
  return [text, ...encoded];
}
