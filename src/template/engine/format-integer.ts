/** Integers under each verb of a format. */

import { type Flags, pad, padding } from './format-flags.ts';
import { quoteRune } from './quote.ts';
import { isPrint } from './unicode.ts';
import { encodeRune, MAX_RUNE, RUNE_ERROR } from './utf8.ts';

type Base = 2 | 8 | 10 | 16;

function leadingZeros(flags: Flags, hasSign: boolean): number {
  if (flags.precision !== undefined) return flags.precision;
  if (!flags.zero || flags.minus || flags.width === undefined) return 0;
  return hasSign ? flags.width - 1 : flags.width;
}

function prefixed(digits: string, base: Base, flags: Flags, verb: string): string {
  let text = digits;
  if (flags.sharp && base === 2) text = `0b${text}`;
  if (flags.sharp && base === 8 && !text.startsWith('0')) text = `0${text}`;
  if (flags.sharp && base === 16) text = `0${verb === 'X' ? 'X' : 'x'}${text}`;
  return verb === 'O' ? `0o${text}` : text;
}

function signOf(negative: boolean, flags: Flags): string {
  if (negative) return '-';
  if (flags.plus) return '+';
  return flags.space ? ' ' : '';
}

/** @param verb only tells capitals (`X`) and the prefix `0o` (`O`) */
export function formatInteger(value: bigint, base: Base, flags: Flags, verb: string): string {
  if (flags.precision === 0 && value === 0n) return padding(flags, flags.width ?? 0, false);
  const negative = value < 0n;
  const sign = signOf(negative, flags);
  const plain = (negative ? -value : value).toString(base).padStart(leadingZeros(flags, sign !== ''), '0');
  const digits = verb === 'X' ? plain.toUpperCase() : plain;
  return pad(sign + prefixed(digits, base, flags, verb), flags, false);
}

/** An unsigned number as `0x2a` or `2a`, whatever the sharp flag says. */
export function formatHexadecimal(value: bigint, leading0x: boolean, flags: Flags): string {
  return formatInteger(value, 16, { ...flags, sharp: leading0x }, 'v');
}

function runeOf(value: bigint): number {
  return value < 0n || value > BigInt(MAX_RUNE) ? RUNE_ERROR : Number(value);
}

function formatUnicode(value: bigint, flags: Flags): string {
  const unsigned = BigInt.asUintN(64, value);
  const digits = unsigned
    .toString(16)
    .toUpperCase()
    .padStart(Math.max(flags.precision ?? 4, 4), '0');
  const isShown = flags.sharp && unsigned <= BigInt(MAX_RUNE) && isPrint(Number(unsigned));
  const character = isShown ? ` '${encodeRune(Number(unsigned))}'` : '';
  return pad(`U+${digits}${character}`, flags, false);
}

/** An integer under a verb; undefined for a verb that takes none. */
export function formatIntegerVerb(value: bigint, isSigned: boolean, verb: string, flags: Flags): string | undefined {
  switch (verb) {
    case 'v':
      if (flags.sharpV && !isSigned) return formatHexadecimal(value, true, flags);
      return formatInteger(value, 10, flags, verb);
    case 'd':
      return formatInteger(value, 10, flags, verb);
    case 'b':
      return formatInteger(value, 2, flags, verb);
    case 'o':
    case 'O':
      return formatInteger(value, 8, flags, verb);
    case 'x':
    case 'X':
      return formatInteger(value, 16, flags, verb);
    case 'c':
      return pad(encodeRune(runeOf(value)), flags);
    case 'q':
      return pad(quoteRune(runeOf(value), flags.plus), flags);
    case 'U':
      return formatUnicode(value, flags);
    default:
      return undefined;
  }
}
