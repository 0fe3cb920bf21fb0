/**
 * JSON as Go's `encoding/json` reads it into an `any`: every number is a float64, the last of two equal keys wins. What is
 * lost on the way is lost in Go too, and manifests rely on its text.
 */

import type { GoJson } from '../ports/go-json.ts';
import { type JsonNode, readJson, sourceOf } from './json-source.ts';

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
