/** Damage to templates: what was deleted, doubled, or put in where it does not belong. */

import fc from 'fast-check';

type Damage = (template: string) => string;

const TOKENS = [
  '{{', '}}', '{{-', '-}}', '\u0001', '\u0002', '\u0001- ', ' -\u0002', '|', ':=', '=', ',', '(', ')', '.', '..', '$', '$x', '"', '`', "'", '/*', '*/', '\\',
  ' end ', ' else ', ' if ', ' range ', ' with ', ' define "t" ', ' template "t1" ', ' block ', ' break ', ' continue ', ' nil ', ' 1 ', ' 0x ', ' 1.2.3 ',
  ' 09 ', ' .a.b ', ' nope ', ' len ', '\n', ' ', '\u0001end\u0002', '\u0001else\u0002', '\u0001if .\u0002', '\u0001range .\u0002', '\u0001break\u0002',
  '\u0001template "t1" .\u0002', '\u0001else if 1\u0002', '\u0001/* x */\u0002', '#', '@', '&', '+', '-', '1_', '1e', '0b2', "'ab'", '"\\q"', '.é', ' true.x ', ' 1e400 ', ' 1i ',
]; // biome-ignore format: a table

const EDIT = fc.record({
  kind: fc.constantFrom('delete', 'insert', 'insert', 'double', 'cut'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 1, max: 6 }),
  token: fc.constantFrom(...TOKENS),
});

export const damaged: fc.Arbitrary<Damage> = fc.array(EDIT, { minLength: 1, maxLength: 3 }).map(
  (edits): Damage =>
    (template) =>
      edits.reduce((text, { kind, at, length, token }) => {
        const start = Math.floor(at * text.length);
        const end = start + length;
        if (kind === 'delete') return text.slice(0, start) + text.slice(end);
        if (kind === 'insert') return text.slice(0, start) + token + text.slice(start);
        if (kind === 'double') return text.slice(0, end) + text.slice(start);
        return text.slice(0, start);
      }, template),
);
