/** What is expected is what Go's own `strconv.ParseFloat` gave. */

import { expect, test } from 'vitest';
import { parseFloat64 } from '../../../src/strconv/number-text.ts';

const ZEROS = '0'.repeat(60);
const MANY_ZEROS = '0'.repeat(5000);

test.each<[text: string, value: number, isValid: boolean]>([
  ['1_0', 10, true],
  ['_1', 0, false],
  ['1e400', Infinity, false],
  ['-1e400', -Infinity, false],
  ['inf', Infinity, true],
  ['+Infinity', Infinity, true],
  ['-iNf', -Infinity, true],
  ['nan', NaN, true],
  ['0x1', 0, false],
  ['0x1p-2', 0.25, true],
  ['0x.8p0', 0.5, true],
  ['-0x1.8p1', -3, true],
  ['0x1.8p-1074', 1e-323, true],
  ['0x1p-1080', 0, true],
  ['0x1.fffffffffffff8p0', 2, true],
  [`0x1.fffffffffffff7${'f'.repeat(60)}p0`, 1.9999999999999998, true],
  [`0x1.00000000000008${ZEROS}p0`, 1, true],
  [`0x1.00000000000008${ZEROS}1p0`, 1.0000000000000002, true],
  [`0x${'f'.repeat(300)}p-1100`, 1.2676506002282294e30, true],
  [`0x0.${MANY_ZEROS}1p20004`, 1, true],
  ['0x1p2000', Infinity, false],
])('%s', (text, value, isValid) => {
  expect(parseFloat64(text)).toEqual({ value, isValid });
});
