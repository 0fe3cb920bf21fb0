/** Text as moments, as Go's `time.ParseInLocation` reads it in UTC. */

import { dateOfYearDay, daysIn, daysOfDate, isLeap } from './calendar.ts';
import type { Instant, Zone } from './instant.ts';
import { type LayoutPart, MONTHS, readLayout, WEEKDAYS } from './time-layout.ts';
import { fixedZone, UTC } from './time-zone.ts';

const NS_A_SECOND = 1_000_000_000n;

/** What does not fit the layout, or is no date. Says nothing of the text, which may be a secret. */
class NoMatch extends Error {
  override readonly name = 'NoMatch';
}

interface Numbers {
  year: number;
  /** -1 when the layout does not name it; so are day and day of the year. */
  month: number;
  day: number;
  yearDay: number;
  hour: number;
  minute: number;
  second: number;
}

interface Reading {
  readonly text: string;
  readonly numbers: Numbers;
  at: number;
  nanosecond: number;
  /** A text may say both. */
  isMorning: boolean;
  isAfternoon: boolean;
  zone: Zone | undefined;
  offset: number | undefined;
  zoneName: string;
}

interface NumberField {
  readonly name: keyof Numbers;
  readonly pattern: RegExp;
  readonly min: number;
  readonly max: number;
}

function numberField(name: keyof Numbers, pattern: RegExp, min: number, max: number): NumberField {
  return { name, pattern: new RegExp(pattern, 'y'), min, max };
}

const SHORT = /[0-9]{1,2}/;
const FULL = /[0-9]{2}/;

/** Days are checked when all is read: only then it is known which month they are of, and the last one counts. */
const NUMBER_FIELDS: ReadonlyMap<string, NumberField> = new Map([
  ['2006', numberField('year', /[0-9]{4}/, 0, 9999)],
  ['06', numberField('year', FULL, 0, 99)],
  ['1', numberField('month', SHORT, 1, 12)],
  ['01', numberField('month', FULL, 1, 12)],
  ['2', numberField('day', SHORT, 0, 99)],
  ['_2', numberField('day', / ?[0-9]{1,2}/, 0, 99)],
  ['02', numberField('day', FULL, 0, 99)],
  ['__2', numberField('yearDay', / {0,2}[0-9]{1,3}/, 0, 999)],
  ['002', numberField('yearDay', /[0-9]{3}/, 0, 999)],
  ['15', numberField('hour', SHORT, 0, 23)],
  ['3', numberField('hour', SHORT, 0, 12)],
  ['03', numberField('hour', FULL, 0, 12)],
  ['4', numberField('minute', SHORT, 0, 59)],
  ['04', numberField('minute', FULL, 0, 59)],
  ['5', numberField('second', SHORT, 0, 59)],
  ['05', numberField('second', FULL, 0, 59)],
]);

const FRACTION = /(?:[.,][0-9]+)?/y;

/** Names of zones: three to five capitals, some with small letters; `GMT` and bare numbers with hours. */
const HOURS = '[+-]0*(?:2[0-3]|1?[0-9])(?![0-9])';
const ZONE_NAME = new RegExp(
  `ChST|MeST|GMT(?:${HOURS})?|${HOURS}|[A-Z]{4}T(?![A-Z])|(?:[A-Z]{3}T|WITA)(?![A-Z])|[A-Z]{3}(?![A-Z])`,
  'y',
);

/** Takes what the pattern, which is sticky, matches here. */
function take(reading: Reading, pattern: RegExp): string {
  pattern.lastIndex = reading.at;
  const match = pattern.exec(reading.text);
  if (match === null) throw new NoMatch();
  reading.at += match[0].length;
  return match[0];
}

/** One space stands for any number of them. */
function takeText(reading: Reading, text: string): void {
  for (const run of text.match(/ +|[^ ]+/g) ?? []) {
    if (run.startsWith(' ')) takeSpaces(reading);
    else if (reading.text.startsWith(run, reading.at)) reading.at += run.length;
    else throw new NoMatch();
  }
}

function takeSpaces(reading: Reading): void {
  const isMissing = reading.at < reading.text.length && reading.text[reading.at] !== ' ';
  if (isMissing) throw new NoMatch();
  while (reading.text[reading.at] === ' ') reading.at++;
}

function takeName(reading: Reading, names: readonly string[], length: number): number {
  const rest = reading.text.slice(reading.at, reading.at + 10).toLowerCase();
  const index = names.findIndex((name) => rest.startsWith(name.slice(0, length).toLowerCase()));
  if (index < 0) throw new NoMatch();
  reading.at += names[index]?.slice(0, length).length ?? 0;
  return index;
}

function takeNumber(reading: Reading, field: string, { name, pattern, min, max }: NumberField): void {
  const value = Number(take(reading, pattern));
  if (value < min || value > max) throw new NoMatch();
  reading.numbers[name] = field === '06' ? value + (value >= 69 ? 1900 : 2000) : value;
}

/** `.5` is 500 million; digits beyond the ninth do not count. */
function takeFraction(reading: Reading, digits: number): void {
  const fraction = take(reading, digits > 0 ? new RegExp(`[.,][0-9]{${digits}}`, 'y') : FRACTION);
  if (fraction !== '') reading.nanosecond = Number(fraction.slice(1, 10).padEnd(9, '0'));
}

