/** Tells that the machine itself gave out: the stack's end, or a string or number larger than can be. */

const EXHAUSTED = /call stack|Invalid (string|array|typed array) length|BigInt size|Array buffer allocation/;

export function isExhaustion(error: unknown): boolean {
  return error instanceof RangeError && EXHAUSTED.test(error.message);
}
