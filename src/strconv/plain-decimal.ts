/** Numbers as plain decimals, as Go's `strconv.FormatFloat(x, 'f', -1, 64)` writes them. */

/** The fewest digits that mean the same number, without an exponent: `toString` uses one from 1e21 and below 1e-6. */
export function plainDecimal(number: number): string {
  const [mantissa = '', exponent = ''] = Math.abs(number).toExponential().split('e');
  const sign = number < 0 || Object.is(number, -0) ? '-' : '';
  return sign + placed(mantissa.replace('.', ''), Number(exponent) + 1);
}

/** @param point how many of the digits stand before the decimal point */
function placed(digits: string, point: number): string {
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return digits.padEnd(point, '0');
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}
