/** How sprig turns any value into text: what is text stays, the rest prints as `%v` does. */

import { formatValue } from '../engine/format.ts';
import type { Execution, GoSlice, GoString, GoValue } from '../value.ts';

/** The bytes of a `[]byte`. */
function bytesText(slice: GoSlice): GoString {
  let text = '';
  for (const item of slice.items) {
    const isByte = item !== null && typeof item === 'object' && item.kind === 'uint8';
    text += String.fromCharCode(isByte ? Number(item.value) : 0);
  }
  return text as GoString;
}

/** As sprig's `strval`. */
export function toText(value: GoValue, execution: Execution): GoString {
  const isBytes = value !== null && typeof value === 'object' && value.kind === 'slice' && value.type === '[]uint8';
  return isBytes ? bytesText(value) : formatValue(value, execution);
}

/** As sprig's `strslice`: every item as text but for nils; what is no list is a list of itself. */
export function toTexts(value: GoValue, execution: Execution): readonly GoString[] {
  if (value === null) return [];
  if (typeof value === 'object' && value.kind === 'slice') {
    return value.items.filter((item) => item !== null).map((item) => toText(item, execution));
  }
  return [toText(value, execution)];
}
