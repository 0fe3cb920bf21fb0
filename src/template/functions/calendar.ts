/** The Gregorian calendar, before its introduction too, as Go's `time` counts it. */

const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];
const SECONDS_A_DAY = 86_400;

export interface CivilDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  /** 1 to 366. */
  readonly yearDay: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

export interface CivilTime extends CivilDate {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

export function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export function daysIn(month: number, year: number): number {
  if (month === 2 && isLeap(year)) return 29;
  return (DAYS_BEFORE[month] ?? 0) - (DAYS_BEFORE[month - 1] ?? 0);
}

function daysBeforeMonth(month: number, year: number): number {
  return (DAYS_BEFORE[month - 1] ?? 0) + (month > 2 && isLeap(year) ? 1 : 0);
}

/** Days from 1 January 1970; month and day may be out of range and carry over. */
export function daysOfDate(year: number, month: number, day: number): number {
  const carried = year + Math.floor((month - 1) / 12);
  const inYear = ((((month - 1) % 12) + 12) % 12) + 1;
  const before = carried - 1;
  const leaps = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  const days = before * 365 + leaps + daysBeforeMonth(inYear, carried) + day - 1;
  return days - 719_162;
}

/** @param days from 1 January 1970 */
function dateOfDays(days: number): CivilDate {
  let year = 1970 + Math.floor(days / 365.2425);
  while (daysOfDate(year, 1, 1) > days) year--;
  while (daysOfDate(year + 1, 1, 1) <= days) year++;
  const yearDay = days - daysOfDate(year, 1, 1) + 1;
  let month = 1;
  while (month < 12 && daysBeforeMonth(month + 1, year) < yearDay) month++;
  const weekday = (((days + 4) % 7) + 7) % 7;
  return { year, month, day: yearDay - daysBeforeMonth(month, year), yearDay, weekday };
}

/** @param seconds of local time, from midnight of 1 January 1970 */
export function civilTime(seconds: number): CivilTime {
  const days = Math.floor(seconds / SECONDS_A_DAY);
  const ofDay = seconds - days * SECONDS_A_DAY;
  return {
    ...dateOfDays(days),
    hour: Math.floor(ofDay / 3600),
    minute: Math.floor(ofDay / 60) % 60,
    second: ofDay % 60,
  };
}

/** Month and day for the nth day of a year. */
export function dateOfYearDay(yearDay: number, year: number): CivilDate {
  return dateOfDays(daysOfDate(year, 1, 1) + yearDay - 1);
}
