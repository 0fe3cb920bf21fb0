/** YAML scalars with a tag that says what they are. */

import { conversionFault } from './yaml-fault.ts';
import { type ResolvedScalar, resolveScalar, type ScalarTag } from './yaml-scalar.ts';

const PREFIX = 'tag:yaml.org,2002:';

const RESOLVABLE: ReadonlySet<string> = new Set(['bool', 'int', 'float', 'null', 'timestamp']);

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function binary(text: string): ResolvedScalar {
  const encoded = text.replaceAll(/[\r\n]/g, '');
  if (!BASE64.test(encoded)) throw conversionFault('yaml: !!binary value contains invalid base64 data');
  return { tag: 'str', value: Buffer.from(encoded, 'base64').toString('utf8') };
}

/** Tags of one's own make any scalar a text. @throws YamlFault for a text that the tag does not fit */
export function resolveTagged(tag: string, text: string): ResolvedScalar {
  const name = tag.startsWith(PREFIX) ? tag.slice(PREFIX.length) : tag.replace(/^!!/, '');
  if (name === 'binary') return binary(text);
  if (!RESOLVABLE.has(name)) return { tag: 'str', value: text };
  const resolved = resolveScalar(text);
  if (resolved.tag === name) return resolved;
  if (name === 'float' && resolved.tag === 'int') return { tag: 'float', value: Number(resolved.value) };
  const found: ScalarTag = resolved.tag;
  throw conversionFault(`yaml: cannot decode !!${found} \`${text}\` as a !!${name}`);
}
