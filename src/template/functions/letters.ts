/** Cases and classes of single characters, as Go's package `unicode` has them: one code point becomes one. */

/** Lower-case Greek with iota subscript: JavaScript's upper case writes the iota out, the simple mapping does not. */
const IOTA_SUBSCRIPT: ReadonlyMap<number, number> = new Map([
  ...[0x1f80, 0x1f90, 0x1fa0].flatMap((row) => Array.from({ length: 8 }, (_, i) => [row + i, row + i + 8] as const)),
  [0x1fb3, 0x1fbc],
  [0x1fc3, 0x1fcc],
  [0x1ff3, 0x1ffc],
]);

/** The digraphs that have a case of their own for titles, by the code point in its middle. */
const TITLE_DIGRAPHS = [0x1c5, 0x1c8, 0x1cb, 0x1f2];

const CAPITAL_I_WITH_DOT = 0x130;

const UPPER = /^\p{Lu}$/u;
const LOWER = /^\p{Ll}$/u;
const TITLE = /^\p{Lt}$/u;
const SPACE = /^[\t-\r \x85\p{Z}]$/u;
const PUNCTUATION = /^\p{P}$/u;
const NUMBER = /^\p{N}$/u;

/** The code point of a text that is only one; else what it was. */
function single(text: string, rune: number): number {
  const code = text.codePointAt(0) ?? rune;
  return String.fromCodePoint(code) === text ? code : rune;
}

function isAsciiUpper(rune: number): boolean {
  return rune >= 0x41 && rune <= 0x5a;
}

function isAsciiLower(rune: number): boolean {
  return rune >= 0x61 && rune <= 0x7a;
}

export function toUpper(rune: number): number {
  if (rune < 0x80) return isAsciiLower(rune) ? rune - 0x20 : rune;
  return IOTA_SUBSCRIPT.get(rune) ?? single(String.fromCodePoint(rune).toUpperCase(), rune);
}

export function toLower(rune: number): number {
  if (rune < 0x80) return isAsciiUpper(rune) ? rune + 0x20 : rune;
  return rune === CAPITAL_I_WITH_DOT ? 0x69 : single(String.fromCodePoint(rune).toLowerCase(), rune);
}

export function toTitle(rune: number): number {
  // Georgian has capitals, but no titles.
  if (rune >= 0x10d0 && rune <= 0x10ff) return rune;
  return TITLE_DIGRAPHS.find((middle) => Math.abs(middle - rune) <= 1) ?? toUpper(rune);
}

/** ASCII is looked up: it is what most texts are made of. */
function isOf(pattern: RegExp): (rune: number) => boolean {
  const ascii = Array.from({ length: 0x80 }, (_, rune) => pattern.test(String.fromCharCode(rune)));
  return (rune) => ascii[rune] ?? pattern.test(String.fromCodePoint(rune));
}

export const isUpper = isOf(UPPER);
export const isLower = isOf(LOWER);
export const isTitle = isOf(TITLE);
export const isSpace = isOf(SPACE);
export const isPunctuation = isOf(PUNCTUATION);
export const isNumber = isOf(NUMBER);
