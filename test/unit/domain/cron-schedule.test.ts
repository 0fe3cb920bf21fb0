/** What is expected is what github.com/robfig/cron/v3 gave, for four firings after a moment in January. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSchedule, type Schedule } from '../../../src/domain/cron-schedule.ts';

const FROM_MS = Date.parse('2026-01-31T23:59:30.500Z');

function schedule(text: string): Schedule {
  const parsed = parseSchedule(text);
  if (parsed.kind === 'invalid') throw new Error(parsed.reason);
  return parsed.schedule;
}

function firings(text: string, count: number): readonly string[] {
  const { firstFromMs } = schedule(text);
  const found: string[] = [];
  for (let ms = FROM_MS; found.length < count; ms = Date.parse(found.at(-1) ?? '') + 1) {
    found.push(new Date(firstFromMs(ms)).toISOString().replace(':00.000Z', 'Z'));
  }
  return found;
}

test.each([
  ['every year', '@annually', '2027-01-01T00:00Z 2028-01-01T00:00Z'],
  ['every year, in other words', '@yearly', '2027-01-01T00:00Z 2028-01-01T00:00Z'],
  ['every month', '@monthly', '2026-02-01T00:00Z 2026-03-01T00:00Z'],
  ['every week, on Sunday', '@weekly', '2026-02-01T00:00Z 2026-02-08T00:00Z'],
  ['every day', '@daily', '2026-02-01T00:00Z 2026-02-02T00:00Z'],
  ['every day, in other words', '@midnight', '2026-02-01T00:00Z 2026-02-02T00:00Z'],
  ['every hour', '@hourly', '2026-02-01T00:00Z 2026-02-01T01:00Z'],
  ['every minute', '* * * * *', '2026-02-01T00:00Z 2026-02-01T00:01Z'],
  ['at ten in the evening', '0 22 * * *', '2026-02-01T22:00Z 2026-02-02T22:00Z'],
  ['steps, ranges and names', '*/15 9-17 * * mon-fri', '2026-02-02T09:00Z 2026-02-02T09:15Z 2026-02-02T09:30Z'],
  ['a list of names in any case', '0 0 ? * MON,wed,Fri', '2026-02-02T00:00Z 2026-02-04T00:00Z 2026-02-06T00:00Z'],
  ['a start and a step', '5/20 * * * *', '2026-02-01T00:05Z 2026-02-01T00:25Z 2026-02-01T00:45Z 2026-02-01T01:05Z'],
  [
    'a range and a step',
    '0 1-5/2 * JAN-mar *',
    '2026-02-01T01:00Z 2026-02-01T03:00Z 2026-02-01T05:00Z 2026-02-02T01:00Z',
  ],
  ['a month and a step', '* * * jan/4 *', '2026-05-01T00:00Z 2026-05-01T00:01Z'],
  ['days of the month', '0 0 1,15 * ?', '2026-02-01T00:00Z 2026-02-15T00:00Z 2026-03-01T00:00Z'],
  ['one day of the year', '30 4 1 JUN *', '2026-06-01T04:30Z 2027-06-01T04:30Z'],
  ['only in leap years', '0 0 29 2 *', '2028-02-29T00:00Z 2032-02-29T00:00Z'],
  ['only in long months', '0 0 31 * *', '2026-03-31T00:00Z 2026-05-31T00:00Z 2026-07-31T00:00Z 2026-08-31T00:00Z'],
  ['either of two days', '0 0 13 * 5', '2026-02-06T00:00Z 2026-02-13T00:00Z 2026-02-20T00:00Z'],
  [
    'either, where one has a step',
    '0 0 */2 * 1',
    '2026-02-01T00:00Z 2026-02-02T00:00Z 2026-02-03T00:00Z 2026-02-05T00:00Z',
  ],
  ['both, where one has a step of one', '0 0 */1 * 1', '2026-02-02T00:00Z 2026-02-09T00:00Z'],
  ['both, where one has a star among others', '0 0 5,* * 1', '2026-02-02T00:00Z 2026-02-09T00:00Z'],
  ['both, where the other has one', '0 0 5 * 1,*/1', '2026-02-05T00:00Z 2026-03-05T00:00Z'],
  ['a range of all days is no star', '0 0 1-31 * 1', '2026-02-01T00:00Z 2026-02-02T00:00Z'],
  ['a day that never comes, or Monday', '0 0 31 2 1', '2026-02-02T00:00Z 2026-02-09T00:00Z'],
  [
    'days of the week and a step',
    '0 0 * * 1-5/2',
    '2026-02-02T00:00Z 2026-02-04T00:00Z 2026-02-06T00:00Z 2026-02-09T00:00Z',
  ],
  ['the whole week', '0 0 * * sun-sat', '2026-02-01T00:00Z 2026-02-02T00:00Z'],
  ['a step beyond the end', '*/99 * * * *', '2026-02-01T00:00Z 2026-02-01T01:00Z'],
  ['empty parts of a list', ',1,,2 * * * *', '2026-02-01T00:01Z 2026-02-01T00:02Z 2026-02-01T01:01Z'],
  ['what follows a star', '*-5 * * * *', '2026-02-01T00:00Z 2026-02-01T00:01Z'],
  ['a plus sign and a zero in front', '+5 01 * * *', '2026-02-01T01:05Z 2026-02-02T01:05Z'],
])('%s', (_, text, expected) => {
  expect(firings(text, expected.split(' ').length).join(' ')).toBe(expected);
});

