/** Writes DER (X.690): each function gives one whole element. */

import { TAG } from './der-read.ts';

export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Uint8Array.of(tag, ...lengthOctets(length)), ...parts]);
}

export function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return der(TAG.sequence, ...parts);
}

/** Of one element, or of elements that the caller has sorted. */
export function set(...parts: readonly Uint8Array[]): Uint8Array {
  return der(TAG.set, ...parts);
}

export function explicit(tagNumber: number, content: Uint8Array): Uint8Array {
  return der(TAG.context0 | tagNumber, content);
}

/** A context tag in the place of a primitive type's own. */
export function implicitPrimitive(tagNumber: number, content: Uint8Array): Uint8Array {
  return der(TAG.context0Primitive | tagNumber, content);
}

export function octetString(content: Uint8Array): Uint8Array {
  return der(TAG.octetString, content);
}

export function bitString(content: Uint8Array, unusedBits = 0): Uint8Array {
  return der(TAG.bitString, Uint8Array.of(unusedBits), content);
}

export function boolean(value: boolean): Uint8Array {
  return der(TAG.boolean, Uint8Array.of(value ? 0xff : 0));
}

export function nothing(): Uint8Array {
  return der(TAG.nothing);
}

/** @param magnitude a number from 0 up, big-endian */
export function unsignedInteger(magnitude: Uint8Array): Uint8Array {
  const start = magnitude.findIndex((byte) => byte !== 0);
  const digits = start === -1 ? Uint8Array.of(0) : magnitude.subarray(start);
  return (digits[0] ?? 0) >= 0x80 ? der(TAG.integer, Uint8Array.of(0), digits) : der(TAG.integer, digits);
}

/** @param value from 0 to 2^32 - 1 */
export function integer(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return unsignedInteger(bytes);
}

/** @param dotted such as `2.5.29.15` */
export function oid(dotted: string): Uint8Array {
  const [root = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(TAG.oid, Uint8Array.from([root * 40 + second, ...rest].flatMap(base128)));
}

function base128(arc: number): number[] {
  const digits = [arc % 128];
  for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift((left % 128) | 0x80);
  return digits;
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const digits: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) digits.unshift(left % 256);
  return [0x80 | digits.length, ...digits];
}
