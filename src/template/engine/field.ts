/** Fields of structs, entries of maps, and methods. */

import { type GoFunction, type GoString, TemplateFault } from '../value.ts';
import { quote } from './quote.ts';
import {
  ANY,
  type Concrete,
  elementOf,
  isNilValue,
  isObject,
  type Reflected,
  reflectedTypeName,
  unboxed,
  zeroOf,
} from './reflected.ts';

/** The method of that name, with its receiver. */
export function methodOf(receiver: Reflected, name: string): GoFunction | undefined {
  const held = unboxed(receiver);
  if (typeof held !== 'object' || !('methods' in held)) return undefined;
  return held.methods?.get(name);
}

interface Access {
  readonly missingKey: 'error' | 'default';
  readonly hasArguments: boolean;
}

function missing(name: string, { missingKey }: Access, text: string): undefined {
  if (missingKey === 'error') throw new TemplateFault(`${text} ${quote(name)}`);
  return undefined;
}

function structField(held: Concrete, name: GoString, { hasArguments }: Access): Reflected {
  if (!isObject(held)) return undefined;
  const field = held.fields.get(name);
  if (field === undefined) return undefined;
  if (hasArguments) throw new TemplateFault(`${name} has arguments but cannot be invoked as function`);
  return field ?? zeroOf(ANY);
}

/**
 * The field or entry of that name.
 * @returns undefined, the invalid value, for a missing key that is no error
 * @throws TemplateFault, in bytes
 */
export function fieldOf(receiver: Reflected, name: GoString, access: Access): Reflected {
  if (receiver === undefined) return missing(name, access, 'nil data; no entry for key');
  const type = reflectedTypeName(receiver);
  const held = unboxed(receiver);
  if (held === undefined) throw new TemplateFault(`nil pointer evaluating ${type}.${name}`);
  if (typeof held === 'object' && held.kind === 'map') {
    if (access.hasArguments) throw new TemplateFault(`${name} is not a method but has arguments`);
    const value = held.entries.get(name);
    if (value === undefined) return missing(name, access, 'map has no entry for key');
    return elementOf(held, value);
  }
  const field = structField(held, name, access);
  if (field !== undefined) return field;
  if (isObject(held) && isNilValue(held)) throw new TemplateFault(`nil pointer evaluating ${type}.${name}`);
  throw new TemplateFault(`can't evaluate field ${name} in type ${type}`);
}
