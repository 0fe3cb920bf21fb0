/** A path is a tenant's text, and must not hold up the others: whatever it says, it ends, and names the limit that it met. */

import { describe, expect, test } from 'vitest';
import { Effort, GjsonLimitExceeded } from '../../../src/gjson/gjson.ts';
import { finding } from './finding.ts';

const LARGEST_SECRET = 65_536;
const PATH_LENGTH = 100_000;

/** As often as it fits into a length, with something between. */
function filled(unit: string, between: string, length = PATH_LENGTH): string {
  return Array.from({ length: Math.floor(length / (unit.length + between.length)) }, () => unit).join(between);
}

function nested(open: string, close: string, length: number): string {
  const depth = Math.floor(length / (open.length + close.length));
  return open.repeat(depth) + close.repeat(depth);
}

const NUMBERS = `[${filled('1', ',', LARGEST_SECRET - 2)}]`;
const OBJECTS = `[${filled('{"a":"x"}', ',', LARGEST_SECRET - 2)}]`;
const LONG = `["${filled('a', '', LARGEST_SECRET - 4)}"]`;
const DEEP = nested('[', ']', 2000);
const DEEP_OBJECT = nested('{"a":', '}', 6000);

/** Fewer steps than there are, so that the test is quick. */
const LIMITS = { steps: 5_000_000, bytes: 256 * 1024, levels: 500 };

const STEPS = 'the limit of 5000000 steps for all paths together';
const BYTES = 'the limit of 262144 bytes for a text that a path makes';
const LEVELS = 'the limit of 500 levels inside each other';

function limitOf(json: string, path: string): string {
  try {
    return finding(json, path, new Effort(LIMITS));
  } catch (error) {
    if (error instanceof GjsonLimitExceeded) return error.message;
    throw error;
  }
}

describe('a limit is met and named', () => {
  test.each<[string, string, string, string]>([
    ['by modifiers of modifiers', '[1]', filled('@dig:', ''), STEPS],
    ['by closed queries inside queries', DEEP, '#('.repeat(510) + ')'.repeat(510), LEVELS],
    ['by steps into deep arrays', DEEP, filled('0', '.'), LEVELS],
    ['by steps into deep objects', DEEP_OBJECT, filled('a', '.'), LEVELS],
    ['by elements of elements', DEEP, filled('#', '.', 1100), LEVELS],
    ['by modifiers one after the other', OBJECTS, filled('@reverse', '|'), STEPS],
    ['by layout after layout', OBJECTS, filled('@pretty', '|'), STEPS],
    ['by sorting after sorting', OBJECTS, filled('@pretty:{"sortKeys":true}', '|'), STEPS],
    ['by validating again and again', OBJECTS, filled('@valid', '|'), STEPS],
    ['by quoting what is quoted', OBJECTS, filled('@tostr', '|'), BYTES],
    ['by doubling', '1', filled('[@this,@this]', '|'), BYTES],
    ['by the same again and again', OBJECTS, `[${filled('@this', ',', 400)}]`, BYTES],
    ['by multipaths inside multipaths', '{}', '['.repeat(510) + ']'.repeat(510), LEVELS],
    ['by many paths for many elements', OBJECTS, `#.[${filled('a', ',')}]`, STEPS],
    ['by a long path for many elements', OBJECTS, `#(a)#.${filled('\\|', '')}`, STEPS],
    ['by digging in what is deep', DEEP, '@dig:@this', LEVELS],
    ['by digging in what was dug out', OBJECTS, filled('@dig:@this', '|'), STEPS],
    ['by flattening what is deep', DEEP, '@flatten:{"deep":true}', LEVELS],
    ['by laying out what is deep', DEEP, '@pretty', LEVELS],
    ['by laying out what is deep on one line', DEEP, '@pretty:{"width":1000000}', LEVELS],
    ['by a wide indent', NUMBERS, `@pretty:{"indent":"${filled(' ', '', 9000)}","width":0}`, BYTES],
    ['by long keys that are repeated', `{"${filled('k', '', 30_000)}":${NUMBERS}}`, '@group', BYTES],
    ['by wildcards on many elements', OBJECTS, `#(a%"${filled('*y', '')}")#`, STEPS],
    ['by an operand of many digits', NUMBERS, `#(>0x${filled('f', '', 50_000)}p1)#`, STEPS],
  ])('%s', (_, json, path, limit) => {
    expect(limitOf(json, path)).toBe(limit);
  });
});

describe('no limit is met', () => {
  test.each<[string, string, string, string]>([
    ['by wildcards that fit in many ways', LONG, `#(%"${filled('*a', '', 2000)}*b")`, '(missing)'],
    ['by a long key', OBJECTS, filled('a', ''), '(missing)'],
    ['by a long index', NUMBERS, filled('9', ''), '(missing)'],
    ['by pipes alone', NUMBERS, filled('|', ''), '(missing)'],
    ['by literal after literal', NUMBERS, filled('!true', '|'), 'true'],
    ['by the length of an array', NUMBERS, '#', String(filled('1', ',', LARGEST_SECRET - 2).length / 2 + 0.5)],
    [
      'by a query of a large array',
      OBJECTS,
      '#(a=="x")#|#',
      String(filled('{"a":"x"}', ',', LARGEST_SECRET - 2).split('x').length - 1),
    ],
    ['by what is 400 deep', nested('[', ']', 800), filled('0', '.', 798), '[]'],
  ])('%s', (_, json, path, text) => {
    expect(finding(json, path)).toBe(text);
  });

  test('by seven hundred properties of the largest secret', () => {
    const effort = new Effort();
    const json = `{"a":"${filled('x', '', LARGEST_SECRET - 20)}","b":"y"}`;
    const texts = new Set(Array.from({ length: 700 }, () => finding(json, 'b', effort)));
    expect([...texts]).toEqual(['y']);
  });
});

test('what was spent on one path is missing for the next', () => {
  const effort = new Effort(LIMITS);
  const path = `${filled('@reverse', '|', 100)}|0.a`;
  expect(finding(OBJECTS, path, effort)).toBe('x');
  expect(() => finding(OBJECTS, path, effort)).toThrow(STEPS);
});

test('a limit leaves the next path the depth that it had', () => {
  const effort = new Effort();
  expect(() => finding(DEEP, filled('0', '.'), effort)).toThrow(LEVELS);
  expect(finding(nested('[', ']', 800), filled('0', '.', 798), effort)).toBe('[]');
});

test('a message has nothing of the path and of the text', () => {
  expect(limitOf(`["canary-hunter2",${OBJECTS}]`, `[${filled('@this', ',', 400)},canary]`)).not.toContain('canary');
});
