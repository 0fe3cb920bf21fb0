/** Go durations, as `refreshInterval` is written: `1h0m0s`, `90s`, `1.5h`, `-1m`. */

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const WHOLE = /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$/;
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/g;

/** Go counts nanoseconds in 64 bits with a sign: some 292 years. */
const LONGEST_MS = 2 ** 63 / 1e6;

/**
 * Milliseconds of a Go duration (https://pkg.go.dev/time#ParseDuration); `0` needs no unit.
 * Undefined when it is not one, such as `1d`, which Go does not know, or more than Go can hold.
 */
export function parseDurationMs(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0;
  if (!WHOLE.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(PART)) {
    totalMs += Number(amount) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
  }
  if (totalMs >= LONGEST_MS) return undefined;
  return text.startsWith('-') ? -totalMs : totalMs;
}
