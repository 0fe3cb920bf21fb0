/** `index`, `slice` and `len`. An index may come of a secret value: errors do not tell it. */

import { type GoMap, type GoString, isString, TemplateFault } from '../value.ts';
import {
  byte,
  type Concrete,
  dereferenced,
  elementOf,
  isGoInt,
  isNilValue,
  isObject,
  type Reflected,
  reflectedTypeName,
  unboxed,
  zeroOf,
} from './reflected.ts';
import { elementType } from './type-name.ts';

/**
 * A position in what has `length` items; one past the end passes, as an end of a slice. Unlike `index`, Go's `slice`
 * takes no position out of an interface.
 */
function indexArgument(index: Reflected, length: number): number {
  if (index === undefined) throw new TemplateFault('cannot index slice/array with nil');
  if (!isGoInt(index)) throw new TemplateFault(`cannot index slice/array with type ${reflectedTypeName(index)}`);
  if (index.value < 0n || index.value > BigInt(length)) throw new TemplateFault('index out of range');
  return Number(index.value);
}

/** What the value points at. */
function indirect(value: Exclude<Reflected, undefined>, what: string): Concrete {
  const held = unboxed(value);
  if (held === undefined || (isObject(held) && isNilValue(held))) throw new TemplateFault(`${what} of nil pointer`);
  return dereferenced(held);
}

function mapElement(map: GoMap, key: Concrete | undefined): Exclude<Reflected, undefined> {
  if (key === undefined) throw new TemplateFault('value is nil; should be of type string');
  if (!isString(key)) throw new TemplateFault(`value has type ${reflectedTypeName(key)}; should be string`);
  const value = map.entries.get(key);
  return value === undefined ? zeroOf(elementType(map.type)) : elementOf(map, value);
}

function element(item: Concrete, index: Concrete | undefined): Exclude<Reflected, undefined> {
  if (typeof item === 'string') {
    const at = indexArgument(index, item.length);
    if (at === item.length) throw new TemplateFault('reflect: string index out of range');
    return byte(item.charCodeAt(at));
  }
  if (typeof item === 'object' && item.kind === 'slice') {
    const value = item.items[indexArgument(index, item.items.length)];
    if (value === undefined) throw new TemplateFault('reflect: slice index out of range');
    return elementOf(item, value);
  }
  if (typeof item === 'object' && item.kind === 'map') return mapElement(item, index);
  throw new TemplateFault(`can't index item of type ${reflectedTypeName(item)}`);
}

/** The item, its element, an element of that, and so on. */
export function indexOf(item: Reflected, indexes: readonly Reflected[]): Reflected {
  let value: Reflected = unboxed(item);
  if (value === undefined) throw new TemplateFault('index of untyped nil');
  for (const index of indexes) value = element(indirect(value, 'index'), unboxed(index));
  return value;
}

function sliced(item: Concrete, from: number, to: number): Concrete {
  if (typeof item === 'string') return item.slice(from, to) as GoString;
  return typeof item === 'object' && item.kind === 'slice'
    ? { kind: 'slice', type: item.type, items: item.items.slice(from, to) }
    : item;
}

function sliceableLength(item: Concrete, indexes: number): number {
  if (typeof item === 'string') {
    if (indexes === 3) throw new TemplateFault('cannot 3-index slice a string');
    return item.length;
  }
  if (typeof item === 'object' && item.kind === 'slice') return item.items.length;
  throw new TemplateFault(`can't slice item of type ${reflectedTypeName(item)}`);
}

/** `item[i:j]`; a third index bounds what appending may reuse, which no template can see. */
export function sliceOf(value: Reflected, indexes: readonly Reflected[]): Reflected {
  const unwrapped = unboxed(value);
  if (unwrapped === undefined) throw new TemplateFault('slice of untyped nil');
  const item = indirect(unwrapped, 'slice');
  if (indexes.length > 3) throw new TemplateFault(`too many slice indexes: ${indexes.length}`);
  const length = sliceableLength(item, indexes.length);
  const [from = 0, to = length, end = length] = indexes.map((index) => indexArgument(index, length));
  if (from > to || (indexes.length === 3 && to > end)) {
    throw new TemplateFault('invalid slice index: the start is after the end');
  }
  return sliced(item, from, to);
}

export function lengthOf(value: Reflected): number {
  if (value === undefined) throw new TemplateFault('reflect: call of reflect.Value.Type on zero Value');
  const item = indirect(value, 'len');
  if (typeof item === 'string') return item.length;
  if (typeof item === 'object' && item.kind === 'slice') return item.items.length;
  if (typeof item === 'object' && item.kind === 'map') return item.entries.size;
  throw new TemplateFault(`len of type ${reflectedTypeName(item)}`);
}