function takeOffset(reading: Reading, field: string): void {
  if (field.startsWith('Z') && reading.text[reading.at] === 'Z') {
    reading.at++;
    reading.zone = UTC;
    return;
  }
  const pattern = field.slice(1).replaceAll(/[0-9]{2}/g, '[0-9]{2}');
  const text = take(reading, new RegExp(`[+-]${pattern}`, 'y'));
  const [hours = 0, minutes = 0, seconds = 0] = (text.match(/[0-9]{2}/g) ?? []).map(Number);
  if (hours > 24 || minutes > 60 || seconds > 60) throw new NoMatch();
  const offset = (hours * 60 + minutes) * 60 + seconds;
  // An offset of one second west is how Go notes that there is none.
  const isNone = offset === 1 && text.startsWith('-');
  reading.offset = isNone ? undefined : text.startsWith('-') ? -offset : offset;
}

function takeZoneName(reading: Reading): void {
  if (reading.text.startsWith('UTC', reading.at)) {
    reading.at += 3;
    reading.zone = UTC;
    return;
  }
  reading.zoneName = take(reading, ZONE_NAME);
}

const OTHER_FIELDS: ReadonlyMap<string, (reading: Reading) => void> = new Map([
  ['January', (reading) => takeMonth(reading, 9)],
  ['Jan', (reading) => takeMonth(reading, 3)],
  ['Monday', (reading) => void takeName(reading, WEEKDAYS, 9)],
  ['Mon', (reading) => void takeName(reading, WEEKDAYS, 3)],
  ['PM', (reading) => takeHalf(reading, /AM|PM/y)],
  ['pm', (reading) => takeHalf(reading, /am|pm/y)],
  ['MST', takeZoneName],
]);

function takeMonth(reading: Reading, length: number): void {
  reading.numbers.month = takeName(reading, MONTHS, length) + 1;
}

function takeHalf(reading: Reading, pattern: RegExp): void {
  if (take(reading, pattern).toLowerCase() === 'pm') reading.isAfternoon = true;
  else reading.isMorning = true;
}

function takeField(reading: Reading, field: string, next: LayoutPart | undefined): void {
  const number = NUMBER_FIELDS.get(field);
  const other = OTHER_FIELDS.get(field);
  if (number !== undefined) takeNumber(reading, field, number);
  else if (other !== undefined) other(reading);
  else takeOffset(reading, field);
  // Seconds may have a fraction where the layout names none.
  if (number?.name === 'second' && next?.kind !== 'fraction') takeFraction(reading, 0);
}

interface MonthAndDay {
  readonly month: number;
  readonly day: number;
}

/** Month and day may be named beside the day of the year, but must agree with it. */
function dateOfNamedYearDay({ year, month, day, yearDay }: Numbers): MonthAndDay {
  if (yearDay < 1 || yearDay > (isLeap(year) ? 366 : 365)) throw new NoMatch();
  const date = dateOfYearDay(yearDay, year);
  const agrees = [-1, date.month].includes(month) && [-1, date.day].includes(day);
  if (!agrees) throw new NoMatch();
  return date;
}

function dateInYear(numbers: Numbers): MonthAndDay {
  const { month, day, yearDay } = numbers;
  if (yearDay >= 0) return dateOfNamedYearDay(numbers);
  return { month: month < 0 ? 1 : month, day: day < 0 ? 1 : day };
}

/** Days from 1970; what the text does not name is the first. */
function daysOf(numbers: Numbers): number {
  const { month, day } = dateInYear(numbers);
  if (day < 1 || day > daysIn(month, numbers.year)) throw new NoMatch();
  return daysOfDate(numbers.year, month, day);
}

function hourOf({ isMorning, isAfternoon, numbers: { hour } }: Reading): number {
  if (isAfternoon && hour < 12) return hour + 12;
  return isMorning && hour === 12 ? 0 : hour;
}

/** A name without an offset is not known here: it is kept, and taken for UTC's, but for `GMT+3`. */
function namedZone(name: string): Zone {
  return fixedZone(name, name.startsWith('GMT') ? Number(name.slice(3)) * 3600 : 0);
}

function toInstant(reading: Reading): Instant {
  const { minute, second } = reading.numbers;
  const seconds = daysOf(reading.numbers) * 86_400 + hourOf(reading) * 3600 + minute * 60 + second;
  const unixNs = BigInt(seconds) * NS_A_SECOND + BigInt(reading.nanosecond);
  const { zone, offset, zoneName } = reading;
  if (zone !== undefined || (offset === undefined && zoneName === '')) return { unixNs, zone: zone ?? UTC };
  if (offset === undefined) return { unixNs, zone: namedZone(zoneName) };
  const isUtc = offset === 0 && (zoneName === '' || zoneName === 'UTC');
  return { unixNs: unixNs - BigInt(offset) * NS_A_SECOND, zone: isUtc ? UTC : fixedZone(zoneName, offset) };
}

function read(layout: string, text: string): Instant {
  const reading: Reading = {
    text,
    numbers: { year: 0, month: -1, day: -1, yearDay: -1, hour: 0, minute: 0, second: 0 },
    at: 0,
    nanosecond: 0,
    isMorning: false,
    isAfternoon: false,
    zone: undefined,
    offset: undefined,
    zoneName: '',
  };
  const parts = readLayout(layout);
  for (const [i, part] of parts.entries()) {
    if (part.kind === 'text') takeText(reading, part.text);
    else if (part.kind === 'fraction') takeFraction(reading, part.trims ? 0 : part.digits);
    else
      takeField(
        reading,
        part.field,
        parts.slice(i + 1).find((next) => next.kind !== 'text'),
      );
  }
  if (reading.at < text.length) throw new NoMatch();
  return toInstant(reading);
}

/** Undefined for text that does not fit the layout, or is no date. */
export function parseTime(layout: string, text: string): Instant | undefined {
  try {
    return read(layout, text);
  } catch (error) {
    if (error instanceof NoMatch) return undefined;
    throw error;
  }
}
