/**
 * Values as the evaluator sees them: as Go's `reflect.Value` does, it tells an interface from what it holds (a nil one
 * too), and knows the invalid value that a missing key gives.
 */

import { type GoInt, type GoObject, type GoType, type GoValue, int, isInt } from '../value.ts';
import { elementType, isInterfaceType, typeName } from './type-name.ts';

/** A value whose static type is an interface, such as an element of a `[]interface {}`. */
export interface Box {
  readonly kind: 'interface';
  readonly type: GoType;
  readonly held: GoValue;
}

export type Concrete = Exclude<GoValue, null>;

/** `undefined` is the invalid value. */
export type Reflected = Concrete | Box | undefined;

export const ANY = 'interface {}';

export function isBox(value: Reflected): value is Box {
  return typeof value === 'object' && value.kind === 'interface';
}

export function isGoInt(value: Reflected): value is GoInt {
  return value !== undefined && !isBox(value) && isInt(value);
}

export function isObject(value: Reflected): value is GoObject {
  return typeof value === 'object' && (value.kind === 'struct' || value.kind === 'ptr');
}

/** What the box holds, or the value itself: the static type is forgotten. */
export function unboxed(value: Reflected): Concrete | undefined {
  if (!isBox(value)) return value;
  return value.held ?? undefined;
}

export function toGoValue(value: Reflected): GoValue {
  return unboxed(value) ?? null;
}

export function reflectedTypeName(value: Exclude<Reflected, undefined>): GoType {
  return isBox(value) ? value.type : typeName(value);
}

/** A nil of its own type, or a nil interface. */
export function isNilValue(value: Reflected): boolean {
  if (isBox(value)) return value.held === null;
  return typeof value === 'object' && 'isNil' in value && value.isNil === true;
}

function zeroNumber(type: GoType): Concrete | undefined {
  if (type === 'float64' || type === 'float32') return { kind: type, type, value: 0 };
  const kind = intKind(type);
  return kind === undefined ? undefined : { kind, type, value: 0n };
}

const NAMED_INTEGERS: ReadonlyMap<GoType, GoInt['kind']> = new Map<GoType, GoInt['kind']>([
  ...(['int', 'int8', 'int16', 'int32', 'int64'] as const).map((kind) => [kind, kind] as const),
  ...(['uint', 'uint8', 'uint16', 'uint32', 'uint64', 'uintptr'] as const).map((kind) => [kind, kind] as const),
  ['time.Duration', 'int64'],
  ['time.Month', 'int'],
  ['time.Weekday', 'int'],
]);

/** The kind of an integer type; undefined for any other type. */
export function intKind(type: GoType): GoInt['kind'] | undefined {
  return NAMED_INTEGERS.get(type);
}

/** The zero of a type; a nil interface where the type is not known here. */
export function zeroOf(type: GoType): Exclude<Reflected, undefined> {
  if (type === 'string') return '' as Concrete;
  if (type === 'bool') return false;
  if (type.startsWith('[]')) return { kind: 'slice', type, items: [], isNil: true };
  if (type.startsWith('map[string]')) return { kind: 'map', type, entries: new Map(), isNil: true };
  return zeroNumber(type) ?? { kind: 'interface', type, held: null };
}

/** A value as the result, or the element, of a declared type. */
export function reflectedAs(type: GoType, value: GoValue): Exclude<Reflected, undefined> {
  if (isInterfaceType(type)) return { kind: 'interface', type, held: value };
  return value ?? zeroOf(type);
}

/** An element of a slice or of a map, with the static type that it has there. */
export function elementOf(container: { readonly type: GoType }, value: GoValue): Exclude<Reflected, undefined> {
  return reflectedAs(elementType(container.type), value);
}

export function isTrue(value: Reflected): boolean {
  const held = unboxed(value);
  if (held === undefined) return false;
  if (typeof held === 'boolean') return held;
  if (typeof held === 'string') return held.length > 0;
  switch (held.kind) {
    case 'slice':
      return held.items.length > 0;
    case 'map':
      return held.entries.size > 0;
    case 'struct':
      return true;
    case 'ptr':
      return !held.isNil;
    case 'float32':
    case 'float64':
      return held.value !== 0;
    default:
      return held.value !== 0n;
  }
}

/** The struct that a pointer points at; anything else stays. */
export function dereferenced(value: Concrete): Concrete {
  if (!isObject(value) || value.kind !== 'ptr' || value.isNil) return value;
  return { ...value, kind: 'struct', type: value.type.replace(/^\*/, '') };
}

export function byte(value: number): GoInt {
  return { ...int(value), kind: 'uint8', type: 'uint8' };
}
