/** `decodingStrategy` and `nullBytePolicy` (upstream section 5), strict where Node's Buffer is lenient. */

import { SecretValue } from '../ports/secret-value.ts';

export type DecodingStrategy = 'None' | 'Base64' | 'Base64URL' | 'Auto';

const STANDARD = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const URL_SAFE = /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2}==|[A-Za-z0-9_-]{3}=)?$/;

/** Padded base64 of one alphabet; line breaks are ignored, as Go does. */
function decodeStrictly(
  value: SecretValue,
  alphabet: RegExp,
  encoding: 'base64' | 'base64url',
): SecretValue | undefined {
  const text = value.revealText().replace(/[\r\n]/g, '');
  return alphabet.test(text) ? SecretValue.fromBytes(Buffer.from(text, encoding)) : undefined;
}

/**
 * The decoded value, or undefined when it is not in the alphabet that was asked for.
 * `Auto` tries standard, then URL-safe, and otherwise takes the value as it is.
 */
export function decode(value: SecretValue, strategy: DecodingStrategy): SecretValue | undefined {
  switch (strategy) {
    case 'None':
      return value;
    case 'Base64':
      return decodeStrictly(value, STANDARD, 'base64');
    case 'Base64URL':
      return decodeStrictly(value, URL_SAFE, 'base64url');
    case 'Auto':
      return decodeStrictly(value, STANDARD, 'base64') ?? decodeStrictly(value, URL_SAFE, 'base64url') ?? value;
  }
}

export function hasNullByte(value: SecretValue): boolean {
  return value.revealBytes().includes(0);
}
