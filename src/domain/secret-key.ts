/** Keys of a Secret's data: which are valid, and how `conversionStrategy` makes them so (upstream section 5). */

export type ConversionStrategy = 'Default' | 'Unicode';

/** https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data */
const MAX_KEY_BYTES = 253;
const KEPT = /[\p{L}\p{N}._-]/u;

/** Each character that is no letter, number, `-`, `.` or `_` becomes `_`, or `_U<hex>_` under `Unicode`. */
export function convertKey(key: string, strategy: ConversionStrategy): string {
  let converted = '';
  for (const character of key) {
    if (KEPT.test(character)) converted += character;
    else converted += strategy === 'Unicode' ? unicodeEscape(character) : '_';
  }
  return converted;
}

function unicodeEscape(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  return `_U${point.toString(16).padStart(4, '0')}_`;
}

/** What is wrong with a key, or undefined. Letters outside ASCII are refused here, as the API server would later. */
export function keyProblem(key: string): string | undefined {
  const bytes = Buffer.byteLength(key);
  if (bytes > MAX_KEY_BYTES) {
    return `the key "${key.slice(0, 40)}..." has ${bytes} bytes; a Secret's key has at most ${MAX_KEY_BYTES}`;
  }
  const bad = /[^-._a-zA-Z0-9]/u.exec(key)?.[0];
  if (bad !== undefined) {
    return `the key "${key}" has the invalid character "${bad}"; only letters, digits, '-', '.' and '_' are allowed`;
  }
  if (key === '.' || key === '..') return `the key "${key}" is reserved`;
  return key.startsWith('..') ? `the key "${key}" begins with "..", which Kubernetes refuses` : undefined;
}
