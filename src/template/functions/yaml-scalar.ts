/** What a plain YAML scalar stands for, by the rules of YAML 1.1 as the library go-yaml 2.4 has them. */

import { parseFloatText, parseIntegerWithPrefix } from '../../strconv/number-text.ts';
import { parseTime } from './time-parse.ts';

export type ScalarTag = 'str' | 'bool' | 'int' | 'float' | 'null' | 'timestamp';

export interface ResolvedScalar {
  readonly tag: ScalarTag;
  /** A bigint for an integer; the text itself for strings and timestamps. */
  readonly value: string | boolean | bigint | number | null;
}

const TRUE = ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'];
const FALSE = ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'];
const NULL = ['', '~', 'null', 'Null', 'NULL'];
const NOT_A_NUMBER = ['.nan', '.NaN', '.NAN'];
const INFINITY = ['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'];
const MINUS_INFINITY = ['-.inf', '-.Inf', '-.INF'];

const WORDS: ReadonlyMap<string, ResolvedScalar> = new Map<string, ResolvedScalar>([
  ...TRUE.map((word): [string, ResolvedScalar] => [word, { tag: 'bool', value: true }]),
  ...FALSE.map((word): [string, ResolvedScalar] => [word, { tag: 'bool', value: false }]),
  ...NULL.map((word): [string, ResolvedScalar] => [word, { tag: 'null', value: null }]),
  ...NOT_A_NUMBER.map((word): [string, ResolvedScalar] => [word, { tag: 'float', value: Number.NaN }]),
  ...INFINITY.map((word): [string, ResolvedScalar] => [word, { tag: 'float', value: Number.POSITIVE_INFINITY }]),
  ...MINUS_INFINITY.map((word): [string, ResolvedScalar] => [word, { tag: 'float', value: Number.NEGATIVE_INFINITY }]),
]);

const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const SEXAGESIMAL = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const DATE_START = /^[0-9]{4}-/;
const TIMESTAMPS = [
  '2006-1-2T15:4:5.999999999Z07:00',
  '2006-1-2t15:4:5.999999999Z07:00',
  '2006-1-2 15:4:5.999999999',
  '2006-1-2',
];
const MAX_UINT64 = 2n ** 64n - 1n;

function isTimestamp(text: string): boolean {
  return DATE_START.test(text) && TIMESTAMPS.some((layout) => parseTime(layout, text) !== undefined);
}

/** As `ParseInt` and then `ParseUint` with base 0; the latter takes no sign. */
function integerOf(text: string): bigint | undefined {
  const parsed = parseIntegerWithPrefix(text);
  if (parsed.isValid) return parsed.value;
  const isUnsigned = /^(?:[1-9][0-9]*|0[0-7]+|0[oO][0-7]+|0[xX][0-9a-fA-F]+|0[bB][01]+)$/.test(text);
  if (!isUnsigned || text.length > 80) return undefined;
  const value = BigInt(/^0[0-7]/.test(text) ? `0o${text.slice(1)}` : text);
  return value <= MAX_UINT64 ? value : undefined;
}

function numberOf(text: string): ResolvedScalar | undefined {
  const plain = text.replaceAll('_', '');
  const integer = integerOf(plain);
  if (integer !== undefined) return { tag: 'int', value: integer };
  const float = FLOAT.test(plain) ? parseFloatText(plain) : undefined;
  return float === undefined ? undefined : { tag: 'float', value: float };
}

/** @param text of a scalar without quotes and without a tag */
export function resolveScalar(text: string): ResolvedScalar {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  const string: ResolvedScalar = { tag: 'str', value: text };
  if (text.startsWith('.')) {
    const float = parseFloatText(text);
    return float === undefined ? string : { tag: 'float', value: float };
  }
  if (!/^[-+0-9]/.test(text)) return string;
  if (isTimestamp(text)) return { tag: 'timestamp', value: text };
  return numberOf(text) ?? string;
}

/** Whether a text read back without quotes would be something else. Numbers of base 60 are quoted for others' sake. */
export function needsQuotes(text: string): boolean {
  return resolveScalar(text).tag !== 'str' || SEXAGESIMAL.test(text);
}
