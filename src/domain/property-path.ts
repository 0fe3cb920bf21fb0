/** `remoteRef.property`: which part of a secret is meant, and as which text (upstream section 4.1). */

import { type Effort, type Finding, findText } from '../gjson/gjson.ts';
import { readJson } from './json-source.ts';

export type PropertyResult =
  | { readonly kind: 'found'; readonly text: Uint8Array }
  | { readonly kind: 'notJson' }
  | { readonly kind: 'missing' };

/**
 * A key that is spelled like the path, dots and all, wins over nesting. Upstream asks by escaping every dot, wherever it
 * stands: a multipath with dots in it always exists that way, and never has what is nested (`{a|b}` has).
 */
function find(source: Uint8Array, path: string, effort: Effort): Finding {
  const literal = path.includes('.') ? findText(source, path.replaceAll('.', '\\.'), effort) : undefined;
  return literal === undefined || literal.kind === 'missing' ? findText(source, path, effort) : literal;
}

function isJson(source: Uint8Array): boolean {
  return readJson(Buffer.from(source).toString('utf8')) !== undefined;
}

/**
 * The text of what `path`, which is gjson's, finds in the JSON text `source`. A secret that is not quite JSON (a trailing
 * comma, a line break inside a string) serves as far as gjson finds its way through it, as it does upstream.
 * @throws GjsonLimitExceeded
 */
export function propertyText(source: Uint8Array, path: string, effort: Effort): PropertyResult {
  const finding = find(source, path, effort);
  if (finding.kind === 'found') return finding;
  return finding.kind === 'missing' && (path.startsWith('..') || isJson(source))
    ? { kind: 'missing' }
    : { kind: 'notJson' };
}
