/** The names behind `@`. Any other word there is a part of a key. */

export const MODIFIER_NAMES = [
  'dig',
  'flatten',
  'fromstr',
  'group',
  'join',
  'keys',
  'pretty',
  'reverse',
  'this',
  'tostr',
  'ugly',
  'valid',
  'values',
] as const;

export type ModifierName = (typeof MODIFIER_NAMES)[number];
