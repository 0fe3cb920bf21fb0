/** Floating-point numbers under each verb of a format. */

import type { FloatBits } from './float-digits.ts';
import { type Flags, pad, padding } from './format-flags.ts';
import { type FloatVerb, formatFloat } from './format-float.ts';

interface Style {
  readonly verb: FloatVerb;
  readonly precision: number;
}

const STYLES: ReadonlyMap<string, Style> = new Map([
  ['v', { verb: 'g', precision: -1 }],
  ['b', { verb: 'b', precision: -1 }],
  ['g', { verb: 'g', precision: -1 }],
  ['G', { verb: 'G', precision: -1 }],
  ['x', { verb: 'x', precision: -1 }],
  ['X', { verb: 'X', precision: -1 }],
  ['f', { verb: 'f', precision: 6 }],
  ['F', { verb: 'f', precision: 6 }],
  ['e', { verb: 'e', precision: 6 }],
  ['E', { verb: 'E', precision: 6 }],
]);

/** Splits off the exponent, whose mark is a digit in a hexadecimal number. */
function withoutExponent(text: string, verb: FloatVerb): [number: string, exponent: string] {
  const at = text.search(verb === 'x' || verb === 'X' ? /[pP]/ : /[eEpP]/);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)];
}

/** The significant digits from the first that is not zero; the `x` of `0x` counts as one, as in Go. */
function significantDigits(number: string): number {
  return number.replaceAll('.', '').replace(/^0+/, '').length;
}

/** The sharp flag: always a decimal point, and the zeros that `g` leaves out. */
function withPoint(unsigned: string, verb: FloatVerb, precision: number): string {
  const counts = verb === 'g' || verb === 'G' || verb === 'x';
  const [number, exponent] = withoutExponent(unsigned, verb);
  let missing = counts ? (precision === -1 ? 6 : precision) - significantDigits(number) : 0;
  const hasPoint = number.includes('.');
  if (!hasPoint && number === '0') missing--;
  return `${number}${hasPoint ? '' : '.'}${'0'.repeat(Math.max(missing, 0))}${exponent}`;
}

function signFor(text: string, flags: Flags): string {
  if (text.startsWith('-')) return '-';
  if (flags.plus) return '+';
  return flags.space ? ' ' : '';
}

/** Infinity always has a sign, and what is no number is not padded with zeros. */
function formatNotFinite(text: string, flags: Flags): string {
  if (text === '-Inf') return pad(text, flags, false);
  const sign = flags.space && !flags.plus ? ' ' : '+';
  const hasSign = text === '+Inf' || flags.space || flags.plus;
  return pad((hasSign ? sign : '') + text.replace('+', ''), flags, false);
}

/** A number under a verb; undefined for a verb that takes none. */
export function formatFloatVerb(value: number, bits: FloatBits, verb: string, flags: Flags): string | undefined {
  const style = STYLES.get(verb);
  if (style === undefined) return undefined;
  const precision = flags.precision ?? style.precision;
  const text = formatFloat(value, style.verb, precision, bits);
  if (!/\d/.test(text)) return formatNotFinite(text, flags);
  const plain = text.replace(/^-/, '');
  const unsigned = flags.sharp && verb !== 'b' ? withPoint(plain, style.verb, precision) : plain;
  const sign = signFor(text, flags);
  const width = flags.width ?? 0;
  // The sign stands before the zeros that fill the width.
  if (sign !== '' && flags.zero && !flags.minus && width > unsigned.length + 1) {
    return sign + padding(flags, width - unsigned.length - 1) + unsigned;
  }
  return pad(sign + unsigned, flags);
}
