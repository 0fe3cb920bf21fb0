/** What a path finds: a piece of JSON, and for a string its text. */

import { parseFloat64 } from '../strconv/number-text.ts';
import { plainDecimal } from '../strconv/plain-decimal.ts';
import { textBetweenQuotes, unescaped } from './json-string.ts';
import { isNumberAt, stringEnd, valueEnd } from './scan.ts';

export type Result =
  | { readonly kind: 'string'; readonly raw: string; readonly text: string }
  /** An object or array, with what follows it when it is the root of a text. */
  | { readonly kind: 'nested'; readonly raw: string }
  | { readonly kind: 'number' | 'true' | 'false' | 'null'; readonly raw: string };

/** What is not there. A null that is there has a source. */
export const NOTHING: Result = { kind: 'null', raw: '' };

export function exists({ kind, raw }: Result): boolean {
  return kind !== 'null' || raw !== '';
}

export function nested(raw: string): Result {
  return { kind: 'nested', raw };
}

export function isArray({ kind, raw }: Result): boolean {
  return kind === 'nested' && raw[0] === '[';
}

export function isObject({ kind, raw }: Result): boolean {
  return kind === 'nested' && raw[0] === '{';
}

const WORDS: Readonly<Record<string, 'true' | 'false' | 'null'>> = { t: 'true', f: 'false', n: 'null' };

/** The value from `start` to `end`, as they were found by scanning. */
export function resultAt(json: string, start: number, end: number): Result {
  const raw = json.slice(start, end);
  const first = raw.charAt(0);
  if (first === '"') return { kind: 'string', raw, text: textBetweenQuotes(raw.slice(1, -1)) };
  if (first === '{' || first === '[') return nested(raw);
  return { kind: isNumberAt(json, start) ? 'number' : (WORDS[first] ?? 'number'), raw };
}

/** The value at the root of a text. */
export function parse(json: string): Result {
  let start = 0;
  while (start < json.length && json.charAt(start) <= ' ') start += 1;
  const first = json.charAt(start);
  if (first === '{' || first === '[') return nested(json.slice(start));
  if (first === '"' && stringEnd(json, start + 1) === -1) {
    return { kind: 'string', raw: json.slice(start), text: textBetweenQuotes(json.slice(start + 1)) };
  }
  if (!/^["+\-0-9iINntf]/.test(first)) return NOTHING;
  return resultAt(json, start, valueEnd(json, start));
}

/** Zero for what is none. */
export function numberOf(raw: string): number {
  return parseFloat64(raw).value;
}

/** Integers as they stand, whatever their size; other numbers as plain decimals. */
function numberText(raw: string): string {
  if (/^-?\d*$/.test(raw)) return raw;
  const number = numberOf(raw);
  if (Number.isFinite(number)) return plainDecimal(number);
  if (Number.isNaN(number)) return 'NaN';
  return number > 0 ? '+Inf' : '-Inf';
}

export function textOf(result: Result): string {
  switch (result.kind) {
    case 'string':
      return result.text;
    case 'nested':
      return result.raw;
    case 'number':
      return numberText(result.raw);
    case 'null':
      return '';
    default:
      return result.kind;
  }
}

/** A number beyond all float64, of which gjson makes an infinity. */
export function isTooLarge({ kind, raw }: Result): boolean {
  return kind === 'number' && !parseFloat64(raw).isValid && !Number.isFinite(numberOf(raw));
}

/** Whether a string's text was cut off at something that JSON does not allow. */
export function isCut(result: Result): boolean {
  return result.kind === 'string' && result.raw.includes('\\') && !unescaped(result.raw.replace(/^"|"$/g, '')).isWhole;
}
