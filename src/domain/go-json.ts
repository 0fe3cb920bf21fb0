/**
 * JSON as Go's `encoding/json` reads it into an `any` and writes it again: every number is a float64, the last of two equal
 * keys wins, keys are sorted by their bytes. What is lost on the way is lost in Go too, and manifests rely on its text.
 */

import { type JsonNode, readJson, sourceOf } from './json-source.ts';

export type GoJson = null | boolean | number | string | readonly GoJson[] | GoJsonObject;
export type GoJsonObject = ReadonlyMap<string, GoJson>;

/** A number that a float64 cannot hold; carries no part of the source, which is a secret. */
class TooLarge extends Error {}

function numberOf(literal: string): number {
  const number = Number(literal);
  if (!Number.isFinite(number)) throw new TooLarge();
  return number;
}

function valueIn(node: JsonNode, source: string): GoJson {
  switch (node.kind) {
    case 'object':
      return new Map(node.members.map(([key, member]) => [key.toWellFormed(), valueIn(member, source)]));
    case 'array':
      return node.items.map((item) => valueIn(item, source));
    case 'string':
      return node.text.toWellFormed();
    case 'number':
      return numberOf(sourceOf(node, source));
    case 'null':
      return null;
    default:
      return node.kind === 'true';
  }
}

/** Undefined when `source` is not JSON, or has a number that Go refuses. */
export function decodeGoJson(source: string): GoJson | undefined {
  const root = readJson(source);
  if (root === undefined) return undefined;
  try {
    return valueIn(root, source);
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}

/** As Go compares strings: by their UTF-8 bytes, where JavaScript compares UTF-16 units. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function encodeString(text: string, escaped: RegExp): string {
  return JSON.stringify(text).replace(escaped, unicodeEscape);
}

const ALWAYS_ESCAPED = /[\u2028\u2029]/g;
const ESCAPED_FOR_HTML = /[<>&\u2028\u2029]/g;

/** @param escapesHtml as `json.Marshal` does, and an encoder with `SetEscapeHTML(false)` does not */
export function encodeGoJson(value: GoJson, escapesHtml: boolean): string {
  const escaped = escapesHtml ? ESCAPED_FOR_HTML : ALWAYS_ESCAPED;
  const encode = (part: GoJson): string => {
    if (typeof part === 'string') return encodeString(part, escaped);
    if (typeof part === 'number') return Object.is(part, -0) ? '-0' : String(part);
    if (part === null || typeof part === 'boolean') return String(part);
    if (!(part instanceof Map)) return `[${[...part].map(encode).join(',')}]`;
    const members = [...part].toSorted(([a], [b]) => compareBytes(a, b));
    return `{${members.map(([key, member]) => `${encodeString(key, escaped)}:${encode(member)}`).join(',')}}`;
  };
  return encode(value);
}
