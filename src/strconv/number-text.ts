/** Numbers read from text, as Go's `strconv` does. */

export interface ParsedInteger {
  /** What Go returns beside the error too: zero for bad syntax, the nearest limit when out of range. */
  readonly value: bigint;
  readonly isValid: boolean;
}

const BAD_SYNTAX: ParsedInteger = { value: 0n, isValid: false };

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;

/** The longest number that may yet be in range: 64 binary digits; zeros in front are not counted. */
const MAX_DIGITS = 64;

/** Underscores stand between digits, or after a base prefix. */
const DECIMAL_FLOAT = /^[+-]?(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?$/;
const HEX_FLOAT =
  /^([+-]?)0[xX]((?:_?[0-9a-fA-F](?:_?[0-9a-fA-F])*)?)\.?((?:[0-9a-fA-F](?:_?[0-9a-fA-F])*)?)[pP]([+-]?\d(?:_?\d)*)$/;
const INFINITY = /^([+-]?)inf(?:inity)?$/i;
const NOT_A_NUMBER = /^nan$/i;

function clamp(value: bigint): ParsedInteger {
  if (value > MAX_INT64) return { value: MAX_INT64, isValid: false };
  if (value < MIN_INT64) return { value: MIN_INT64, isValid: false };
  return { value, isValid: true };
}

function digitsIn(digits: string, base: 2 | 8 | 10 | 16): bigint {
  const significant = digits.replace(/^0+/, '');
  if (significant.length > MAX_DIGITS) return MAX_UINT64 + 1n;
  if (significant === '') return 0n;
  const prefix = { 2: '0b', 8: '0o', 10: '', 16: '0x' }[base];
  return BigInt(prefix + significant);
}

const DIGITS: { readonly [B in 2 | 8 | 10 | 16]: RegExp } = {
  2: /^[01]*/,
  8: /^[0-7]*/,
  10: /^[0-9]*/,
  16: /^[0-9a-fA-F]*/,
};

function signed(sign: string, digits: string, base: 2 | 8 | 10 | 16): ParsedInteger {
  // Go stops where the number becomes too large, and does not see what follows.
  const [valid = ''] = DIGITS[base].exec(digits) ?? [];
  const magnitude = digitsIn(valid, base);
  if (digits === '' || (valid.length < digits.length && magnitude <= MAX_UINT64)) return BAD_SYNTAX;
  return clamp(sign === '-' ? -magnitude : magnitude);
}

/** As `strconv.ParseInt(text, base, 64)`. */
export function parseInteger(text: string, base: 8 | 10): ParsedInteger {
  const [, sign = '', digits = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  return signed(sign, digits, base);
}

const BASE_OF_PREFIX: ReadonlyMap<string, 2 | 8 | 16> = new Map([
  ['b', 2],
  ['o', 8],
  ['x', 16],
]);

/** As `strconv.ParseInt(text, 0, 64)`: the base is told by a prefix, where `0` alone means octal. */
export function parseIntegerWithPrefix(text: string): ParsedInteger {
  if (/__|_$/.test(text)) return BAD_SYNTAX;
  const [, sign = '', prefix, rest = ''] = /^([+-]?)(0[bBoOxX](?=.))?(.*)$/s.exec(text) ?? [];
  const base = prefix === undefined ? undefined : BASE_OF_PREFIX.get(prefix.charAt(1).toLowerCase());
  if (base !== undefined) return signed(sign, rest.replaceAll('_', ''), base);
  if (rest.startsWith('_')) return BAD_SYNTAX;
  const isOctal = rest.startsWith('0') && rest.length > 1;
  return signed(sign, rest.replaceAll('_', ''), isOctal ? 8 : 10);
}

/** More hexadecimal digits than a float64 has, with room to round: of those behind only counts whether all are zero. */
const SIGNIFICANT_HEX_DIGITS = 32;

function hexadecimalFloat(match: RegExpExecArray): number | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] = match.map((part) => part?.replaceAll('_', ''));
  if (whole === '' && fraction === '') return undefined;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const kept = digits.slice(0, SIGNIFICANT_HEX_DIGITS);
  const dropped = digits.slice(SIGNIFICANT_HEX_DIGITS);
  const mantissa = BigInt(`0x0${kept}${/[^0]/.test(dropped) ? '1' : '0'}`);
  const bits = 4 * (dropped.length - 1 - fraction.length);
  const power = Math.max(-10_000, Math.min(10_000, Number(exponent) + bits));
  // A decimal expansion is exact, so that it is rounded only once.
  const scaled = power >= 0 ? `${mantissa << BigInt(power)}` : `${mantissa * 5n ** BigInt(-power)}e${power}`;
  return Number(`${sign === '-' ? '-' : ''}${scaled}`);
}

export interface ParsedFloat {
  /** What Go returns beside the error too: zero for bad syntax, infinity when out of range. */
  readonly value: number;
  readonly isValid: boolean;
}

function numeral(text: string): number | undefined {
  const hexadecimal = HEX_FLOAT.exec(text);
  if (hexadecimal !== null) return hexadecimalFloat(hexadecimal);
  return DECIMAL_FLOAT.test(text) ? Number(text.replaceAll('_', '')) : undefined;
}

/** As `strconv.ParseFloat(text, 64)`. */
export function parseFloat64(text: string): ParsedFloat {
  if (NOT_A_NUMBER.test(text)) return { value: Number.NaN, isValid: true };
  const infinity = INFINITY.exec(text);
  if (infinity !== null) return { value: infinity[1] === '-' ? -Infinity : Infinity, isValid: true };
  const value = numeral(text);
  return value === undefined ? { value: 0, isValid: false } : { value, isValid: Number.isFinite(value) };
}

/** The number, or undefined where `strconv.ParseFloat` fails, also for what is too large. */
export function parseFloatText(text: string): number | undefined {
  const { value, isValid } = parseFloat64(text);
  return isValid ? value : undefined;
}
