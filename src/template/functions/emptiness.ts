/** What sprig takes for empty: nil, zero, false, and what has no length. */

import type { GoValue } from '../value.ts';
import { isNil } from './nil.ts';

export function isEmpty(value: GoValue): boolean {
  if (value === null) return true;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string') return value === '';
  switch (value.kind) {
    case 'slice':
      return value.items.length === 0;
    case 'map':
      return value.entries.size === 0;
    case 'struct':
      return false;
    case 'ptr':
      return isNil(value);
    default:
      return Number(value.value) === 0;
  }
}
