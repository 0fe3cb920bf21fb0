/** Functions that turn values into numbers. */

import { parseInteger } from '../../strconv/number-text.ts';
import { formatValue } from '../engine/format.ts';
import { type FunctionTable, float64, int, int64 } from '../value.ts';
import { toFloat64, toInt64 } from './cast.ts';
import { define } from './declare.ts';

export const CONVERSION: FunctionTable = new Map([
  ['atoi', define(['string'], 'int', ([text]) => int(parseInteger(text, 10).value))],
  ['float64', define(['interface {}'], 'float64', ([value]) => float64(toFloat64(value)))],
  ['int', define(['interface {}'], 'int', ([value]) => int(toInt64(value)))],
  ['int64', define(['interface {}'], 'int64', ([value]) => int64(toInt64(value)))],
  [
    'toDecimal',
    define(['interface {}'], 'int64', ([value], execution) => {
      const parsed = parseInteger(formatValue(value, execution), 8);
      return int64(parsed.isValid ? parsed.value : 0n);
    }),
  ],
]);
