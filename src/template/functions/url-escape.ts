/** Percent-encoding of the parts of a URL, each with its own set of characters that stand for themselves. */

export type UrlPart = 'path' | 'user' | 'host' | 'zone' | 'fragment';

/** A URL that cannot be read. Says nothing of its text, which may hold a password. */
export class InvalidUrl extends Error {
  override readonly name = 'InvalidUrl';
}

const UNRESERVED = /[A-Za-z0-9_.~-]/;

const PLAIN: { readonly [P in UrlPart]: string } = {
  path: '$&+,/:;=@',
  user: '$&+,;=',
  host: '!$&\'()*+,;=:[]<>"',
  zone: '!$&\'()*+,;=:[]<>"',
  fragment: '$&+,/:;=?@!()*',
};

const ESCAPE = /%([0-9A-Fa-f]{2})/g;

function isPlain(char: string, part: UrlPart): boolean {
  return UNRESERVED.test(char) || PLAIN[part].includes(char);
}

export function escapePart(text: string, part: UrlPart): string {
  let escaped = '';
  for (const char of text) {
    const code = char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');
    escaped += isPlain(char, part) ? char : `%${code}`;
  }
  return escaped;
}

/** In a host only bytes beyond ASCII may be encoded, in a zone what could stand there plainly, and the space. */
function isAllowedEscape(sequence: string, part: UrlPart): boolean {
  const code = Number.parseInt(sequence.slice(1), 16);
  if (sequence === '%25' || code >= 0x80) return true;
  if (part === 'host') return false;
  return part !== 'zone' || code === 0x20 || isPlain(String.fromCharCode(code), 'host');
}

/** @throws InvalidUrl */
export function unescapePart(text: string, part: UrlPart): string {
  const rest = text.replaceAll(ESCAPE, (sequence) => {
    if (!isAllowedEscape(sequence, part)) throw new InvalidUrl();
    return '';
  });
  if (rest.includes('%')) throw new InvalidUrl();
  const isHost = part === 'host' || part === 'zone';
  const isBad = (char: string): boolean => char.charCodeAt(0) < 0x80 && !isPlain(char, part);
  if (isHost && [...rest].some(isBad)) throw new InvalidUrl();
  return text.replaceAll(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
