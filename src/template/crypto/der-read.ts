/** Reads DER (X.690): strictly, so that what is accepted has one meaning; elements are views, nothing is copied. */

import { TemplateFault } from '../value.ts';

/** Identifier octets; `[0]` and `[1]` are context tags, constructed unless their name says otherwise. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  nothing: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  t61String: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
  context0: 0xa0,
  context0Primitive: 0x80,
  context3: 0xa3,
} as const;

export interface Der {
  readonly tag: number;
  readonly content: Uint8Array;
  /** With its identifier and length. */
  readonly whole: Uint8Array;
}

/** A sequence's elements, taken one after the other. */
export interface Fields {
  /** @throws TemplateFault when the next element has another tag, or there is none */
  take(tag: number): Der;
  takeAny(): Der;
  /** The next element, when it has this tag. */
  optional(tag: number): Der | undefined;
}

/** @throws TemplateFault when the bytes are not one element and nothing else */
export function readDer(bytes: Uint8Array, tag?: number): Der {
  const der = elementAt(bytes, 0);
  if (der.whole.length !== bytes.length) throw new TemplateFault('malformed DER: there is more after the end');
  return tag === undefined ? der : expectTag(der, tag);
}

/** @throws TemplateFault */
export function elements(parent: Der): Der[] {
  const found: Der[] = [];
  for (let at = 0; at < parent.content.length; ) {
    const der = elementAt(parent.content, at);
    found.push(der);
    at += der.whole.length;
  }
  return found;
}

/** @throws TemplateFault */
export function fieldsOf(parent: Der): Fields {
  const parts = elements(parent);
  let next = 0;
  const takeAny = (): Der => {
    const der = parts[next];
    if (der === undefined) throw new TemplateFault('malformed DER: an element is missing');
    next += 1;
    return der;
  };
  return {
    takeAny,
    take: (tag) => expectTag(takeAny(), tag),
    optional: (tag) => (parts[next]?.tag === tag ? takeAny() : undefined),
  };
}

/** The one element inside, such as that of an explicit tag. @throws TemplateFault */
export function inside(parent: Der, tag?: number): Der {
  return readDer(parent.content, tag);
}

/** In dotted form. @throws TemplateFault */
export function oidOf(der: Der): string {
  expectTag(der, TAG.oid);
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of der.content) {
    arc = arc * 128 + (byte & 0x7f);
    if (!Number.isSafeInteger(arc)) throw new TemplateFault('malformed DER: an object identifier is too large');
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const first = arcs[0];
  if (first === undefined || (der.content.at(-1) ?? 0) >= 0x80) {
    throw new TemplateFault('malformed DER: an object identifier is cut off');
  }
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...arcs.slice(1)].join('.');
}

/** For versions and counts: what is negative or above 2^31 is refused. @throws TemplateFault */
export function smallIntegerOf(der: Der): number {
  expectTag(der, TAG.integer);
  const { content } = der;
  const value = content.length > 4 ? Number.NaN : content.reduce((sum, byte) => sum * 256 + byte, 0);
  if (content.length === 0 || (content[0] ?? 0) >= 0x80 || !(value < 2 ** 31)) {
    throw new TemplateFault('malformed DER: a number is out of range');
  }
  return value;
}

/** @throws TemplateFault */
export function octetsOf(der: Der): Uint8Array {
  return expectTag(der, TAG.octetString).content;
}

function expectTag(der: Der, tag: number): Der {
  if (der.tag !== tag) {
    throw new TemplateFault(`malformed DER: expected tag 0x${tag.toString(16)}, got 0x${der.tag.toString(16)}`);
  }
  return der;
}

function elementAt(bytes: Uint8Array, at: number): Der {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) throw new TemplateFault('malformed DER: it is cut off');
  if ((tag & 0x1f) === 0x1f) throw new TemplateFault('malformed DER: a tag is too large');
  const { length, size } = lengthAt(bytes, at + 1, first);
  const start = at + 1 + size;
  if (start + length > bytes.length) throw new TemplateFault('malformed DER: it is cut off');
  return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) };
}

function lengthAt(bytes: Uint8Array, at: number, first: number): { length: number; size: number } {
  if (first < 0x80) return { length: first, size: 1 };
  const count = first & 0x7f;
  if (count === 0) throw new TemplateFault('malformed DER: an indefinite length (the file is BER)');
  const digits = bytes.subarray(at + 1, at + 1 + count);
  const length = digits.reduce((sum, byte) => sum * 256 + byte, 0);
  const isShortest = length >= 0x80 && digits[0] !== 0;
  if (count > 4 || digits.length < count || !isShortest) throw new TemplateFault('malformed DER: a length is wrong');
  return { length, size: 1 + count };
}
