/**
 * YAML into a map, the way upstream goes: read by the rules of YAML 1.1, turned into JSON, and that into a map. So all
 * keys are text, all numbers floats, and dates stay text.
 */

import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseAllDocuments,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { formatFloat } from '../engine/format-float.ts';
import { typeName } from '../engine/type-name.ts';
import {
  dict,
  type Execution,
  float64,
  type GoMap,
  type GoString,
  type GoValue,
  goString,
  goToText,
  int64,
  list,
} from '../value.ts';
import { checkDepth } from './cost.ts';
import { checkBeginning, checkCharacters, checkDocument } from './yaml-check.ts';
import { conversionFault, YamlFault } from './yaml-fault.ts';
import { type ResolvedScalar, resolveScalar } from './yaml-scalar.ts';
import { resolveTagged } from './yaml-tag.ts';

/** Bytes of YAML that one step pays for: reading it is slow. */
const BYTES_A_STEP = 16;

interface Reading {
  readonly execution: Execution;
  readonly leaf: (scalar: ResolvedScalar) => GoValue;
  /** What each alias stands for. */
  readonly targets: ReadonlyMap<Alias, Node>;
  /** The aliases that are being read: none may hold itself. */
  readonly open: Set<Alias>;
}

/** An alias stands for the last node before it that has its name. */
function findTargets(root: Node): Map<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(root, {
    Node: (_, node) => {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.set(node.anchor, node as Node);
        return;
      }
      const target = anchors.get(node.source);
      if (target === undefined) throw conversionFault(`yaml: unknown anchor '${node.source}' referenced`);
      targets.set(node, target);
    },
  });
  return targets;
}

/** A block that ends with the text has no line end there that it could keep. */
function textOf({ value, type, srcToken }: Scalar): string {
  const text = String(value ?? '');
  const isBlock = type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED';
  const source = srcToken !== undefined && 'source' in srcToken ? srcToken.source : undefined;
  const isCut = isBlock && typeof source === 'string' && source !== '' && !source.endsWith('\n');
  return isCut ? text.replace(/\n$/, '') : text;
}

function resolve(scalar: Scalar): ResolvedScalar {
  const text = textOf(scalar);
  if (scalar.tag !== undefined) return resolveTagged(scalar.tag, text);
  return scalar.type === 'PLAIN' || scalar.type === undefined ? resolveScalar(text) : { tag: 'str', value: text };
}

function asJson({ value }: ResolvedScalar): GoValue {
  if (typeof value === 'bigint') return float64(Number(value));
  if (typeof value === 'string') return goString(value);
  return typeof value === 'number' ? float64(value) : value;
}

/** As Kubernetes reads YAML into an object: whole numbers of 64 bits keep their digits, greater ones are floats. */
function asExactJson(scalar: ResolvedScalar): GoValue {
  const { value } = scalar;
  return typeof value === 'bigint' && BigInt.asIntN(64, value) === value ? int64(value) : asJson(scalar);
}

/** As `sigs.k8s.io/yaml` gives scalars to a map of strings: floats have single precision, nothing is the empty text. */
function asString({ value }: ResolvedScalar): GoString {
  return typeof value === 'number' ? formatFloat(value, 'g', -1, 32) : goString(String(value ?? ''));
}

/** JSON has no infinity; a value that a later one replaced does not matter. */
function checkNumbers(value: GoValue): void {
  if (value === null || typeof value !== 'object') return;
  if (value.kind === 'map') for (const [, item] of [...value.entries].toSorted(byKey)) checkNumbers(item);
  else if (value.kind === 'slice') value.items.forEach(checkNumbers);
  else if (value.kind === 'float64' && !Number.isFinite(value.value)) {
    throw conversionFault(`json: unsupported value: ${formatFloat(value.value, 'g', -1, 64)}`);
  }
}

function byKey([a]: readonly [string, GoValue], [b]: readonly [string, GoValue]): number {
  return a < b ? -1 : Number(a > b);
}

function throughAlias<T>(alias: Alias, reading: Reading, read: (node: Node) => T): T {
  const target = reading.targets.get(alias);
  if (target === undefined || reading.open.has(alias)) {
    throw conversionFault(`yaml: anchor '${alias.source}' value contains itself`);
  }
  reading.open.add(alias);
  const result = read(target);
  reading.open.delete(alias);
  return result;
}

/** As JSON's keys are: numbers and truth values as text, nothing else. */
function keyText(node: unknown, reading: Reading): GoString {
  if (isAlias(node)) return throughAlias(node, reading, (target) => keyText(target, reading));
  if (node !== null && !isScalar(node)) throw conversionFault('yaml: invalid map key');
  const { value } = node === null ? { value: null } : resolve(node);
  if (value === null) throw conversionFault('unsupported map key of type: %!s(<nil>), key: <nil>');
  if (typeof value !== 'number') return goString(String(value));
  const text = formatFloat(value, 'g', -1, 32);
  return goString(text === 'NaN' ? '.nan' : text.replace('+Inf', '.inf').replace('-Inf', '-.inf'));
}

function isMerge({ key }: Pair): boolean {
  return isScalar(key) && (key.type === 'PLAIN' || key.tag === MERGE_TAG) && key.value === '<<';
}

const MERGE_TAG = 'tag:yaml.org,2002:merge';

