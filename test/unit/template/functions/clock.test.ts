/** Functions that depend on the clock: the one that they are given. */

import { expect, test } from 'vitest';
import { rendered } from './rendering.ts';

test.each([
  ['now', '{{ now | date "2006-01-02T15:04:05.000Z07:00" }}', '2021-06-12T08:30:00.250Z'],
  ['what is no date is now', '{{ date "2006-01-02" "x" }} {{ htmlDate nil }}', '2021-06-12 2021-06-12'],
  ['ago rounds to seconds', '{{ ago (now.Add -90500000000) }} {{ ago 1623486599 }} {{ ago "x" }}', '1m31s 1s 0s'],
  ['ago of what is to come', '{{ ago (now | dateModify "2h") }}', '-2h0m0s'],
  ['durationRound of a time', '{{ durationRound (now | dateModify "-49h") }}', '2d'],
  ['ago of no time at all is as long as can be', '{{ ago (toDate "x" "y") }}', '2562047h47m16.854775807s'],
])('%s', (_, template, output) => {
  expect(rendered(template)).toBe(output);
});
