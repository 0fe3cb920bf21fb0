/** Values as JSON, as Go's `encoding/json` writes them: keys sorted, no spaces unless pretty. */

import { formatFloat } from '../engine/format-float.ts';
import { type DecodedRune, decodeRune, RUNE_ERROR } from '../engine/utf8.ts';
import type { Execution, GoFloat, GoInt, GoMap, GoObject, GoSlice, GoString, GoValue } from '../value.ts';
import { checkDepth, growthCheck, readingSteps } from './cost.ts';
import { hasJsonText, UnsupportedJson } from './json-text.ts';
import { isNil } from './nil.ts';

export interface JsonStyle {
  /** `<`, `>` and `&` as escapes, so that the text may stand in HTML. */
  readonly escapesHtml: boolean;
  /** Before each level; none for one line. */
  readonly indent: string;
}

const SHORT_ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
  [0x22, '\\"'],
  [0x5c, '\\\\'],
]);

const PLAIN = /^[ !#-[\]-~]*$/;
const HTML = /[<>&]/;
const LINE_SEPARATORS = [0x2028, 0x2029];

function unicodeEscape(rune: number): string {
  return `\\u${rune.toString(16).padStart(4, '0')}`;
}

function escapedAscii(rune: number, escapesHtml: boolean): string {
  const short = SHORT_ESCAPES.get(rune);
  if (short !== undefined) return short;
  const char = String.fromCharCode(rune);
  return rune < 0x20 || (escapesHtml && HTML.test(char)) ? unicodeEscape(rune) : char;
}

function encodeRune(text: string, at: number, { rune, size }: DecodedRune, escapesHtml: boolean): string {
  if (rune < 0x80) return escapedAscii(rune, escapesHtml);
  if (rune === RUNE_ERROR && size === 1) return '\\ufffd';
  return LINE_SEPARATORS.includes(rune) ? unicodeEscape(rune) : text.slice(at, at + size);
}

function encodeString(text: string, escapesHtml: boolean): string {
  if (PLAIN.test(text) && !(escapesHtml && HTML.test(text))) return `"${text}"`;
  let encoded = '"';
  for (let at = 0; at < text.length; ) {
    const decoded = decodeRune(text, at);
    encoded += encodeRune(text, at, decoded, escapesHtml);
    at += decoded.size;
  }
  return `${encoded}"`;
}

/** JavaScript writes numbers as Go's encoder does, but for the sign of zero. */
export function encodeNumber(number: GoInt | GoFloat): string {
  if (typeof number.value === 'bigint') return String(number.value);
  if (!Number.isFinite(number.value))
    throw new UnsupportedJson(`json: unsupported value: ${formatFloat(number.value, 'g', -1, 64)}`);
  if (number.kind === 'float32') return encodeFloat32(number.value);
  return Object.is(number.value, -0) ? '-0' : String(number.value);
}

function encodeFloat32(value: number): string {
  for (let digits = 1; digits <= 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(value);
}

interface Writer {
  readonly style: JsonStyle;
  readonly execution: Execution;
  readonly write: (text: string) => void;
}

function lineStart(style: JsonStyle, depth: number): string {
  return style.indent === '' ? '' : `\n${style.indent.repeat(depth)}`;
}

function encodeParts<T>(
  writer: Writer,
  brackets: string,
  parts: readonly T[],
  depth: number,
  encodePart: (part: T) => void,
): void {
  writer.write(brackets.charAt(0));
  for (const [i, part] of parts.entries()) {
    writer.write(`${i > 0 ? ',' : ''}${lineStart(writer.style, depth + 1)}`);
    encodePart(part);
  }
  writer.write(`${parts.length > 0 ? lineStart(writer.style, depth) : ''}${brackets.charAt(1)}`);
}

function encodeSlice(writer: Writer, slice: GoSlice, depth: number): void {
  if (isNil(slice)) writer.write('null');
  else if (slice.type === '[]uint8') writer.write(`"${base64Of(slice)}"`);
  else encodeParts(writer, '[]', slice.items, depth, (item) => encode(writer, item, depth + 1));
}

function base64Of(slice: GoSlice): string {
  const bytes = slice.items.map((item) =>
    item !== null && typeof item === 'object' && item.kind === 'uint8' ? Number(item.value) : 0,
  );
  return Buffer.from(bytes).toString('base64');
}

function encodeEntries(writer: Writer, entries: readonly (readonly [string, GoValue])[], depth: number): void {
  const separator = writer.style.indent === '' ? ':' : ': ';
  encodeParts(writer, '{}', entries, depth, ([key, value]) => {
    writer.write(encodeString(key, writer.style.escapesHtml) + separator);
    encode(writer, value, depth + 1);
  });
}

function encodeMap(writer: Writer, map: GoMap, depth: number): void {
  if (isNil(map)) writer.write('null');
  else
    encodeEntries(
      writer,
      [...map.entries].toSorted(([a], [b]) => (a < b ? -1 : Number(a > b))),
      depth,
    );
}

/** Times and versions write themselves as text; a struct writes its fields. */
function encodeObject(writer: Writer, object: GoObject, depth: number): void {
  if (isNil(object)) writer.write('null');
  else if (hasJsonText(object)) writer.write(encodeString(object.jsonText(), writer.style.escapesHtml));
  else encodeEntries(writer, [...object.fields], depth);
}

function encode(writer: Writer, value: GoValue, depth: number): void {
  checkDepth(depth);
  writer.execution.spend(1 + readingSteps(value));
  if (value === null || typeof value === 'boolean') writer.write(String(value));
  else if (typeof value === 'string') writer.write(encodeString(value, writer.style.escapesHtml));
  else if (value.kind === 'slice') encodeSlice(writer, value, depth);
  else if (value.kind === 'map') encodeMap(writer, value, depth);
  else if ('value' in value) writer.write(encodeNumber(value));
  else encodeObject(writer, value, depth);
}

/** @throws UnsupportedJson */
export function encodeJson(value: GoValue, style: JsonStyle, execution: Execution): GoString {
  let text = '';
  const check = growthCheck(execution);
  const write = (part: string): void => {
    text += part;
    check(text.length);
  };
  encode({ style, execution, write }, value, 0);
  return text as GoString;
}
