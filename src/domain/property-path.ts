/** `remoteRef.property`: which part of a JSON secret is meant, and as which text (upstream section 4.1). */

import { type JsonNode, readJson, sourceOf } from './json-source.ts';
import { plainDecimal } from '../strconv/plain-decimal.ts';

export type PropertyResult =
  | { readonly kind: 'found'; readonly text: string }
  | { readonly kind: 'notJson' }
  | { readonly kind: 'missing' }
  /** The path uses a part of the gjson language that is not implemented. */
  | { readonly kind: 'unsupported'; readonly syntax: string };

/** Segments of a dotted path; `\.` and `\\` stand for the characters themselves. */
export function splitPath(path: string): readonly string[] {
  const segments: string[] = [''];
  for (let at = 0; at < path.length; at += 1) {
    const character = path[at] ?? '';
    const last = segments.length - 1;
    if (character === '.') segments.push('');
    else if (character === '\\' && at + 1 < path.length) {
      at += 1;
      segments[last] = `${segments[last]}${path[at]}`;
    } else segments[last] = `${segments[last]}${character}`;
  }
  return segments;
}

/** An `@` in front of any other word is a part of a key, as in gjson. */
const MODIFIER = '@(?:dig|flatten|fromstr|group|join|keys|pretty|reverse|this|tostr|ugly|valid|values)(?=[.:|]|$)';
const ADVANCED = new RegExp(`(?<!\\\\)[*?#|]|(?:^|(?<=(?<!\\\\)\\.))(?:[!{[]|${MODIFIER})`);

/** gjson's wildcards, queries, pipes, modifiers and multipaths, which a plain path does not have. */
function advancedSyntax(path: string): string | undefined {
  return ADVANCED.exec(path)?.[0];
}

/** The first member of that name wins, as in gjson. */
function memberOf(node: JsonNode, name: string): JsonNode | undefined {
  if (node.kind === 'object') return node.members.find(([key]) => key === name)?.[1];
  if (node.kind === 'array' && /^\d+$/.test(name)) return node.items[Number(name)];
  return undefined;
}

function descend(root: JsonNode, segments: readonly string[]): JsonNode | undefined {
  return segments.reduce<JsonNode | undefined>((node, name) => node && memberOf(node, name), root);
}

/** Integers verbatim whatever their size; other numbers as plain decimals: 1.0 is 1, 1e3 is 1000, 1.50 is 1.5. */
function numberText(literal: string): string {
  const number = Math.abs(Number(literal));
  if (/^-?\d+$/.test(literal) || !Number.isFinite(number)) return literal;
  return `${literal.startsWith('-') ? '-' : ''}${plainDecimal(number)}`;
}

function textOf(node: JsonNode, source: string): string {
  switch (node.kind) {
    case 'string':
      return node.text;
    case 'number':
      return numberText(sourceOf(node, source));
    case 'null':
      return '';
    default:
      return sourceOf(node, source);
  }
}

/**
 * The text of `path` in the JSON text `source`. A root key that is spelled like the whole path wins over nesting.
 * Strings come unescaped; objects and arrays as they stand in the source; null as the empty text.
 */
export function propertyText(source: string, path: string): PropertyResult {
  const root = readJson(source);
  if (root === undefined) return { kind: 'notJson' };
  const literal = memberOf(root, path);
  if (literal !== undefined) return { kind: 'found', text: textOf(literal, source) };
  const syntax = advancedSyntax(path);
  if (syntax !== undefined) return { kind: 'unsupported', syntax };
  const node = descend(root, splitPath(path));
  return node === undefined ? { kind: 'missing' } : { kind: 'found', text: textOf(node, source) };
}

export type MapResult =
  | { readonly kind: 'map'; readonly entries: ReadonlyMap<string, string> }
  | { readonly kind: 'notObject' };

/**
 * The root object's members as texts, for `dataFrom.extract` (upstream section 4.2): strings unquoted, everything
 * else as it stands in the source (1.0 stays 1.0), null as the empty text. A JSON `null` is the empty map.
 */
export function topLevelMap(source: string): MapResult {
  const root = readJson(source);
  if (root?.kind === 'null') return { kind: 'map', entries: new Map() };
  if (root?.kind !== 'object') return { kind: 'notObject' };
  const entries = new Map<string, string>();
  for (const [key, node] of root.members) {
    entries.set(key, node.kind === 'number' ? sourceOf(node, source) : textOf(node, source));
  }
  return { kind: 'map', entries };
}
