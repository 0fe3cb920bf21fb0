/** The bench's arithmetic: a wrong percentile or a miscounted write would be believed. */

import { describe, expect, it } from 'vitest';
import { readArguments, WrongArguments } from '../../../bench/arguments.ts';
import { apiRequests } from '../../../bench/cluster/request-table.ts';
import { readExposition } from '../../../bench/measure/exposition.ts';
import { percentile } from '../../../bench/measure/percentiles.ts';
import { afterWarmUp, trendOf } from '../../../bench/measure/trend.ts';
import { PHASES } from '../../../bench/phases.ts';
import { decades, ticks } from '../../../bench/report/chart.ts';

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);
  it.each([
    ['the middle', 0.5, 50],
    ['all but the largest', 0.99, 99],
    ['the largest', 1, 100],
    ['the smallest', 0, 1],
  ])('is %s', (_case, share, expected) => {
    expect(percentile(hundred, share)).toBe(expected);
  });

  it('of one value is that value, and of none is not a number', () => {
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([], 0.5)).toBeNaN();
  });
});

describe('an exposition', () => {
  const read = readExposition(
    [
      '# HELP a_total x',
      'a_total{verb="get",code="200"} 3',
      'a_total{verb="get",code="500"} 2',
      'a_total_more 9',
      'b 1.5e-2',
    ].join('\n'),
  );
  it('sums the samples with the labels asked for, and takes no other series for them', () => {
    expect(read('a_total')).toBe(5);
    expect(read('a_total', { verb: 'get', code: '500' })).toBe(2);
    expect(read('a_total', { verb: 'put' })).toBe(0);
    expect(read('b')).toBe(0.015);
  });
});

it('counts as the operator’s writes neither reads, nor Leases, nor what the garbage collector deletes', () => {
  const count = (verb: string, resource: string, n: number, code = '200') => ({
    verb,
    group: '',
    resource,
    subresource: '',
    code,
    count: n,
  });
  const before = [count('POST', 'secrets', 10)];
  const after = [
    count('POST', 'secrets', 12),
    count('PATCH', 'externalsecrets', 5, '409'),
    count('GET', 'secrets', 4),
    count('PUT', 'leases', 7),
    count('DELETE', 'secrets', 6),
    count('POST', 'events', 3),
  ];
  expect(apiRequests(before, after)).toEqual({
    rows: [
      ['DELETE secrets', 6],
      ['PATCH externalsecrets, HTTP 409', 5],
      ['GET secrets', 4],
      ['POST events', 3],
      ['POST secrets', 2],
    ],
    writes: 7,
    objectWrites: 7,
    events: 3,
  });
});

describe('an axis', () => {
  it.each([
    [20, [0, 5, 10, 15, 20]],
    [0.72, [0, 0.2, 0.4, 0.6, 0.8]],
    [10_000, [0, 2_000, 4_000, 6_000, 8_000, 10_000]],
    [0, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  ])('up to %d has round steps that reach it', (most, expected) => {
    expect(ticks(most)).toEqual(expected);
  });
});

describe('a logarithmic axis', () => {
  it.each([
    [37, 820, [10, 100, 1_000]],
    [10, 1_000, [10, 100, 1_000]],
    [3, 5, [1, 10]],
    [0.4, 60_000, [0.1, 1, 10, 100, 1_000, 10_000, 100_000]],
  ])('from %d to %d has the powers of ten around them', (least, most, expected) => {
    expect(decades(least, most)).toEqual(expected);
  });
});

describe('a trend', () => {
  it('of points on a line is that line, with no spread', () => {
    const trend = trendOf([0, 1, 2, 5].map((x) => [x, 3 + 2 * x]));
    expect(trend).toMatchObject({ slope: 2, spread: 0, slopeError: 0 });
    expect(trend.at(10)).toBe(23);
  });

  it('of points about a line has a spread, and an error that it is within', () => {
    // Checked by hand: slope 0.2, residuals -0.2 0.6 -0.6 0.2, so 0.8 / 2 degrees of freedom.
    const trend = trendOf([
      [0, 0],
      [1, 1],
      [2, 0],
      [3, 1],
    ]);
    expect(trend.slope).toBeCloseTo(0.2, 12);
    expect(trend.spread).toBeCloseTo(Math.sqrt(0.4), 12);
    expect(trend.slopeError).toBeCloseTo(2 * Math.sqrt(0.4 / 5), 12);
  });

  it('of two points is not known', () => {
    expect(
      trendOf([
        [0, 0],
        [1, 1],
      ]).slope,
    ).toBeNaN();
  });

  it('leaves out the first third', () => {
    expect(afterWarmUp([1, 2, 3, 4, 5, 6])).toEqual([3, 4, 5, 6]);
  });
});

describe('the command line', () => {
  it('runs all phases, at the defaults of the operator', () => {
    const args = readArguments([], PHASES);
    expect(args).toMatchObject({ objects: 2_000, intervalMs: 60_000, concurrency: 32, latencyMs: 15, record: false });
    expect(args?.phases).toEqual(PHASES);
  });

  it('keeps the order of the table, whatever the order asked for', () => {
    const args = readArguments(['--phases', 'idle,limit'], PHASES);
    expect(args?.phases.map(({ name }) => name)).toEqual(['limit', 'idle']);
  });

  it('leaves out churn of no length', () => {
    const names = readArguments(['--churn-minutes', '0'], PHASES)?.phases.map(({ name }) => name);
    expect(names).toEqual(PHASES.map(({ name }) => name).filter((name) => name !== 'churn'));
  });

  it.each([
    ['a phase that is none', ['--phases', 'limit,lmit'], /--phases: expected .*first-sync.*, got "lmit"/],
    ['an interval that Go does not know', ['--interval', '1d'], /--interval: expected a duration/],
    ['no objects', ['--objects', '0'], /--objects: expected a whole number from 1, got "0"/],
    ['an option that is none', ['--object', '5'], /--object/],
  ])('refuses %s and says what is expected', (_case, args, message) => {
    expect(() => readArguments(args, PHASES)).toThrow(WrongArguments);
    expect(() => readArguments(args, PHASES)).toThrow(message);
  });
});
