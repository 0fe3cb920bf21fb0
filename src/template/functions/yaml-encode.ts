/** Values as YAML, the way upstream goes: first to JSON, which is then read as YAML and written anew. */

import { formatFloat } from '../engine/format-float.ts';
import type { Execution, GoString, GoValue } from '../value.ts';
import { goString } from '../value.ts';
import { checkDepth, growthCheck, readingSteps } from './cost.ts';
import { encodeNumber } from './json-encode.ts';
import { hasJsonText, UnsupportedJson } from './json-text.ts';
import { isNil } from './nil.ts';
import { toWellFormedText } from './runes.ts';
import { emitYaml, type YamlNode } from './yaml-emit.ts';
import { compareKeys } from './yaml-key-order.ts';

const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;

/** Bytes of text that one step pays for: each is looked at many times. */
const BYTES_A_STEP = 8;

/** Characters that JSON may hold as they are, but YAML may not. */
const FORBIDDEN = /[\x7f-\x84\x86-\x9f\ufffe\uffff]/;

/** Read as YAML, a next-line character in quotes is a line that is folded, with the spaces around it. */
const NEXT_LINES = / *\x85(?: *\x85)* */g;

function folded(run: string): string {
  const count = run.replaceAll(' ', '').length;
  return count === 1 ? ' ' : '\n'.repeat(count - 1);
}

/** @throws UnsupportedJson */
function textOf(bytes: GoString): string {
  const text = toWellFormedText(bytes);
  if (FORBIDDEN.test(text)) throw new UnsupportedJson('yaml: control characters are not allowed');
  return text.replaceAll(NEXT_LINES, folded);
}

/** What JSON writes as a whole number that fits 64 bits stays one; the rest is a float. */
function numberText(json: string): string {
  if (!/^-?[0-9]+$/.test(json)) return formatFloat(Number(json), 'g', -1, 64);
  const integer = json.length > 20 ? MAX_UINT64 + 1n : BigInt(json);
  const fits = integer >= MIN_INT64 && integer <= MAX_UINT64;
  return fits ? String(integer) : formatFloat(Number(json), 'g', -1, 64);
}

type Entries = Iterable<readonly [string, GoValue]>;

function toMapping(entries: Entries, execution: Execution, depth: number): YamlNode {
  const nodes = new Map<string, YamlNode>();
  for (const [key, value] of entries) nodes.set(textOf(key as GoString), toNode(value, execution, depth + 1));
  const sorted = [...nodes]
    .map(([key, node]) => ({ runes: Array.from(key, (char) => char.codePointAt(0) ?? 0), entry: [key, node] as const }))
    .toSorted((a, b) => compareKeys(a.runes, b.runes));
  return { kind: 'mapping', entries: sorted.map(({ entry }) => entry) };
}

function toNode(value: GoValue, execution: Execution, depth: number): YamlNode {
  checkDepth(depth);
  execution.spend(1 + readingSteps(value));
  if (typeof value === 'string') {
    execution.spend(Math.ceil(value.length / BYTES_A_STEP));
    return { kind: 'text', text: textOf(value) };
  }
  if (value === null || typeof value === 'boolean' || isNil(value)) {
    return { kind: 'plain', text: isNil(value) ? 'null' : String(value) };
  }
  if ('value' in value) return { kind: 'plain', text: numberText(encodeNumber(value)) };
  if (value.kind === 'slice') {
    return { kind: 'sequence', items: value.items.map((item) => toNode(item, execution, depth + 1)) };
  }
  if (value.kind === 'map') return toMapping(value.entries, execution, depth);
  if (hasJsonText(value)) return { kind: 'text', text: textOf(value.jsonText()) };
  return toMapping(value.fields, execution, depth);
}

/** @throws UnsupportedJson */
export function encodeYaml(value: GoValue, execution: Execution): GoString {
  return goString(emitYaml(toNode(value, execution, 0), growthCheck(execution)));
}
