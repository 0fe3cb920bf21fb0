/** JSON into values, as Go's `encoding/json` decodes it into an `interface{}`: numbers become floats, nothing more. */

import { dict, type Execution, float64, type GoString, type GoValue, goString, list } from '../value.ts';
import { checkDepth, MAX_DEPTH } from './cost.ts';
import { toWellFormedText } from './runes.ts';

/** Work a byte of JSON makes is paid in steps. */
const BYTES_A_STEP = 64;

/** Names no part of the text, which may be a secret. */
export class JsonFault extends Error {
  override readonly name = 'JsonFault';
}

/** Brackets outside of strings; what is deeper than this would overflow the parser's stack. */
function checkNesting(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') at = stringEnd(text, at);
    else if (char === '[' || char === '{') depth++;
    else if (char === ']' || char === '}') depth--;
    if (depth > MAX_DEPTH) throw new JsonFault('exceeded max depth');
  }
}

function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function parse(text: string): unknown {
  checkNesting(text);
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    throw new JsonFault('invalid JSON');
  }
}

function toValue(json: unknown, depth: number): GoValue {
  checkDepth(depth);
  if (json === null || typeof json === 'boolean') return json;
  if (typeof json === 'string') return goString(json);
  if (typeof json === 'number') {
    if (!Number.isFinite(json)) throw new JsonFault('cannot unmarshal number into Go value of type float64');
    return float64(json);
  }
  if (Array.isArray(json)) return list(json.map((item) => toValue(item, depth + 1)));
  const entries = Object.entries(json ?? {}).map(([key, value]) => [goString(key), toValue(value, depth + 1)] as const);
  return dict(entries);
}

/** @throws JsonFault for what is no JSON */
export function decodeJson(text: GoString, execution: Execution): GoValue {
  execution.spend(Math.ceil(text.length / BYTES_A_STEP));
  return toValue(parse(toWellFormedText(text)), 0);
}