test.each([
  [
    'Sunday as 7',
    '0 0 * * 7',
    'is no cron schedule: "7" goes beyond what the day of the week can have, which is 0 to 6',
  ],
  ['a week that turns', '0 0 * * sat-sun', 'is no cron schedule: "sat-sun" ends before it begins'],
  ['minute 60', '60 * * * *', 'is no cron schedule: "60" goes beyond what the minute can have, which is 0 to 59'],
  ['hour 24', '0 24 * * *', 'is no cron schedule: "24" goes beyond what the hour can have, which is 0 to 23'],
  ['day 0', '0 0 0 * *', 'is no cron schedule: "0" goes beyond what the day of the month can have, which is 1 to 31'],
  [
    'day 32',
    '0 0 32 * *',
    'is no cron schedule: "32" goes beyond what the day of the month can have, which is 1 to 31',
  ],
  ['month 13', '0 0 * 13 *', 'is no cron schedule: "13" goes beyond what the month can have, which is 1 to 12'],
  ['a step of zero', '*/0 * * * *', 'is no cron schedule: "*/0" has a step of zero'],
  ['two hyphens', '1-2-3 * * * *', 'is no cron schedule: "1-2-3" has too many hyphens'],
  ['two slashes', '1/2/3 * * * *', 'is no cron schedule: "1/2/3" has too many slashes'],
  ['a word', 'a * * * *', 'is no cron schedule: "a" is not a number that the minute can have'],
  ['a long name', '0 0 * january *', 'is no cron schedule: "january" is not a number that the month can have'],
  ['a name as a step', '* * * */feb *', 'is no cron schedule: "feb" is not a number that a step can have'],
  ['a range without an end', '5- * * * *', 'is no cron schedule: "" is not a number that the minute can have'],
  ['a negative number', '-5 * * * *', 'is no cron schedule: "" is not a number that the minute can have'],
  ['the last day', '0 0 L * *', 'is no cron schedule: "L" is not a number that the day of the month can have'],
  ['the first Monday', '0 0 * * 1#1', 'is no cron schedule: "1#1" is not a number that the day of the week can have'],
  ['a time zone', 'TZ=UTC 0 22 * *', 'is no cron schedule: "TZ=UTC" is not a number that the minute can have'],
  ['four fields', '0 22 * *', 'has not the five fields minute, hour, day of month, month, day of week'],
  ['a field that is empty', '0 22 * * ', 'has not the five fields minute, hour, day of month, month, day of week'],
  ['six fields', '0 0 22 * * *', 'has not the five fields minute, hour, day of month, month, day of week'],
  ['30 February', '0 0 30 2 *', 'names a time that never comes'],
  ['the 31st of short months', '0 0 31 4,6,9,11 *', 'names a time that never comes'],
  ['a field of nothing', ', * * * *', 'names a time that never comes'],
  [
    'another case',
    '@Daily',
    'is not one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly and @every',
  ],
  ['every day that Go does not know', '@every 1d', 'has no duration such as "1h30m" after @every'],
  ['a space behind', '@every 1h ', 'has no duration such as "1h30m" after @every'],
])('%s is refused', (_, text, reason) => {
  expect(parseSchedule(text)).toEqual({ kind: 'invalid', reason });
});

describe('@every', () => {
  test.each([
    ['counts from 1970', '@every 1h30m', '2026-02-01T00:00:00.000Z'],
    ['is at midnight for a day', '@every 24h', '2026-02-01T00:00:00.000Z'],
    ['is on Thursday for a week', '@every 168h', '2026-02-05T00:00:00.000Z'],
    ['has one second at least', '@every 500ms', '2026-01-31T23:59:31.000Z'],
    ['has whole seconds', '@every 2500ms', '2026-01-31T23:59:32.000Z'],
    ['knows no negative time', '@every -5m', '2026-01-31T23:59:31.000Z'],
  ])('%s', (_, text, expected) => {
    expect(new Date(schedule(text).firstFromMs(FROM_MS)).toISOString()).toBe(expected);
  });
});

test('29 February is found across the year 2100, which has none', () => {
  const { firstFromMs, lastUntilMs } = schedule('0 0 29 2 *');
  expect(new Date(firstFromMs(Date.parse('2096-02-29T00:00:00.001Z'))).toISOString()).toBe('2104-02-29T00:00:00.000Z');
  expect(new Date(lastUntilMs(Date.parse('2104-02-28T23:59:59Z'))).toISOString()).toBe('2096-02-29T00:00:00.000Z');
});

test('the last firing and the next one leave no room between them', () => {
  const texts = ['*/7 3-5 * * *', '0 0 1 * 1', '@hourly', '@every 95m', '15 12 */3 2,7 *', '59 23 31 12 *'];
  const moment = fc.integer({ min: Date.parse('2020-01-01T00:00:00Z'), max: Date.parse('2040-01-01T00:00:00Z') });
  fc.assert(
    fc.property(fc.constantFrom(...texts), moment, (text, ms) => {
      const { firstFromMs, lastUntilMs } = schedule(text);
      const next = firstFromMs(ms);
      const last = lastUntilMs(ms);
      expect(last <= ms && ms <= next).toBe(true);
      expect([firstFromMs(last), lastUntilMs(next)]).toEqual([last, next]);
      expect(firstFromMs(last + 1)).toBe(last === next ? firstFromMs(next + 1) : next);
    }),
    { numRuns: 200 },
  );
});
