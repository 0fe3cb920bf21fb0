/** UTF-8 in texts whose characters are bytes, taken apart as Go does: a byte that is part of no rune stands alone. */

export const RUNES =
  /[^\x80-\xff]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;

/** U+FFFD, which stands for such a byte. */
export const RUNE_ERROR = '\xef\xbf\xbd';

/** Whether one of {@link RUNES} is a rune, and not a byte that stands alone. */
export function isRune(rune: string): boolean {
  return rune.length > 1 || rune < '\x80';
}
