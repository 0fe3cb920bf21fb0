/** The bench's arithmetic: a wrong percentile or a miscounted write would be believed. */

import { describe, expect, it } from 'vitest';
import { readArguments, WrongArguments } from '../../../bench/arguments.ts';
import { apiRequests } from '../../../bench/cluster/request-table.ts';
import { readExposition } from '../../../bench/measure/exposition.ts';
import { percentile } from '../../../bench/measure/percentiles.ts';
import { PHASES } from '../../../bench/phases.ts';
import { ticks } from '../../../bench/report/svg.ts';

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

describe('the command line', () => {
  it('runs all phases but those on request, at the defaults of the operator', () => {
    const args = readArguments([], PHASES);
    expect(args).toMatchObject({ objects: 2_000, intervalMs: 60_000, concurrency: 32, latencyMs: 15 });
    expect(args?.phases.map(({ name }) => name)).not.toContain('churn');
  });

  it('keeps the order of the table, whatever the order asked for', () => {
    const args = readArguments(['--phases', 'idle,limit'], PHASES);
    expect(args?.phases.map(({ name }) => name)).toEqual(['limit', 'idle']);
  });

  it('runs churn when its length is given', () => {
    expect(readArguments(['--churn-minutes', '30'], PHASES)?.phases.at(-1)?.name).toBe('churn');
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
