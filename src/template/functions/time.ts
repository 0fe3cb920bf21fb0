/** Moments as values: what templates may ask of a `time.Time`. */

import { type GoFunction, type GoInt, type GoString, goString, int, int64 } from '../value.ts';
import { daysOfDate } from './calendar.ts';
import { define } from './declare.ts';
import { clampDuration, duration, NS_A_SECOND } from './duration.ts';
import type { GoTime, Instant } from './instant.ts';
import { UnsupportedJson } from './json-text.ts';
import { formatTime, momentOf, unixSeconds } from './time-format.ts';
import { MONTHS, WEEKDAYS } from './time-layout.ts';
import { UTC } from './time-zone.ts';

/** 1 January of the year 1, which Go takes for no time at all. */
export const ZERO_TIME: Instant = { unixNs: -62_135_596_800n * NS_A_SECOND, zone: UTC };

const RFC3339 = '2006-01-02T15:04:05.999999999Z07:00';
const STRING = '2006-01-02 15:04:05.999999999 -0700 MST';

/** What RFC 3339 has a form for: years of four digits, offsets of less than a day. */
const IN_RANGE = /^[0-9]{4}-.*(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-9]{2})$/;

/** @throws UnsupportedJson */
function jsonText(instant: Instant): GoString {
  const text = formatTime(instant, RFC3339);
  if (!IN_RANGE.test(text)) throw new UnsupportedJson('json: the year or the offset of a time is out of range');
  return text;
}

function named(type: string, value: number, name: string): GoInt {
  const text = (): GoString => goString(name);
  return { kind: 'int', type, value: BigInt(value), text, methods: new Map([['String', define([], 'string', text)]]) };
}

/** Years, months and days on the calendar; what is out of range carries over. */
function addDate(instant: Instant, years: number, months: number, days: number): Instant {
  const now = momentOf(instant);
  const shift =
    daysOfDate(now.year + years, now.month + months, now.day + days) - daysOfDate(now.year, now.month, now.day);
  const moved = instant.unixNs + BigInt(shift) * 86_400n * NS_A_SECOND;
  // The clock shows the same time, though the zone's offset may have changed.
  const change = now.zone.seconds - momentOf({ ...instant, unixNs: moved }).zone.seconds;
  return { ...instant, unixNs: moved + BigInt(change) * NS_A_SECOND };
}

/** From the zero time on, in UTC. */
function truncated(instant: Instant, unit: bigint, rounds: boolean): Instant {
  if (unit <= 0n) return instant;
  const rest = (((instant.unixNs - ZERO_TIME.unixNs) % unit) + unit) % unit;
  const up = rounds && rest * 2n >= unit ? unit : 0n;
  return { ...instant, unixNs: instant.unixNs - rest + up };
}

/** Zones of moments are UTC, or have the one offset that a text gave: none has a summer time. */
function numberMethods(instant: Instant): [string, GoFunction][] {
  const moment = momentOf(instant);
  const whole = (value: number): GoFunction => define([], 'int', () => int(value));
  const unix = (divisor: bigint): GoFunction =>
    define([], 'int64', () => int64(unixSeconds(instant.unixNs * (NS_A_SECOND / divisor))));
  return [
    ['Day', whole(moment.day)],
    ['Hour', whole(moment.hour)],
    ['Minute', whole(moment.minute)],
    ['Month', define([], 'time.Month', () => named('time.Month', moment.month, MONTHS[moment.month - 1] ?? ''))],
    ['Nanosecond', whole(moment.nanosecond)],
    ['IsDST', define([], 'bool', () => false)],
    ['Second', whole(moment.second)],
    ['Unix', unix(NS_A_SECOND)],
    ['UnixMicro', unix(1000n)],
    ['UnixMilli', unix(1_000_000n)],
    ['UnixNano', unix(1n)],
    [
      'Weekday',
      define([], 'time.Weekday', () => named('time.Weekday', moment.weekday, WEEKDAYS[moment.weekday] ?? '')),
    ],
    ['Year', whole(moment.year)],
    ['YearDay', whole(moment.yearDay)],
  ];
}

function comparisonMethods(instant: Instant): [string, GoFunction][] {
  const order = (other: GoTime): number => {
    const difference = instant.unixNs - other.instant.unixNs;
    return difference < 0n ? -1 : Number(difference > 0n);
  };
  return [
    ['After', define(['time.Time'], 'bool', ([other]) => order(other) > 0)],
    ['Before', define(['time.Time'], 'bool', ([other]) => order(other) < 0)],
    ['Compare', define(['time.Time'], 'int', ([other]) => int(order(other)))],
    ['Equal', define(['time.Time'], 'bool', ([other]) => order(other) === 0)],
    ['IsZero', define([], 'bool', () => instant.unixNs === ZERO_TIME.unixNs)],
    [
      'Sub',
      define(['time.Time'], 'time.Duration', ([other]) =>
        duration(clampDuration(instant.unixNs - other.instant.unixNs)),
      ),
    ],
  ];
}

function movingMethods(instant: Instant): [string, GoFunction][] {
  const moved = (change: (ns: bigint) => Instant): GoFunction =>
    define(['time.Duration'], 'time.Time', ([ns]) => toTime(change(ns)));
  const inUtc = define([], 'time.Time', () => toTime({ ...instant, zone: UTC }));
  return [
    ['Add', moved((ns) => ({ ...instant, unixNs: instant.unixNs + ns }))],
    [
      'AddDate',
      define(['int', 'int', 'int'], 'time.Time', ([years, months, days]) =>
        toTime(addDate(instant, Number(years), Number(months), Number(days))),
      ),
    ],
    ['Local', inUtc],
    ['Round', moved((unit) => truncated(instant, unit, true))],
    ['Truncate', moved((unit) => truncated(instant, unit, false))],
    ['UTC', inUtc],
  ];
}

export function toTime(instant: Instant): GoTime {
  const text = (): GoString => formatTime(instant, STRING);
  let methods: ReadonlyMap<string, GoFunction> | undefined;
  return {
    kind: 'struct',
    type: 'time.Time',
    fields: new Map(),
    /** Made only when asked for: most moments are just printed. */
    get methods() {
      methods ??= new Map<string, GoFunction>([
        ...numberMethods(instant),
        ...comparisonMethods(instant),
        ...movingMethods(instant),
        ['Format', define(['string'], 'string', ([layout]) => formatTime(instant, layout))],
        ['String', define([], 'string', text)],
      ]);
      return methods;
    },
    text,
    jsonText: () => jsonText(instant),
    instant,
  };
}
