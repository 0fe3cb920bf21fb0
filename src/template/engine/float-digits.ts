/** The decimal digits of a binary floating-point number: the shortest that read back as it, or exactly rounded. */

export type FloatBits = 32 | 64;

/** 0.d1d2d3... times 10 to the power of `point`; without digits it is zero. */
export interface Digits {
  readonly digits: string;
  readonly point: number;
}

/** Sign, and mantissa times 2 to the power of `exponent`, as the format stores it. */
export interface BinaryParts {
  readonly negative: boolean;
  readonly mantissa: bigint;
  readonly exponent: number;
}

const VIEW = new DataView(new ArrayBuffer(8));
const NO_DIGITS: Digits = { digits: '', point: 0 };

export function isNegative(value: number): boolean {
  return value < 0 || Object.is(value, -0);
}

/** @param value finite */
export function binaryParts(value: number, bits: FloatBits): BinaryParts {
  const [mantissaBits, bias] = bits === 32 ? [23, -127] : [52, -1023];
  if (bits === 32) VIEW.setFloat32(0, value);
  else VIEW.setFloat64(0, value);
  const stored = bits === 32 ? BigInt(VIEW.getUint32(0)) : VIEW.getBigUint64(0);
  const fraction = BigInt.asUintN(mantissaBits, stored);
  const field = Number(BigInt.asUintN(bits - mantissaBits - 1, stored >> BigInt(mantissaBits)));
  const implicit = field === 0 ? 0n : 1n << BigInt(mantissaBits);
  return {
    negative: isNegative(value),
    mantissa: fraction | implicit,
    exponent: Math.max(field, 1) + bias - mantissaBits,
  };
}

function fromExponential(text: string): Digits {
  const [mantissa = '', exponent = '0'] = text.split('e');
  return { digits: mantissa.replace('.', '').replace(/0+$/, ''), point: Number(exponent) + 1 };
}

/** Every digit: a binary fraction always ends in decimal. */
export function exactDigits(value: number, bits: FloatBits): Digits {
  const { mantissa, exponent } = binaryParts(value, bits);
  if (mantissa === 0n) return NO_DIGITS;
  const whole = exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(-exponent);
  const text = whole.toString();
  return { digits: text.replace(/0+$/, ''), point: text.length + Math.min(exponent, 0) };
}

function shouldRoundUp(digits: string, count: number): boolean {
  const next = digits.charCodeAt(count) - 0x30;
  const isHalf = next === 5 && count + 1 === digits.length;
  if (!isHalf) return next >= 5;
  return count > 0 && (digits.charCodeAt(count - 1) - 0x30) % 2 === 1;
}

/** Keeps `count` digits, of which the last may be raised by one. */
function keepDigits({ digits, point }: Digits, count: number, isRaised: boolean): Digits {
  const kept = digits.slice(0, count);
  const text = isRaised ? (BigInt(`0${kept}`) + 1n).toString().padStart(count, '0') : kept;
  const trimmed = text.replace(/0+$/, '');
  return trimmed === '' ? NO_DIGITS : { digits: trimmed, point: point + text.length - count };
}

/** Keeps `count` digits, rounding halves to even. */
export function roundDigits(exact: Digits, count: number): Digits {
  if (count < 0) return NO_DIGITS;
  if (count >= exact.digits.length) return exact;
  return keepDigits(exact, count, shouldRoundUp(exact.digits, count));
}

function isFloat32({ digits, point }: Digits, value: number): boolean {
  return Math.fround(Number(`0.${digits}e${point}`)) === value;
}

/** @param magnitude finite and not negative */
export function shortestDigits(magnitude: number, bits: FloatBits): Digits {
  if (magnitude === 0) return NO_DIGITS;
  if (bits === 64) return fromExponential(magnitude.toExponential());
  const exact = exactDigits(magnitude, bits);
  // Nine digits tell every float32 from its neighbours.
  for (let count = 1; count < 9; count++) {
    // A power of two has more room above than below: there the number above may do where the nearest does not.
    const candidates = [roundDigits(exact, count), keepDigits(exact, count, true)];
    const found = candidates.find((candidate) => isFloat32(candidate, magnitude));
    if (found !== undefined) return found;
  }
  return roundDigits(exact, 9);
}
