/** Strings and bytes under each verb of a format. */

import { type Flags, pad, padding } from './format-flags.ts';
import { canBackquote, quote, quoteToAscii } from './quote.ts';
import { firstRunes } from './utf8.ts';

function truncated(text: string, flags: Flags): string {
  return flags.precision === undefined ? text : firstRunes(text, flags.precision);
}

export function formatText(text: string, flags: Flags): string {
  return pad(truncated(text, flags), flags);
}

/** The bytes in hexadecimal; the precision counts bytes. */
function formatHexBytes(text: string, flags: Flags, capitals: boolean): string {
  const shown = flags.precision === undefined ? text : text.slice(0, flags.precision);
  if (shown === '') return padding(flags, flags.width ?? 0);
  const prefix = flags.sharp ? (capitals ? '0X' : '0x') : '';
  const digits = Buffer.from(shown, 'latin1').toString('hex');
  const cased = capitals ? digits.toUpperCase() : digits;
  const bytes = flags.space ? (cased.match(/../g) ?? []).join(` ${prefix}`) : cased;
  return pad(prefix + bytes, flags);
}

function formatQuoted(text: string, flags: Flags): string {
  const shown = truncated(text, flags);
  if (flags.sharp && canBackquote(shown)) return pad(`\`${shown}\``, flags);
  return pad(flags.plus ? quoteToAscii(shown) : quote(shown), flags);
}

/** A string under a verb; undefined for a verb that takes none. */
export function formatStringVerb(text: string, verb: string, flags: Flags): string | undefined {
  switch (verb) {
    case 'v':
      return flags.sharpV ? formatQuoted(text, flags) : formatText(text, flags);
    case 's':
      return formatText(text, flags);
    case 'x':
      return formatHexBytes(text, flags, false);
    case 'X':
      return formatHexBytes(text, flags, true);
    case 'q':
      return formatQuoted(text, flags);
    default:
      return undefined;
  }
}
