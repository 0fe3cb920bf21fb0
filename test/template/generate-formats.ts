/** Formats for `printf`, with every verb and flag, and arguments for them. */

import fc from 'fast-check';
import { LITERALS } from './generate-literals.ts';
import type { Sort } from './signatures.ts';

export interface Formatted {
  /** A string constant. */
  readonly format: string;
  readonly args: readonly string[];
}

const VERBS: Readonly<Record<string, readonly Sort[]>> = {
  v: ['any'],
  T: ['any'],
  s: ['str', 'strs', 'list', 'any', 'time'],
  q: ['str', 'strs', 'int', 'any'],
  d: ['int', 'i64', 'ints', 'any'],
  b: ['int', 'f64'],
  c: ['int'],
  o: ['int'],
  O: ['int'],
  x: ['int', 'str', 'f64', 'strs'],
  X: ['int', 'str', 'f64'],
  U: ['int'],
  e: ['f64'],
  E: ['f64'],
  f: ['f64', 'any'],
  F: ['f64'],
  g: ['f64', 'any'],
  G: ['f64'],
  t: ['bool', 'any'],
  z: ['any'],
};

interface Directive {
  readonly text: string;
  readonly args: readonly string[];
}

const NO_ARGS: fc.Arbitrary<string[]> = fc.constant([]);

/** Number and arguments of a width or a precision. */
const NUMBER = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ text: '', args: [] as string[] }) },
  { weight: 4, arbitrary: fc.nat(14).map((size) => ({ text: String(size), args: [] as string[] })) },
  { weight: 1, arbitrary: fc.integer({ min: -9, max: 9 }).map((size) => ({ text: '*', args: [String(size)] })) },
);

const FLAGS = fc.array(fc.constantFrom('+', '-', '#', ' ', '0'), { maxLength: 2 }).map((flags) => flags.join(''));

/** Explicit indexes are rare, and one of them is no number. */
const POSITION = fc.constantFrom('[1]', '[2]', '[x]', ...Array.from({ length: 40 }, () => ''));

const DIRECTIVE: fc.Arbitrary<Directive> = fc.constantFrom(...Object.entries(VERBS)).chain(([verb, sorts]) => {
  const arg = fc.constantFrom(...sorts).chain((sort) => LITERALS[sort]);
  const parts = { flags: FLAGS, width: NUMBER, isDotted: fc.boolean(), precision: NUMBER, position: POSITION, arg };
  return fc.record(parts).map(({ flags, width, isDotted, precision, position, arg: value }) => ({
    text: `%${flags}${width.text}${isDotted ? `.${precision.text}` : ''}${position}${verb}`,
    args: [...width.args, ...(isDotted ? precision.args : []), value],
  }));
});

const PLAIN: fc.Arbitrary<Directive> = fc
  .tuple(fc.constantFrom('%%', ' ', 'x', '|', 'é', '\\xff', '\\n', '%', '%!', '%-'), NO_ARGS)
  .map(([text, args]) => ({ text, args }));

export const FORMATTED: fc.Arbitrary<Formatted> = fc
  .array(fc.oneof({ weight: 4, arbitrary: DIRECTIVE }, PLAIN), { minLength: 1, maxLength: 4 })
  .map((directives) => ({
    format: `"${directives.map(({ text }) => text).join('')}"`,
    args: directives.flatMap(({ args }) => args),
  }));
