/** Whether a value may be given where a type is asked for: Go's rules, which convert nothing. */

import type { GoType } from '../value.ts';
import { TemplateFault } from '../value.ts';
import type { NumberNode, OperandNode } from './node.ts';
import { nodeText } from './node-text.ts';
import { isSpelledAsFloat } from './number-literal.ts';
import {
  ANY,
  type Concrete,
  dereferenced,
  intKind,
  isBox,
  isObject,
  type Reflected,
  reflectedTypeName,
  zeroOf,
} from './reflected.ts';
import { isInterfaceType } from './type-name.ts';

/** The type of parameters that take any value as it is, also the invalid one. */
export const REFLECT_VALUE = 'reflect.Value';

/** Whether an untyped nil fits the type. */
export function canBeNil(type: GoType): boolean {
  return (
    type === REFLECT_VALUE ||
    isInterfaceType(type) ||
    type.startsWith('[]') ||
    type.startsWith('map[') ||
    type.startsWith('*')
  );
}

/** The nil of a type that can be nil. */
export function nilOf(type: GoType): Reflected {
  return type === REFLECT_VALUE ? undefined : zeroOf(type);
}

function isAssignable(value: Exclude<Reflected, undefined>, type: GoType): boolean {
  if (type === ANY) return true;
  if (type === 'error') return !isBox(value) && isObject(value) && value.text !== undefined;
  return reflectedTypeName(value) === type;
}

/**
 * The value as the parameter gets it.
 * @throws TemplateFault when it does not fit
 */
export function assign(value: Reflected, type: GoType): Reflected {
  if (type === REFLECT_VALUE) return value;
  if (value === undefined) {
    if (canBeNil(type)) return zeroOf(type);
    throw new TemplateFault(`invalid value; expected ${type}`);
  }
  if (isAssignable(value, type)) return value;
  const held = isBox(value) && value.held !== null ? value.held : value;
  if (isAssignable(held, type)) return held;
  const target = isBox(held) ? held : dereferenced(held);
  if (isAssignable(target, type)) return target;
  throw new TemplateFault(`wrong type for value; expected ${type}; got ${reflectedTypeName(held)}`);
}

/**
 * A number where no type is asked for: its spelling decides.
 * @throws TemplateFault for what no `int` holds
 */
export function idealConstant({ forms, text }: NumberNode): Concrete {
  if (forms.float !== undefined && isSpelledAsFloat(text))
    return { kind: 'float64', type: 'float64', value: forms.float };
  if (forms.int !== undefined) return { kind: 'int', type: 'int', value: forms.int };
  throw new TemplateFault(`${text} overflows int`);
}

/** A constant where any value will do. */
function constantOf(node: OperandNode): Concrete | undefined {
  if (node.kind === 'bool') return node.value;
  if (node.kind === 'string') return node.text;
  return node.kind === 'number' ? idealConstant(node) : undefined;
}

function expected(what: string, node: OperandNode): TemplateFault {
  return new TemplateFault(`expected ${what}; found ${nodeText(node)}`);
}

function integerConstant(node: OperandNode, type: GoType, kind: NonNullable<ReturnType<typeof intKind>>): Concrete {
  const isSigned = kind.startsWith('int');
  const bits = Number(/\d+$/.exec(kind)?.[0] ?? 64);
  const value = node.kind === 'number' ? (isSigned ? node.forms.int : node.forms.uint) : undefined;
  if (value === undefined) throw expected(isSigned ? 'integer' : 'unsigned integer', node);
  return { kind, type, value: isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value) };
}

function floatConstant(node: OperandNode, kind: 'float32' | 'float64'): Concrete {
  const value = node.kind === 'number' ? node.forms.float : undefined;
  if (value === undefined) throw expected('float', node);
  return { kind, type: kind, value: kind === 'float32' ? Math.fround(value) : value };
}

/**
 * A constant as an argument of the type.
 * @throws TemplateFault, in bytes, when it does not fit
 */
export function constantAs(node: OperandNode, type: GoType): Concrete {
  const constant = type === ANY || type === REFLECT_VALUE ? constantOf(node) : undefined;
  if (constant !== undefined) return constant;
  const kind = intKind(type);
  if (kind !== undefined) return integerConstant(node, type, kind);
  switch (type) {
    case 'bool':
      if (node.kind === 'bool') return node.value;
      throw expected('bool', node);
    case 'string':
      if (node.kind === 'string') return node.text;
      throw expected('string', node);
    case 'float32':
    case 'float64':
      return floatConstant(node, type);
    default:
      throw new TemplateFault(`can't handle ${nodeText(node)} for arg of type ${type}`);
  }
}
