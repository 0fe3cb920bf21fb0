/** Functions that ask for types, and compare all the way down. */

import { typeName } from '../engine/type-name.ts';
import { type FunctionTable, goString, goToText } from '../value.ts';
import { define } from './declare.ts';
import { deepEqual } from './deep-equal.ts';
import { kindName } from './list-items.ts';

export const REFLECTION: FunctionTable = new Map([
  ['deepEqual', define(['interface {}', 'interface {}'], 'bool', ([a, b], execution) => deepEqual(a, b, execution))],
  ['kindIs', define(['string', 'interface {}'], 'bool', ([kind, value]) => goToText(kind) === kindName(value))],
  ['kindOf', define(['interface {}'], 'string', ([value]) => goString(kindName(value)))],
  ['typeIs', define(['string', 'interface {}'], 'bool', ([type, value]) => goToText(type) === typeName(value))],
  [
    'typeIsLike',
    define(['string', 'interface {}'], 'bool', ([type, value]) =>
      [typeName(value), typeName(value).replace(/^\*/, '')].includes(goToText(type)),
    ),
  ],
  ['typeOf', define(['interface {}'], 'string', ([value]) => goString(typeName(value)))],
]);