/** Of several maps, the first has the last word. */
function mergeInto(entries: Map<GoString, GoValue>, value: unknown, reading: Reading, depth: number): void {
  if (isMap(value)) fill(entries, value, reading, depth);
  else if (isAlias(value)) throughAlias(value, reading, (target) => mergeMap(entries, target, reading, depth));
  else if (isSeq(value)) for (const item of [...value.items].reverse()) mergeItem(entries, item, reading, depth);
  else throw conversionFault('yaml: map merge requires map or sequence of maps as the value');
}

function mergeItem(entries: Map<GoString, GoValue>, item: unknown, reading: Reading, depth: number): void {
  if (isAlias(item)) throughAlias(item, reading, (target) => mergeMap(entries, target, reading, depth));
  else mergeMap(entries, item, reading, depth);
}

function mergeMap(entries: Map<GoString, GoValue>, value: unknown, reading: Reading, depth: number): void {
  if (!isMap(value)) throw conversionFault('yaml: map merge requires map or sequence of maps as the value');
  fill(entries, value, reading, depth);
}

/** In the order of the text: what comes later wins, a merge too. */
function fill(entries: Map<GoString, GoValue>, map: YAMLMap, reading: Reading, depth: number): void {
  checkDepth(depth);
  for (const pair of map.items) {
    reading.execution.spend(1);
    if (isMerge(pair)) mergeInto(entries, pair.value, reading, depth + 1);
    else entries.set(keyText(pair.key, reading), toValue(pair.value, reading, depth + 1));
  }
}

function toValue(node: unknown, reading: Reading, depth: number): GoValue {
  checkDepth(depth);
  reading.execution.spend(1);
  if (isScalar(node)) return reading.leaf(resolve(node));
  if (isAlias(node)) return throughAlias(node, reading, (target) => toValue(target, reading, depth + 1));
  if (isSeq(node)) return list(node.items.map((item) => toValue(item, reading, depth + 1)));
  if (!isMap(node)) return null;
  const entries = new Map<GoString, GoValue>();
  fill(entries, node, reading, depth);
  return dict(entries);
}

const JSON_NAMES: ReadonlyMap<string, string> = new Map([
  ['[]interface {}', 'array'],
  ['string', 'string'],
  ['float64', 'number'],
  ['bool', 'bool'],
]);

interface Root {
  readonly text: string;
  readonly node: Node | null;
  /** Null where there is no document, or nothing in it. */
  readonly value: GoValue;
}

function readRoot(bytes: GoString, execution: Execution, leaf: Reading['leaf']): Root {
  execution.spend(Math.ceil(bytes.length / BYTES_A_STEP));
  checkCharacters(bytes);
  const options = {
    version: '1.1',
    schema: 'failsafe',
    uniqueKeys: false,
    logLevel: 'silent',
    prettyErrors: false,
    keepSourceTokens: true,
  } as const;
  // The next-line character ends lines in YAML 1.1.
  const text = goToText(bytes).replaceAll('\u0085', '\n');
  checkBeginning(text);
  const documents = parseAllDocuments(text, options);
  const document = Array.isArray(documents) ? documents[0] : undefined;
  if (document === undefined) return { text, node: null, value: null };
  checkDocument(document, text);
  const node = document.contents;
  if (node === null) return { text, node, value: null };
  return { text, node, value: toValue(node, { execution, leaf, targets: findTargets(node), open: new Set() }, 0) };
}

/** @throws YamlFault, whose message is what upstream puts into the map */
export function decodeYaml(bytes: GoString, execution: Execution): GoMap {
  const { value } = readRoot(bytes, execution, asJson);
  checkNumbers(value);
  if (value === null) return dict([]);
  if (typeof value === 'object' && value.kind === 'map') return value;
  const name = JSON_NAMES.get(typeName(value)) ?? typeName(value);
  throw new YamlFault(
    `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${name} into Go value of type map[string]interface {}`,
  );
}

/**
 * The first document, whatever it is; null where there is none.
 * @throws YamlFault
 */
export function decodeYamlValue(bytes: GoString, execution: Execution): GoValue {
  const { value } = readRoot(bytes, execution, asExactJson);
  checkNumbers(value);
  return value;
}

const NESTED = 'a value is a list or a map, and only text can be';

/** Where the map itself has such a value; what comes through an alias or a merge has no line. */
function checkFlat({ node, text }: Root): void {
  if (!isMap(node)) return;
  for (const { value } of node.items) {
    if (!isMap(value) && !isSeq(value)) continue;
    throw new YamlFault(`line ${text.slice(0, value.range?.[0]).split('\n').length}: ${NESTED}`);
  }
}

/**
 * A map of text to text. Scalars without quotes are first what YAML 1.1 makes of them: `0123` is 83, `yes` is true.
 * @throws YamlFault for what is no map, and for lists and maps in it
 */
export function decodeYamlStrings(bytes: GoString, execution: Execution): ReadonlyMap<GoString, GoString> {
  const root = readRoot(bytes, execution, asString);
  const { node, value } = root;
  if (node === null || (isScalar(node) && resolve(node).tag === 'null')) return new Map();
  if (value === null || typeof value !== 'object' || value.kind !== 'map') throw new YamlFault('it is no map');
  checkFlat(root);
  const strings = new Map<GoString, GoString>();
  for (const [key, item] of value.entries) {
    if (item !== null && typeof item !== 'string') throw new YamlFault(NESTED);
    strings.set(key, item ?? goString(''));
  }
  return strings;
}
