/** Spans of time in nanoseconds, as Go's `time.Duration` reads and writes them. */

import { float64, type GoFunction, type GoInt, type GoString, goString, int64 } from '../value.ts';
import { define } from './declare.ts';

export const NS_A_SECOND = 1_000_000_000n;

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1000n],
  // The micro sign and the Greek letter, in UTF-8.
  ['\xc2\xb5s', 1000n],
  ['\xce\xbcs', 1000n],
  ['ms', 1_000_000n],
  ['s', NS_A_SECOND],
  ['m', 60n * NS_A_SECOND],
  ['h', 3600n * NS_A_SECOND],
]);

const TERM = /([0-9]*)(?:\.([0-9]*))?([^0-9.]+)/y;

/** A fraction as Go reads it: digits beyond what 63 bits hold do not count. */
function fractionNs(digits: string, unit: bigint): bigint {
  let kept = digits;
  while (kept.length > 18 && BigInt(kept) > MAX) kept = kept.slice(0, -1);
  return BigInt(Math.trunc(Number(BigInt(`0${kept}`)) * (Number(unit) / 10 ** kept.length)));
}

function termNs(term: RegExpExecArray): bigint | undefined {
  const [, whole = '', fraction, unitName = ''] = term;
  const unit = UNITS.get(unitName);
  if (unit === undefined || (whole === '' && (fraction ?? '') === '')) return undefined;
  if (whole.replace(/^0+/, '').length > 19) return undefined;
  return BigInt(`0${whole}`) * unit + fractionNs(fraction ?? '', unit);
}

/** As `time.ParseDuration`; undefined for what is none, or does not fit. */
export function parseDuration(text: GoString): bigint | undefined {
  const [, sign = '', terms = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (terms === '0') return 0n;
  if (terms === '') return undefined;
  let total = 0n;
  TERM.lastIndex = 0;
  for (let at = 0; at < terms.length; at = TERM.lastIndex) {
    TERM.lastIndex = at;
    const term = TERM.exec(terms);
    const ns = term === null ? undefined : termNs(term);
    if (ns === undefined) return undefined;
    total += ns;
    if (total > -MIN) return undefined;
  }
  if (sign === '-') return -total;
  return total > MAX ? undefined : total;
}

export function clampDuration(ns: bigint): bigint {
  if (ns > MAX) return MAX;
  return ns < MIN ? MIN : ns;
}

/** Half away from zero. */
export function roundDuration(ns: bigint, unit: bigint): bigint {
  if (unit <= 0n) return ns;
  const rest = ns % unit;
  const magnitude = rest < 0n ? -rest : rest;
  const whole = ns - rest;
  if (magnitude * 2n < unit) return whole;
  return clampDuration(whole + (ns < 0n ? -unit : unit));
}

/** Digits after the point, without zeros at the end. */
function decimal(value: bigint, unit: bigint): string {
  const fraction = (value % unit)
    .toString()
    .padStart(unit.toString().length - 1, '0')
    .replace(/0+$/, '');
  return `${value / unit}${fraction === '' ? '' : `.${fraction}`}`;
}

/** As `Duration.String`: `1h30m0s`, `1.5s`, `20ms`. */
export function durationText(ns: bigint): GoString {
  const magnitude = ns < 0n ? -ns : ns;
  const sign = ns < 0n ? '-' : '';
  if (magnitude === 0n) return goString('0s');
  if (magnitude < 1000n) return goString(`${sign}${magnitude}ns`);
  if (magnitude < 1_000_000n) return goString(`${sign}${decimal(magnitude, 1000n)}µs`);
  if (magnitude < NS_A_SECOND) return goString(`${sign}${decimal(magnitude, 1_000_000n)}ms`);
  const minutes = magnitude / (60n * NS_A_SECOND);
  const seconds = `${decimal(magnitude % (60n * NS_A_SECOND), NS_A_SECOND)}s`;
  if (minutes === 0n) return goString(sign + seconds);
  if (minutes < 60n) return goString(`${sign}${minutes}m${seconds}`);
  return goString(`${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`);
}

/** Whole units and the rest are divided apart, as Go does. */
function inUnits(ns: bigint, unit: bigint): GoFunction {
  return define([], 'float64', () => float64(Number(ns / unit) + Number(ns % unit) / Number(unit)));
}

export function duration(ns: bigint): GoInt {
  const text = (): GoString => durationText(ns);
  const methods = new Map<string, GoFunction>([
    ['Abs', define([], 'time.Duration', () => duration(clampDuration(ns < 0n ? -ns : ns)))],
    ['Hours', inUnits(ns, 3600n * NS_A_SECOND)],
    ['Microseconds', define([], 'int64', () => int64(ns / 1000n))],
    ['Milliseconds', define([], 'int64', () => int64(ns / 1_000_000n))],
    ['Minutes', inUnits(ns, 60n * NS_A_SECOND)],
    ['Nanoseconds', define([], 'int64', () => int64(ns))],
    ['Round', define(['time.Duration'], 'time.Duration', ([unit]) => duration(roundDuration(ns, unit)))],
    ['Seconds', inUnits(ns, NS_A_SECOND)],
    ['String', define([], 'string', text)],
    ['Truncate', define(['time.Duration'], 'time.Duration', ([unit]) => duration(unit <= 0n ? ns : ns - (ns % unit)))],
  ]);
  return { kind: 'int64', type: 'time.Duration', value: ns, text, methods };
}
