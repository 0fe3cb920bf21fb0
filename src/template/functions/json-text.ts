/** Objects that stand in JSON as a text of their own making, as Go's `TextMarshaler`s do. */

import type { GoObject, GoString } from '../value.ts';

/** What JSON has no form for: infinity, what is no number, a value inside itself. */
export class UnsupportedJson extends Error {
  override readonly name = 'UnsupportedJson';
}

export interface JsonText extends GoObject {
  /** @throws UnsupportedJson */
  readonly jsonText: () => GoString;
}

export function hasJsonText(object: GoObject): object is JsonText {
  return 'jsonText' in object;
}
