/** Dates: layouts, zones, spans of time. What is expected is what Go's own engine gave. */

import { expect, test } from 'vitest';
import { failure, rendered } from './rendering.ts';

test.each([
  [
    'date in layouts of all kinds',
    '{{ $t := toDate "2006-01-02T15:04:05.999999999Z07:00" "2021-02-03T04:05:06.0070809Z" }}{{ date "Monday Mon January Jan 2006 06 01 1 02 2 _2 002 __2 15 03 3 04 4 05 5 PM pm" $t }}',
    'Wednesday Wed February Feb 2021 21 02 2 03 3  3 034  34 04 04 4 05 5 06 6 AM am',
  ],
  [
    'date with fractions',
    '{{ $t := toDate "2006-01-02T15:04:05.999999999Z07:00" "2021-02-03T04:05:06.0070809Z" }}{{ date ".000 .999 ,000000 .999999999 05.00" $t }}',
    '.007 .007 ,007080 .0070809 06.00',
  ],
  [
    'date with zones',
    '{{ dateInZone "-0700 -07:00 -07 Z0700 Z07:00 MST" 1612324306 "America/New_York" }}',
    '-0500 -05:00 -05 -0500 -05:00 EST',
  ],
  [
    'dates of zones in summer and winter',
    '{{ dateInZone "15:04 MST" 1609459200 "Europe/Berlin" }} {{ dateInZone "15:04 MST" 1625097600 "Europe/Berlin" }} {{ dateInZone "15:04 MST" 0 "Asia/Tokyo" }} {{ dateInZone "15:04 MST" 1625097600 "America/Sao_Paulo" }}',
    '01:00 CET 02:00 CEST 09:00 JST 21:00 -03',
  ],
  [
    'a zone that is none is UTC',
    '{{ dateInZone "15:04 MST" 0 "Nowhere/At_All" }} {{ dateInZone "15:04 MST" 0 "" }}',
    '00:00 UTC 00:00 UTC',
  ],
  [
    'date takes seconds of several types',
    '{{ date "2006-01-02" 0 }} {{ date "2006-01-02" (int64 86400) }} {{ htmlDate -86400 }} {{ htmlDateInZone 0 "Asia/Tokyo" }}',
    '1970-01-01 1970-01-02 1969-12-31 1970-01-01',
  ],
  [
    'toDate of what does not fit is no time at all',
    '{{ toDate "2006-01-02" "x" | date "2006-01-02T15:04:05" }} {{ (toDate "2006-01-02" "2021-02-29").IsZero }}',
    '0001-01-01T00:00:00 true',
  ],
  [
    'toDate reads zones and fractions',
    '{{ (toDate "2006-01-02 15:04:05 -0700" "2021-02-03 04:05:06.7 +0530").UTC }} {{ toDate "Jan _2 2006 3:04PM MST" "feb  3 2021 4:05PM CET" }}',
    '2021-02-02 22:35:06.7 +0000 UTC 2021-02-03 16:05:00 +0000 CET',
  ],
  ['unixEpoch', '{{ unixEpoch (toDate "2006-01-02 15:04:05.0" "1969-12-31 23:59:59.5") }}', '-1'],
  [
    'dateModify',
    '{{ $t := toDate "2006-01-02" "2021-02-28" }}{{ dateModify "-1.5h" $t }} {{ dateModify "nope" $t }} {{ $t | mustDateModify "24h1m1s1ms" }}',
    '2021-02-27 22:30:00 +0000 UTC 2021-02-28 00:00:00 +0000 UTC 2021-03-01 00:01:01.001 +0000 UTC',
  ],
  [
    'duration of seconds',
    '{{ duration "95" }} {{ duration (int64 3661) }} {{ duration 5 }} {{ duration "x" }}',
    '1m35s 1h1m1s 0s 0s',
  ],
  [
    'durationRound to the largest unit',
    '{{ durationRound "2h10m5s" }} {{ durationRound "400h" }} {{ durationRound "-1500ms" }} {{ durationRound (int64 1) }} {{ durationRound "1h" }}',
    '2h 16d 1s 0s 60m',
  ],
  [
    'a time has methods',
    '{{ $t := toDate "2006-01-02 15:04" "2021-02-03 04:05" }}{{ $t.Year }} {{ $t.Month }} {{ $t.Day }} {{ $t.Weekday }} {{ $t.YearDay }} {{ $t.Unix }} {{ ($t.AddDate 0 1 -3).Format "2006-01-02" }} {{ $t.Sub (toDate "2006" "2021") }}',
    '2021 February 3 Wednesday 34 1612325100 2021-02-28 796h5m0s',
  ],
])('%s', (_, template, output) => {
  expect(rendered(template)).toBe(output);
});

test.each([
  ['mustToDate fails for what does not fit', '{{ mustToDate "2006" "x" }}', 'invalid date'],
  ['mustDateModify fails for what is no span', '{{ mustDateModify "1d" (toDate "2006" "2021") }}', 'invalid duration'],
])('%s', (_, template, message) => {
  expect(failure(template)).toBe(message);
});
