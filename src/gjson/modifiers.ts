/** The modifiers: `@name` or `@name:argument` makes a new text of the one that it is given. */

import type { Effort } from './effort.ts';
import { isJson } from './is-json.ts';
import { joined } from './joined.ts';
import { quoted } from './json-string.ts';
import { elementsOf, membersOf } from './members.ts';
import type { ModifierName } from './modifier-names.ts';
import { optionsOf } from './options.ts';
import { pretty } from './pretty.ts';
import { exists, isArray, isObject, NOTHING, parse, type Result, textOf } from './result.ts';
import type { Search } from './search.ts';
import { trimmed } from './trimmed.ts';
import { isTruthy } from './truth.ts';
import { ugly } from './ugly.ts';

type Modifier = (json: string, argument: string, search: Search) => string;

const array = (items: readonly string[], effort: Effort): string => `[${joined(items, effort)}]`;
const object = (members: readonly string[], effort: Effort): string => `{${joined(members, effort)}}`;
const rawOf = ({ raw }: Result): string => raw;

const reverse: Modifier = (json, _, { effort }) => {
  const root = parse(json);
  if (isArray(root)) return array(elementsOf(root.raw, effort).map(rawOf).reverse(), effort);
  if (!isObject(root)) return json;
  const members = membersOf(root.raw, effort).map(({ rawKey, value }) => `${rawKey}:${value.raw}`);
  return object(members.reverse(), effort);
};

/** What stands between the brackets. */
function unwrapped(json: string): string {
  const inner = trimmed(json);
  return inner.length >= 2 && /^[[{]/.test(inner) ? inner.slice(1, -1) : inner;
}

const flatten: Modifier = (json, argument, search) => {
  const { effort } = search;
  const root = parse(json);
  if (!isArray(root)) return json;
  const isDeep = isTruthy(optionsOf(argument, effort).get('deep') ?? NOTHING);
  const flat = (element: Result): string => {
    if (!isArray(element)) return element.raw;
    return unwrapped(isDeep ? effort.within(() => flatten(element.raw, argument, search)) : element.raw);
  };
  const items = elementsOf(root.raw, effort).map((element) => flat(element).replace(/^[\t-\r ]+|[\t-\r ]+$/g, ''));
  return array(
    items.filter((item) => item !== ''),
    effort,
  );
};

/** Of equal keys the place is the first one's, and the value the last one's. */
function withoutRepeats(objects: readonly Result[], effort: Effort): readonly string[] {
  const values = new Map<string, { readonly rawKey: string; raw: string }>();
  for (const { raw } of objects) {
    for (const { key, rawKey, value } of membersOf(raw, effort)) {
      const known = values.get(key);
      if (known === undefined) values.set(key, { rawKey, raw: value.raw });
      else known.raw = value.raw;
    }
  }
  return [...values.values()].map(({ rawKey, raw }) => `${rawKey}:${raw}`);
}

const join: Modifier = (json, argument, { effort }) => {
  const root = parse(json);
  if (!isArray(root)) return json;
  const objects = elementsOf(root.raw, effort).filter(isObject);
  const keepsAll = isTruthy(optionsOf(argument, effort).get('preserve') ?? NOTHING);
  return object(keepsAll ? objects.map(({ raw }) => unwrapped(raw)) : withoutRepeats(objects, effort), effort);
};

const keys: Modifier = (json, _, { effort }) => {
  const root = parse(json);
  if (isObject(root))
    return array(
      membersOf(root.raw, effort).map(({ rawKey }) => rawKey),
      effort,
    );
  if (isArray(root))
    return array(
      elementsOf(root.raw, effort).map(() => 'null'),
      effort,
    );
  return exists(root) ? '[null]' : '[]';
};

const values: Modifier = (json, _, { effort }) => {
  const root = parse(json);
  if (isArray(root)) return json;
  if (isObject(root))
    return array(
      membersOf(root.raw, effort).map(({ value }) => value.raw),
      effort,
    );
  return `[${root.raw}]`;
};

/** Of an object of arrays an array of objects: each takes one element of every array. */
const group: Modifier = (json, _, { effort }) => {
  const root = parse(json);
  if (!isObject(root)) return '';
  const groups: string[][] = [];
  let length = 0;
  for (const { rawKey, value } of membersOf(root.raw, effort)) {
    if (!isArray(value)) continue;
    for (const [index, element] of elementsOf(value.raw, effort).entries()) {
      groups[index] ??= [];
      const added = rawKey.length + element.raw.length;
      length += added;
      effort.make(length, added);
      groups[index].push(`${rawKey}:${element.raw}`);
    }
  }
  return array(
    groups.map((members) => object(members, effort)),
    effort,
  );
};

/** What the path finds in each value at any depth, the outer ones first. */
const dig: Modifier = (json, path, search) => {
  const { effort } = search;
  const results: string[] = [];
  const visit = (value: Result): void => {
    const result = search.get(value.raw, path);
    if (exists(result)) results.push(result.raw);
    if (isArray(value)) for (const element of elementsOf(value.raw, effort)) effort.within(() => visit(element));
    if (isObject(value)) for (const member of membersOf(value.raw, effort)) effort.within(() => visit(member.value));
  };
  visit(parse(json));
  return array(results, effort);
};

const tostr: Modifier = (json, _, { effort }) => {
  const string = quoted(json);
  effort.make(string.length);
  return string;
};

export const MODIFIERS: { readonly [Name in ModifierName]: Modifier } = {
  dig,
  flatten,
  fromstr: (json) => (isJson(json) ? textOf(parse(json)) : ''),
  group,
  join,
  keys,
  pretty: (json, argument, { effort }) => pretty(json, optionsOf(argument, effort), effort),
  reverse,
  this: (json) => json,
  tostr,
  ugly: (json) => ugly(json),
  valid: (json) => (isJson(json) ? json : ''),
  values,
};
