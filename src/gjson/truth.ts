/** What gjson takes for true and for false; many values are neither. */

import { numberOf, type Result } from './result.ts';

export function isTruthy(value: Result): boolean {
  if (value.kind === 'string') return /^(?:1|t|true)$/i.test(value.text);
  return value.kind === 'true' || (value.kind === 'number' && numberOf(value.raw) !== 0);
}

export function isFalsy(value: Result): boolean {
  if (value.kind === 'string') return /^(?:0|f|false)$/i.test(value.text);
  return value.kind === 'null' || value.kind === 'false' || (value.kind === 'number' && numberOf(value.raw) === 0);
}
