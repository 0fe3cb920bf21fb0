/**
 * Cron schedules in UTC, which knows no daylight saving time: five fields or a shorthand, as github.com/robfig/cron/v3
 * reads them. `@every` counts from 1970, so that it fires at the same moments whoever asks.
 */

import { type CronField, type CronUnit, parseCronField } from './cron-field.ts';
import { parseDurationMs } from './duration.ts';

export interface Schedule {
  /** The first firing that is not before `ms`. */
  readonly firstFromMs: (ms: number) => number;
  /** The last firing that is not after `ms`. */
  readonly lastUntilMs: (ms: number) => number;
}

export type ParsedSchedule =
  | { readonly kind: 'schedule'; readonly schedule: Schedule }
  /** Ends a sentence that begins with the schedule. */
  | { readonly kind: 'invalid'; readonly reason: string };

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Between 29 February 2096 and 2104 there are 2,921 days. */
const LONGEST_GAP_DAYS = 3_000;

const MINUTE: CronUnit = { name: 'the minute', min: 0, max: 59 };
const HOUR: CronUnit = { name: 'the hour', min: 0, max: 23 };
const DAY_OF_MONTH: CronUnit = { name: 'the day of the month', min: 1, max: 31 };
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH: CronUnit = { name: 'the month', min: 1, max: 12, names: MONTHS };
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const DAY_OF_WEEK: CronUnit = { name: 'the day of the week', min: 0, max: 6, names: DAYS };

const SHORTHANDS: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

interface Fields {
  readonly minute: CronField;
  readonly hour: CronField;
  readonly dayOfMonth: CronField;
  readonly month: CronField;
  readonly dayOfWeek: CronField;
}

/** Where neither day field is a star, either is enough. */
function isOn({ dayOfMonth, month, dayOfWeek }: Fields, dayMs: number): boolean {
  const date = new Date(dayMs);
  if (!month.values.has(date.getUTCMonth() + 1)) return false;
  const isDay = dayOfMonth.values.has(date.getUTCDate());
  const isWeekday = dayOfWeek.values.has(date.getUTCDay());
  return dayOfMonth.isStar || dayOfWeek.isStar ? isDay && isWeekday : isDay || isWeekday;
}

/** Milliseconds after midnight, in order. */
function timesOfDay({ minute, hour }: Fields): readonly number[] {
  const times = [...hour.values].flatMap((h) => [...minute.values].map((m) => (h * 60 + m) * MINUTE_MS));
  return times.toSorted((a, b) => a - b);
}

function firstFrom(fields: Fields, times: readonly number[], ms: number): number | undefined {
  const today = Math.floor(ms / DAY_MS) * DAY_MS;
  for (let day = 0; day < LONGEST_GAP_DAYS; day += 1) {
    const dayMs = today + day * DAY_MS;
    if (!isOn(fields, dayMs)) continue;
    const time = times.find((each) => dayMs + each >= ms);
    if (time !== undefined) return dayMs + time;
  }
  return undefined;
}

function lastUntil(fields: Fields, times: readonly number[], ms: number): number | undefined {
  const today = Math.floor(ms / DAY_MS) * DAY_MS;
  for (let day = 0; day < LONGEST_GAP_DAYS; day += 1) {
    const dayMs = today - day * DAY_MS;
    if (!isOn(fields, dayMs)) continue;
    const time = times.findLast((each) => dayMs + each <= ms);
    if (time !== undefined) return dayMs + time;
  }
  return undefined;
}

function invalid(reason: string): ParsedSchedule {
  return { kind: 'invalid', reason };
}

function ofFields(fields: Fields): ParsedSchedule {
  const times = timesOfDay(fields);
  if (firstFrom(fields, times, 0) === undefined) return invalid('names a time that never comes');
  const schedule: Schedule = {
    firstFromMs: (ms) => firstFrom(fields, times, ms) ?? Number.POSITIVE_INFINITY,
    lastUntilMs: (ms) => lastUntil(fields, times, ms) ?? Number.NEGATIVE_INFINITY,
  };
  return { kind: 'schedule', schedule };
}

/** Whole seconds, and one at least, as there. */
function every(text: string): ParsedSchedule {
  const durationMs = parseDurationMs(text);
  if (durationMs === undefined) return invalid('has no duration such as "1h30m" after @every');
  const periodMs = Math.max(1, Math.floor(durationMs / 1_000)) * 1_000;
  const schedule: Schedule = {
    firstFromMs: (ms) => Math.ceil(ms / periodMs) * periodMs,
    lastUntilMs: (ms) => Math.floor(ms / periodMs) * periodMs,
  };
  return { kind: 'schedule', schedule };
}

function fiveFields(text: string): ParsedSchedule {
  const texts = text.split(' ');
  if (texts.length !== 5 || texts.includes(''))
    return invalid('has not the five fields minute, hour, day of month, month, day of week');
  const units = [MINUTE, HOUR, DAY_OF_MONTH, MONTH, DAY_OF_WEEK];
  const parsed = units.map((unit, at) => parseCronField(texts[at] ?? '', unit));
  const problem = parsed.find((field) => typeof field === 'string');
  if (problem !== undefined) return invalid(`is no cron schedule: ${problem}`);
  const [minute, hour, dayOfMonth, month, dayOfWeek] = parsed.filter((field) => typeof field !== 'string');
  if (!(minute && hour && dayOfMonth && month && dayOfWeek)) return invalid('is no cron schedule');
  return ofFields({ minute, hour, dayOfMonth, month, dayOfWeek });
}

const EVERY = '@every ';

export function parseSchedule(text: string): ParsedSchedule {
  if (text.startsWith(EVERY)) return every(text.slice(EVERY.length));
  const shorthand = SHORTHANDS.get(text);
  if (shorthand === undefined && text.startsWith('@')) {
    return invalid(`is not one of ${[...SHORTHANDS.keys()].join(', ')} and @every`);
  }
  return fiveFields(shorthand ?? text);
}
