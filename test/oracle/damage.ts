/** Damage to texts: what was deleted, doubled, or put in where it does not belong. */

import fc from 'fast-check';

type Damage = (text: string) => string;

/** @param tokens that are put in */
export function damage(tokens: readonly string[]): fc.Arbitrary<Damage> {
  const edit = fc.record({
    kind: fc.constantFrom('delete', 'insert', 'insert', 'double', 'cut'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.integer({ min: 1, max: 6 }),
    token: fc.constantFrom(...tokens),
  });
  return fc.array(edit, { minLength: 1, maxLength: 3 }).map(
    (edits): Damage =>
      (whole) =>
        edits.reduce((text, { kind, at, length, token }) => {
          const start = Math.floor(at * text.length);
          const end = start + length;
          if (kind === 'delete') return text.slice(0, start) + text.slice(end);
          if (kind === 'insert') return text.slice(0, start) + token + text.slice(start);
          if (kind === 'double') return text.slice(0, end) + text.slice(start);
          return text.slice(0, start);
        }, whole),
  );
}
