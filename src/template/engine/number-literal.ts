/** Number constants: they have no type until a parameter, or their own spelling, decides it. */

import { type GoString, goToText, TemplateFault } from '../value.ts';
import { quote } from './quote.ts';
import { unquoteCharacter } from './unquote.ts';

/** Each form that the constant can take without loss. */
export interface NumberForms {
  readonly int: bigint | undefined;
  readonly uint: bigint | undefined;
  readonly float: number | undefined;
}

const MAX_INT64 = (1n << 63n) - 1n;
const MAX_UINT64 = (1n << 64n) - 1n;

/** Underscores stand between digits, or between a prefix and a digit. */
const DIGITS = {
  binary: /^0[bB](_?[01])+$/,
  octal: /^0[oO]?(_?[0-7])+$/,
  hexadecimal: /^0[xX](_?[0-9a-fA-F])+$/,
  decimal: /^(0|[1-9](_?[0-9])*)$/,
};
const DECIMAL_FLOAT = /^(\d(_?\d)*(\.(\d(_?\d)*)?)?|\.\d(_?\d)*)([eE][+-]?\d(_?\d)*)?$/;
const HEXADECIMAL_FLOAT =
  /^0[xX](?=[._]?[0-9a-fA-F])((?:_?[0-9a-fA-F])*)(?:\.((?:[0-9a-fA-F](?:_?[0-9a-fA-F])*)?))?[pP]([+-]?\d(?:_?\d)*)$/;

/** The most digits of a number that fits, which is binary: longer ones are not computed. */
const MAX_DIGITS = 64;

function parseMagnitude(text: string): bigint | undefined {
  const plain = text.replaceAll('_', '');
  const isLong = plain.replace(/^0[xXoObB]?0*/, '').length > MAX_DIGITS;
  if (isLong) return Object.values(DIGITS).some((digits) => digits.test(text)) ? MAX_UINT64 + 1n : undefined;
  if (DIGITS.decimal.test(text) || DIGITS.hexadecimal.test(text) || DIGITS.binary.test(text)) return BigInt(plain);
  return DIGITS.octal.test(text) ? BigInt(`0o${plain.replace(/^0[oO]?/, '')}`) : undefined;
}

/** Rounded once, to even, also where numbers are denormal. */
function scaled(mantissa: bigint, exponent: number): number {
  const length = mantissa.toString(2).length;
  if (mantissa === 0n) return 0;
  if (length + exponent > 1024) return Number.POSITIVE_INFINITY;
  if (length + exponent < -1075) return 0;
  const lost = -1074 - exponent;
  if (lost <= 0 || length + exponent > -1021) return scaleExactly(Number(mantissa), exponent);
  const divisor = 1n << BigInt(lost);
  const twiceRest = (mantissa % divisor) * 2n;
  const whole = mantissa / divisor;
  const roundsUp = twiceRest > divisor || (twiceRest === divisor && whole % 2n === 1n);
  return Number(roundsUp ? whole + 1n : whole) * 2 ** -1074;
}

/** In two steps: neither power is beyond what a number holds. */
function scaleExactly(value: number, exponent: number): number {
  const half = Math.trunc(exponent / 2);
  return value * 2 ** half * 2 ** (exponent - half);
}

function parseHexadecimalFloat(text: string): number | undefined {
  const match = HEXADECIMAL_FLOAT.exec(text);
  if (match === null) return undefined;
  const [whole = '', fraction = '', exponent = '0'] = match.slice(1).map((part) => (part ?? '').replaceAll('_', ''));
  const bounded = Math.max(-100_000, Math.min(100_000, Number(exponent)));
  return scaled(BigInt(`0x0${whole}${fraction}`), bounded - fraction.length * 4);
}

/** @returns undefined also for what is too large */
function parseFloat64(text: string): number | undefined {
  const magnitude = text.replace(/^[+-]/, '');
  const value = DECIMAL_FLOAT.test(magnitude)
    ? Number(magnitude.replaceAll('_', ''))
    : parseHexadecimalFloat(magnitude);
  if (value === undefined || !Number.isFinite(value)) return undefined;
  return text.startsWith('-') ? -value : value;
}

function integerForms(text: string): NumberForms {
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  const magnitude = parseMagnitude(text.slice(sign.length));
  const none = { int: undefined, uint: undefined, float: undefined };
  if (magnitude === undefined || magnitude > MAX_UINT64) return none;
  const value = sign === '-' ? -magnitude : magnitude;
  const isInt = value <= MAX_INT64 && value >= -MAX_INT64 - 1n;
  const isUint = sign === '' || value === 0n;
  if (!isInt && !isUint) return none;
  return { int: isInt ? value : undefined, uint: isUint ? value : undefined, float: Number(value) };
}

function floatForms(text: string): NumberForms {
  const shown = quote(text);
  const float = parseFloat64(text);
  if (float === undefined) throw new TemplateFault(`illegal number syntax: ${shown}`);
  if (!/[.eEpP]/.test(text)) throw new TemplateFault(`integer overflow: ${shown}`);
  const whole = Number.isInteger(float) ? BigInt(float) : undefined;
  const isInt = whole !== undefined && whole <= MAX_INT64 && whole >= -MAX_INT64 - 1n;
  const isUint = whole !== undefined && whole <= MAX_UINT64 && whole >= 0n;
  return { int: isInt ? whole : undefined, uint: isUint ? whole : undefined, float };
}

/**
 * @param text as it is in the source
 * @throws TemplateFault for what is no number, or too large
 */
export function parseNumber(text: string): NumberForms {
  if (text.endsWith('i')) throw new TemplateFault(`complex numbers are not supported: ${quote(text)}`);
  const forms = integerForms(text);
  return forms.float === undefined ? floatForms(text) : forms;
}

/**
 * @param literal with its quotation marks
 * @throws TemplateFault for what is not one character
 */
export function parseCharacter(literal: GoString): NumberForms {
  const read = unquoteCharacter(literal);
  if (read === undefined) throw new TemplateFault('invalid syntax');
  if (!read.isWhole) throw new TemplateFault(`malformed character constant: ${goToText(literal)}`);
  return { int: BigInt(read.rune), uint: BigInt(read.rune), float: read.rune };
}

/** Whether the spelling makes it a float, where nothing asks for a type. */
export function isSpelledAsFloat(text: string): boolean {
  const isHexInt = /^0[xX]/.test(text) && text.length > 2 && !/[pP]/.test(text);
  return !isHexInt && !text.startsWith("'") && /[.eEpP]/.test(text);
}
