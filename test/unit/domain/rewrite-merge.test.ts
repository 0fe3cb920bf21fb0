import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type Merge, merged } from '../../../src/domain/rewrite-merge.ts';
import { InvalidSecretContent, InvalidSpec, KeyturnError } from '../../../src/ports/errors.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';

type Texts = Readonly<Record<string, string>>;

/** Stands in values: it must be in no message. */
const CANARY = 'canary-hunter2';

function applied(merge: Merge, texts: Texts): Texts {
  const entries = Object.entries(texts).map(([key, text]) => ({ key, value: SecretValue.fromText(text), origin: key }));
  return Object.fromEntries(merged(merge, entries).map(({ key, value }) => [key, value.revealText()]));
}

function failure(merge: Merge, texts: Texts): KeyturnError {
  try {
    applied(merge, texts);
  } catch (error) {
    if (!(error instanceof KeyturnError)) throw error;
    expect(`${error.message} ${inspect(error)}`).not.toContain(CANARY);
    return error;
  }
  throw new Error('it did not fail');
}

describe('Extract', () => {
  test.each<[string, Merge, Texts, Texts]>([
    ['lifts the inner keys up, and nothing else stays', {}, { x: '{"a":"1"}', y: '{"b":"2"}' }, { a: '1', b: '2' }],
    ['of nothing is nothing', {}, {}, {}],
    ['null and empty objects hold no keys', {}, { x: 'null', y: '{}', z: ' {"a":"1"} ' }, { a: '1' }],
    ['strings come as they are', {}, { x: '{"a":"<&>\\u2028\\n\\"é😀"}' }, { a: '<&>\u2028\n"é😀' }],
    [
      'numbers come as plain decimals of a float64',
      {},
      { x: '{"a":1.0,"b":1e3,"c":12345678901234567890,"d":1e21,"e":1e-7,"f":-0,"g":1.50}' },
      { a: '1', b: '1000', c: '12345678901234567000', d: '1000000000000000000000', e: '0.0000001', f: '-0', g: '1.5' },
    ],
    ['booleans and null', {}, { x: '{"a":true,"b":false,"c":null}' }, { a: 'true', b: 'false', c: '' }],
    [
      'lists and objects come compact, sorted and escaped for HTML',
      {},
      { x: '{"o":{"b": 1.0, "a": "<"},"l":[1e21, null]}' },
      { o: '{"a":"\\u003c","b":1}', l: '[1e+21,null]' },
    ],
    ['the last of two equal keys in one object wins', {}, { x: '{"a":"1","a":"2"}' }, { a: '2' }],
    [
      'Ignore: the later in the order of the keys wins',
      { conflictPolicy: 'Ignore' },
      { z: '{"a":"z"}', b: '{"a":"b"}' },
      { a: 'z' },
    ],
    [
      'Ignore: the priorities win over all others, and the later over the earlier',
      { conflictPolicy: 'Ignore', priority: ['b', 'a'] },
      { a: '{"k":"a","l":"a"}', b: '{"k":"b","m":"b"}', z: '{"k":"z","m":"z","n":"z"}' },
      { k: 'a', l: 'a', m: 'b', n: 'z' },
    ],
    [
      'keys are in the order of their bytes',
      { conflictPolicy: 'Ignore' },
      { '😀': '{"k":"emoji"}', '\ue000': '{"k":"private"}' },
      { k: 'emoji' },
    ],
    [
      'a missing priority is passed over under IgnoreNotFound',
      { priority: ['nope', 'x'], priorityPolicy: 'IgnoreNotFound' },
      { x: '{"a":"1"}' },
      { a: '1' },
    ],
    ['what JavaScript knows is a key', {}, { x: '{"__proto__":"1"}' }, { ['__proto__']: '1' }],
  ])('%s', (_, merge, texts, expected) => {
    expect(applied(merge, texts)).toEqual(expected);
  });
});

describe('JSON', () => {
  test.each<[string, Merge, Texts, Texts]>([
    [
      'keeps the inputs and adds the whole, sorted, and not escaped for HTML',
      { strategy: 'JSON', into: 'all' },
      { x: '{"b":"<&>", "n":1.0}', y: '{"a":[]}' },
      { x: '{"b":"<&>", "n":1.0}', y: '{"a":[]}', all: '{"a":[],"b":"<&>","n":1}' },
    ],
    ['may write over an input', { strategy: 'JSON', into: 'x' }, { x: '{"a": 1}' }, { x: '{"a":1}' }],
    ['of nothing is an empty object', { strategy: 'JSON', into: 'all' }, {}, { all: '{}' }],
  ])('%s', (_, merge, texts, expected) => {
    expect(applied(merge, texts)).toEqual(expected);
  });

  test('needs to know where to', () => {
    expect(failure({ strategy: 'JSON' }, { x: CANARY })).toEqual(
      new InvalidSpec('merge with strategy JSON needs into, the key that gets the merged object'),
    );
  });
});

describe('what fails', () => {
  test.each<[string, Merge, Texts, string]>([
    [
      'a key of two inputs, even where both say the same',
      {},
      { x: `{"a":"${CANARY}","b":1}`, y: `{"a":"${CANARY}","b":2}` },
      'merge finds keys in more than one input: "a" (in "x" and "y"), "b" (in "x" and "y"); rename them, or set conflictPolicy: Ignore, by which the later input wins',
    ],
    [
      'a priority that is listed twice meets itself',
      { priority: ['x', 'x'] },
      { x: `{"a":"${CANARY}"}` },
      'merge finds keys in more than one input: "a" (in "x" and "x"); rename them, or set conflictPolicy: Ignore, by which the later input wins',
    ],
    [
      'a priority that is not there',
      { priority: ['nope'] },
      { x: '{}' },
      'merge.priority names "nope", which is not among the keys; correct it, or set priorityPolicy: IgnoreNotFound',
    ],
    ...['[1]', CANARY, `"${CANARY}"`, '', '1', `{"a":"${CANARY}"} x`, `{"a":1e400,"b":"${CANARY}"}`].map(
      (text): [string, Merge, Texts, string] => [
        `a value such as ${text}`,
        {},
        { ok: '{}', x: text },
        `merge needs a JSON object in every value, and that of "x" (${text.length} bytes) is none; take such keys elsewhere, or correct the secret`,
      ],
    ),
  ])('%s', (_, merge, texts, message) => {
    expect(failure(merge, texts)).toEqual(new InvalidSecretContent(message));
  });
});
