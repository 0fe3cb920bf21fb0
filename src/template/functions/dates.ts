/** Functions on dates and spans of time. What is no date is now, as sprig has it. */

import { parseInteger } from '../../strconv/number-text.ts';
import {
  type Execution,
  type FunctionTable,
  type GoFunction,
  type GoString,
  type GoValue,
  goString,
  goToText,
  TemplateFault,
} from '../value.ts';
import { define } from './declare.ts';
import { clampDuration, durationText, NS_A_SECOND, parseDuration, roundDuration } from './duration.ts';
import { type GoTime, type Instant, isTime } from './instant.ts';
import { toTime, ZERO_TIME } from './time.ts';
import { formatTime, unixSeconds } from './time-format.ts';
import { parseTime } from './time-parse.ts';
import { UTC, zoneOf } from './time-zone.ts';

/** Looking a zone up is dear. */
const STEPS_A_ZONE = 100;

const HTML_LAYOUT = '2006-01-02';

function now(execution: Execution): Instant {
  return { unixNs: BigInt(Math.round(execution.nowMs() * 1000)) * 1000n, zone: UTC };
}

/** A moment, or seconds from 1970 of one of the types; anything else is now. */
function instantOf(value: GoValue, secondTypes: readonly string[], execution: Execution): Instant {
  if (isTime(value)) return value.instant;
  const isSeconds = value !== null && typeof value === 'object' && secondTypes.includes(value.type);
  if (isSeconds && 'value' in value && typeof value.value === 'bigint') {
    return { unixNs: value.value * NS_A_SECOND, zone: UTC };
  }
  return now(execution);
}

function format(layout: string, value: GoValue, zone: GoString, execution: Execution): GoString {
  const isUtc = zone === '' || zone === 'UTC' || zone === 'Local';
  if (!isUtc) execution.spend(STEPS_A_ZONE);
  const { unixNs } = instantOf(value, ['int64', 'int', 'int32'], execution);
  return formatTime({ unixNs, zone: isUtc ? UTC : zoneOf(goToText(zone)) }, layout);
}

function since(instant: Instant, execution: Execution): bigint {
  return clampDuration(now(execution).unixNs - instant.unixNs);
}

const NO_ZONE = '' as GoString;

function secondsText(value: GoValue): GoString {
  let seconds = 0n;
  if (typeof value === 'string') seconds = parseInteger(value, 10).value;
  else if (value !== null && typeof value === 'object' && value.type === 'int64' && 'value' in value) {
    seconds = typeof value.value === 'bigint' ? value.value : 0n;
  }
  return durationText(BigInt.asIntN(64, seconds * NS_A_SECOND));
}

function durationOf(value: GoValue, execution: Execution): bigint {
  if (typeof value === 'string') return parseDuration(value) ?? 0n;
  if (isTime(value)) return since(value.instant, execution);
  const isInteger = value !== null && typeof value === 'object' && value.type === 'int64' && 'value' in value;
  return isInteger && typeof value.value === 'bigint' ? value.value : 0n;
}

const SCALES: readonly (readonly [name: string, seconds: bigint])[] = [
  ['y', 365n * 86_400n],
  ['mo', 30n * 86_400n],
  ['d', 86_400n],
  ['h', 3600n],
  ['m', 60n],
  ['s', 1n],
];

/** In the largest unit of which there is more than one whole. */
function roughly(ns: bigint): GoString {
  const magnitude = ns < 0n ? -ns : ns;
  const [name, seconds] = SCALES.find(([, unit]) => magnitude > unit * NS_A_SECOND) ?? ['s', 0n];
  return goString(seconds === 0n ? '0s' : `${magnitude / (seconds * NS_A_SECOND)}${name}`);
}

function modified(text: GoString, time: GoTime): GoTime | undefined {
  const ns = parseDuration(text);
  return ns === undefined ? undefined : toTime({ ...time.instant, unixNs: time.instant.unixNs + ns });
}

/** @throws TemplateFault that does not hold the text, which may be a secret */
function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new TemplateFault(`invalid ${what}`);
  return value;
}

const dateInZone: GoFunction = define(['string', 'interface {}', 'string'], 'string', ([layout, value, zone], run) =>
  format(layout, value, zone, run),
);

const dateModify = define(['string', 'time.Time'], 'time.Time', ([text, time]) => modified(text, time) ?? time);

const mustDateModify = define(['string', 'time.Time'], 'time.Time', ([text, time]) =>
  required(modified(text, time), 'duration'),
);

export const DATES: FunctionTable = new Map([
  [
    'ago',
    define(['interface {}'], 'string', ([value], execution) =>
      durationText(roundDuration(since(instantOf(value, ['int64', 'int'], execution), execution), NS_A_SECOND)),
    ),
  ],
  ['date', define(['string', 'interface {}'], 'string', ([layout, value], run) => format(layout, value, NO_ZONE, run))],
  ['dateInZone', dateInZone],
  ['dateModify', dateModify],
  ['date_in_zone', dateInZone],
  ['date_modify', dateModify],
  ['duration', define(['interface {}'], 'string', ([value]) => secondsText(value))],
  ['durationRound', define(['interface {}'], 'string', ([value], run) => roughly(durationOf(value, run)))],
  ['htmlDate', define(['interface {}'], 'string', ([value], run) => format(HTML_LAYOUT, value, NO_ZONE, run))],
  [
    'htmlDateInZone',
    define(['interface {}', 'string'], 'string', ([value, zone], run) => format(HTML_LAYOUT, value, zone, run)),
  ],
  ['mustDateModify', mustDateModify],
  [
    'mustToDate',
    define(['string', 'string'], 'time.Time', ([layout, text]) => toTime(required(parseTime(layout, text), 'date'))),
  ],
  ['must_date_modify', mustDateModify],
  ['now', define([], 'time.Time', (_, execution) => toTime(now(execution)))],
  [
    'toDate',
    define(['string', 'string'], 'time.Time', ([layout, text]) => toTime(parseTime(layout, text) ?? ZERO_TIME)),
  ],
  ['unixEpoch', define(['time.Time'], 'string', ([time]) => goString(String(unixSeconds(time.instant.unixNs))))],
]);
