/** `eq`, `lt` and their like: numbers of one kind, strings, and what can be told equal. Errors name types, no values. */

import { type GoObject, type GoValue, TemplateFault } from '../value.ts';
import {
  type Concrete,
  isGoInt,
  isNilValue,
  isObject,
  type Reflected,
  reflectedTypeName,
  unboxed,
} from './reflected.ts';

type Basic = 'bool' | 'int' | 'uint' | 'float' | 'string' | undefined;

function basicKind(value: Concrete | undefined): Basic {
  if (value === undefined) return undefined;
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (isGoInt(value)) return value.kind.startsWith('u') ? 'uint' : 'int';
  return value.kind === 'float64' || value.kind === 'float32' ? 'float' : undefined;
}

/** What stands for the value under `===` and `<`. Both kinds of integers compare by their value. */
function comparable(value: Concrete): boolean | string | number | bigint | undefined {
  if (typeof value !== 'object') return value;
  return 'value' in value ? value.value : undefined;
}

function areIntegers(left: Basic, right: Basic): boolean {
  return (left === 'int' || left === 'uint') && (right === 'int' || right === 'uint');
}

function incompatible(left: Concrete, right: Concrete): TemplateFault {
  return new TemplateFault(
    `incompatible types for comparison: ${reflectedTypeName(left)} and ${reflectedTypeName(right)}`,
  );
}

/** Pointers by what they are, structs by what they hold. */
function sameObject(left: GoObject, right: GoObject): boolean {
  if (left === right) return true;
  if (left.kind === 'ptr' || left.type !== right.type || left.text?.() !== right.text?.()) return false;
  return [...left.fields].every(([name, value]) => sameField(value, right.fields.get(name) ?? null));
}

function sameField(left: GoValue, right: GoValue): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return left === right;
  if (isObject(left) && isObject(right)) return sameObject(left, right);
  return left.type === right.type && comparable(left) !== undefined && comparable(left) === comparable(right);
}

/** What is neither number, string nor bool: nil is told from the rest, and objects from each other. */
function equalOthers(left: Concrete | undefined, right: Concrete | undefined): boolean {
  const isNilLeft = left === undefined || isNilValue(left);
  const isNilRight = right === undefined || isNilValue(right);
  if (left !== undefined && right !== undefined && kindOf(left) !== kindOf(right)) {
    throw new TemplateFault(`non-comparable types ${reflectedTypeName(left)}, ${reflectedTypeName(right)}`);
  }
  if (isNilLeft || isNilRight) return isNilLeft === isNilRight;
  if (!isObject(right) || !isObject(left)) {
    throw new TemplateFault(`non-comparable type ${reflectedTypeName(right)}`);
  }
  return sameObject(left, right);
}

function kindOf(value: Concrete): string {
  return typeof value === 'object' ? value.kind : typeof value;
}

function equalTo(left: Concrete | undefined, right: Concrete | undefined): boolean {
  const leftKind = basicKind(left);
  const rightKind = basicKind(right);
  if (leftKind === undefined && rightKind === undefined) return equalOthers(left, right);
  if (left === undefined || right === undefined) return false;
  if (leftKind !== rightKind && !areIntegers(leftKind, rightKind)) throw incompatible(left, right);
  return comparable(left) === comparable(right);
}

/** Whether the first equals any of the others. @throws TemplateFault for types that do not compare */
export function equals(first: Reflected, others: readonly Reflected[]): boolean {
  if (others.length === 0) throw new TemplateFault('missing argument for comparison');
  const left = unboxed(first);
  return others.some((other) => equalTo(left, unboxed(other)));
}

interface Ordered {
  readonly left: string | number | bigint;
  readonly right: string | number | bigint;
}

/** @throws TemplateFault for types that have no order, or not among each other */
function ordered(first: Reflected, second: Reflected): Ordered {
  const left = unboxed(first);
  const right = unboxed(second);
  const leftKind = basicKind(left);
  const rightKind = basicKind(right);
  const bad = new TemplateFault('invalid type for comparison');
  if (left === undefined || right === undefined || leftKind === undefined || rightKind === undefined) throw bad;
  if (leftKind !== rightKind && !areIntegers(leftKind, rightKind)) throw incompatible(left, right);
  const a = comparable(left);
  const b = comparable(right);
  if (a === undefined || b === undefined || typeof a === 'boolean' || typeof b === 'boolean') throw bad;
  return { left: a, right: b };
}

export function isLess(first: Reflected, second: Reflected): boolean {
  const { left, right } = ordered(first, second);
  return left < right;
}

/** Less or equal: no number is that to NaN. */
export function isLessOrEqual(first: Reflected, second: Reflected): boolean {
  const { left, right } = ordered(first, second);
  return left <= right;
}
