/** The items of what must be a list, and Go's words where it is none. */

import { type GoSlice, type GoValue, TemplateFault } from '../value.ts';

/** As `reflect.Kind`; the untyped nil has none. */
export function kindName(value: GoValue): string {
  if (value === null) return 'invalid';
  if (typeof value === 'object') return value.kind;
  return typeof value === 'string' ? 'string' : 'bool';
}

/** @throws TemplateFault `<complaint> <kind><ending>`; for nil as Go's reflection panics */
export function listOf(value: GoValue, complaint: string, ending = ''): GoSlice {
  if (value === null) throw new TemplateFault('runtime error: invalid memory address or nil pointer dereference');
  if (typeof value === 'object' && value.kind === 'slice') return value;
  throw new TemplateFault(`${complaint} ${kindName(value)}${ending}`);
}
