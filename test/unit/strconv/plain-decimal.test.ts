import { expect, test } from 'vitest';
import { plainDecimal } from '../../../src/strconv/plain-decimal.ts';

test.each([
  [1e21, '1000000000000000000000'],
  [1e-7, '0.0000001'],
  [-0, '-0'],
  [-1.5, '-1.5'],
  [1e300, `1${'0'.repeat(300)}`],
  [123456789.12345679, '123456789.12345679'],
  [0, '0'],
])('%d as a plain decimal is %s', (number, text) => {
  expect(plainDecimal(number)).toBe(text);
});
