/** The names of types as `%T` prints them, and what can be told from a name. */

import type { GoType, GoValue } from '../value.ts';

/** As `%T`: `<nil>` for the untyped nil. */
export function typeName(value: GoValue): string {
  if (value === null) return '<nil>';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  return value.type;
}

const INTERFACES: ReadonlySet<GoType> = new Set(['interface {}', 'error']);

/** Whether a value of the type is a box that holds a value of another type, or nothing. */
export function isInterfaceType(type: GoType): boolean {
  return INTERFACES.has(type);
}

/** Of slices and of maps; anything else has none. */
export function elementType(type: GoType): GoType {
  if (type.startsWith('[]')) return type.slice(2);
  return type.startsWith('map[string]') ? type.slice('map[string]'.length) : '';
}
