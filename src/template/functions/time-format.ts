/** Moments as text, as Go's `Time.Format` writes them. */

import { type GoString, goString } from '../value.ts';
import { type CivilTime, civilTime } from './calendar.ts';
import type { Instant, ZoneOffset } from './instant.ts';
import { MONTHS, readLayout, WEEKDAYS } from './time-layout.ts';

const NS_A_SECOND = 1_000_000_000n;

interface Moment extends CivilTime {
  readonly nanosecond: number;
  readonly zone: ZoneOffset;
}

/** Rounded down, for times before 1970 too. */
export function unixSeconds(unixNs: bigint): bigint {
  return (unixNs - (((unixNs % NS_A_SECOND) + NS_A_SECOND) % NS_A_SECOND)) / NS_A_SECOND;
}

export function momentOf({ unixNs, zone }: Instant): Moment {
  const seconds = unixSeconds(unixNs);
  const offset = zone.at(Number(seconds));
  return {
    ...civilTime(Number(seconds) + offset.seconds),
    nanosecond: Number(unixNs - seconds * NS_A_SECOND),
    zone: offset,
  };
}

function pad(value: number, width: number, filler = '0'): string {
  const digits = String(Math.abs(value)).padStart(width, filler);
  return value < 0 ? `-${digits}` : digits;
}

function hour12(hour: number): number {
  return hour % 12 === 0 ? 12 : hour % 12;
}

function offsetText(seconds: number, separator: string, withMinutes: boolean, withSeconds: boolean): string {
  const minutes = Math.trunc(seconds / 60);
  const magnitude = Math.abs(minutes);
  const rest = minutes < 0 ? -seconds % 60 : seconds % 60;
  let text = `${minutes < 0 ? '-' : '+'}${pad(Math.floor(magnitude / 60), 2)}`;
  if (withMinutes) text += separator + pad(magnitude % 60, 2);
  if (withSeconds) text += separator + pad(rest, 2);
  return text;
}

function zoneField(field: string, { seconds }: ZoneOffset): string {
  if (field.startsWith('Z') && seconds === 0) return 'Z';
  const separator = field.includes(':') ? ':' : '';
  const digits = field.replaceAll(/[^0-9]/g, '').length;
  return offsetText(seconds, separator, digits >= 4, digits === 6);
}

const FIELDS: ReadonlyMap<string, (moment: Moment) => string> = new Map([
  ['2006', ({ year }) => pad(year, 4)],
  ['06', ({ year }) => pad(Math.abs(year) % 100, 2)],
  ['January', ({ month }) => MONTHS[month - 1] ?? ''],
  ['Jan', ({ month }) => (MONTHS[month - 1] ?? '').slice(0, 3)],
  ['1', ({ month }) => String(month)],
  ['01', ({ month }) => pad(month, 2)],
  ['Monday', ({ weekday }) => WEEKDAYS[weekday] ?? ''],
  ['Mon', ({ weekday }) => (WEEKDAYS[weekday] ?? '').slice(0, 3)],
  ['2', ({ day }) => String(day)],
  ['_2', ({ day }) => pad(day, 2, ' ')],
  ['02', ({ day }) => pad(day, 2)],
  ['__2', ({ yearDay }) => pad(yearDay, 3, ' ')],
  ['002', ({ yearDay }) => pad(yearDay, 3)],
  ['15', ({ hour }) => pad(hour, 2)],
  ['3', ({ hour }) => String(hour12(hour))],
  ['03', ({ hour }) => pad(hour12(hour), 2)],
  ['4', ({ minute }) => String(minute)],
  ['04', ({ minute }) => pad(minute, 2)],
  ['5', ({ second }) => String(second)],
  ['05', ({ second }) => pad(second, 2)],
  ['PM', ({ hour }) => (hour >= 12 ? 'PM' : 'AM')],
  ['pm', ({ hour }) => (hour >= 12 ? 'pm' : 'am')],
  ['MST', ({ zone }) => (zone.abbreviation === '' ? offsetText(zone.seconds, '', true, false) : zone.abbreviation)],
]);

function fractionText(nanosecond: number, separator: string, digits: number, trims: boolean): string {
  const text = pad(nanosecond, 9).slice(0, digits);
  const kept = trims ? text.replace(/0+$/, '') : text;
  return kept === '' ? '' : separator + kept;
}

export function formatTime(instant: Instant, layout: string): GoString {
  const moment = momentOf(instant);
  let text = '';
  for (const part of readLayout(layout)) {
    if (part.kind === 'text') text += part.text;
    else if (part.kind === 'fraction') text += fractionText(moment.nanosecond, part.separator, part.digits, part.trims);
    else {
      const field = FIELDS.get(part.field);
      text += field === undefined ? zoneField(part.field, moment.zone) : goString(field(moment));
    }
  }
  return text as GoString;
}
