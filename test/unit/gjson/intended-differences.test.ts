/** Where paths are meant to find something else than gjson does. */

import { expect, test } from 'vitest';
import { finding } from './finding.ts';

test.each([
  ['a wrong escape', '{"a":"begins\\qends"}'],
  ['a line break beside an escape', '{"a":"begins\\t\nends"}'],
  ['an escape that is cut off', '{"a":"begins\\u12"}'],
])('a string with %s is not given up to there', (_, json) => {
  expect(finding(json, 'a')).toBe('(cut)');
  expect(finding(`[${json}]`, '#(a%"b*").a')).toBe('(cut)');
});

test('a string with a line break and without an escape is whole, as for gjson', () => {
  expect(finding('{"a":"begins\nends"}', 'a')).toBe('begins\nends');
});

test('what is cut does not hide its neighbours', () => {
  expect(finding('{"\\q":1,"a":"\\q","b":"x"}', 'b')).toBe('x');
});

test('a number beyond all float64 is given as it stands', () => {
  expect(finding('{"a":-1.5e999}', 'a')).toBe('-1.5e999');
  expect(finding('[1e400]', '#(>1)')).toBe('1e400');
});
