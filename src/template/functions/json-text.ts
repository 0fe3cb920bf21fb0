/** Objects that stand in JSON as a text of their own making, as Go's `TextMarshaler`s do. */

import type { GoObject, GoString } from '../value.ts';

export interface JsonText extends GoObject {
  readonly jsonText: () => GoString;
}

export function hasJsonText(object: GoObject): object is JsonText {
  return 'jsonText' in object;
}
