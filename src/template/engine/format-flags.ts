/** The flags, width and precision of one verb of a format, and the padding that follows from them. */

import { runeCount } from './utf8.ts';

export interface Flags {
  minus: boolean;
  plus: boolean;
  sharp: boolean;
  space: boolean;
  zero: boolean;
  /** `%+v`: names the fields of structs. */
  plusV: boolean;
  /** `%#v`: Go's syntax. */
  sharpV: boolean;
  width: number | undefined;
  precision: number | undefined;
}

export function noFlags(): Flags {
  return {
    minus: false,
    plus: false,
    sharp: false,
    space: false,
    zero: false,
    plusV: false,
    sharpV: false,
    width: undefined,
    precision: undefined,
  };
}

/** Padding with zeros is only ever on the left. */
export function padding(flags: Flags, length: number, zero = flags.zero): string {
  if (length <= 0) return '';
  return (zero && !flags.minus ? '0' : ' ').repeat(length);
}

/** Pads to the width, which counts characters. */
export function pad(text: string, flags: Flags, zero = flags.zero): string {
  if (flags.width === undefined || flags.width === 0) return text;
  const fill = padding(flags, flags.width - runeCount(text), zero);
  return flags.minus ? text + fill : fill + text;
}
