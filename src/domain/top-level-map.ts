import { type JsonNode, readJson, sourceOf } from './json-source.ts';

export type MapResult =
  | { readonly kind: 'map'; readonly entries: ReadonlyMap<string, string> }
  | { readonly kind: 'notObject' };

function textOf(node: JsonNode, source: string): string {
  if (node.kind === 'string') return node.text;
  return node.kind === 'null' ? '' : sourceOf(node, source);
}

/**
 * The root object's members as texts, for `dataFrom.extract` (upstream section 4.2): strings unquoted, everything
 * else as it stands in the source (1.0 stays 1.0), null as the empty text. A JSON `null` is the empty map.
 */
export function topLevelMap(source: string): MapResult {
  const root = readJson(source);
  if (root?.kind === 'null') return { kind: 'map', entries: new Map() };
  if (root?.kind !== 'object') return { kind: 'notObject' };
  return { kind: 'map', entries: new Map(root.members.map(([key, node]) => [key, textOf(node, source)])) };
}
