// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references in Go's replacements look like that
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Rewrite } from '../../../src/api/data-from.ts';
import { type KeyRules, underSecretKeys } from '../../../src/domain/data-keys.ts';
import { type RewriteTools, rewritten } from '../../../src/domain/rewrite.ts';
import { InvalidSecretContent, InvalidSpec, KeyturnError } from '../../../src/ports/errors.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';
import { compileTemplate, TemplateError } from '../../../src/template/template.ts';

type Texts = Readonly<Record<string, string>>;

/** Stands in values: it must be in no message. */
const CANARY = 'canary-hunter2';

function guarded<T>(work: () => T, failure: new (message: string) => KeyturnError): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TemplateError) throw new failure(error.message);
    throw error;
  }
}

/** As the controller would do it. */
const TOOLS: RewriteTools = {
  compileTransform: (template) => {
    const compiled = guarded(
      () => compileTemplate(template, { name: 'transform', missingKey: 'default' }),
      InvalidSpec,
    );
    return (key) =>
      guarded(
        () => Buffer.from(compiled.render(new Map([['value', Buffer.from(key)]]))).toString(),
        InvalidSecretContent,
      );
  },
  elapsedMs: () => 0,
};

function valuesOf(texts: Texts) {
  return new Map(Object.entries(texts).map(([key, text]) => [key, SecretValue.fromText(text)]));
}

function applied(operations: readonly Rewrite[], texts: Texts, tools = TOOLS): Texts {
  const result = rewritten(operations, valuesOf(texts), tools);
  return Object.fromEntries([...result].map(([key, value]) => [key, value.revealText()]));
}

function keysUnder(rules: KeyRules, ...keys: readonly string[]): readonly string[] {
  return [...underSecretKeys(valuesOf(Object.fromEntries(keys.map((key) => [key, CANARY]))), rules, TOOLS).keys()];
}

function failure(work: () => unknown): KeyturnError {
  try {
    work();
  } catch (error) {
    if (!(error instanceof KeyturnError)) throw error;
    expect(`${error.message} ${inspect(error)}`).not.toContain(CANARY);
    return error;
  }
  throw new Error('it did not fail');
}

function regexp(source: string, target: string): Rewrite {
  return { regexp: { source, target } };
}

function transform(template: string): Rewrite {
  return { transform: { template } };
}

describe('keys are renamed', () => {
  test.each<[string, readonly Rewrite[], Texts, Texts]>([
    ['by nothing', [], { 'a/b': '1' }, { 'a/b': '1' }],
    ['by an operation that says nothing', [{}], { a: '1' }, { a: '1' }],
    ['by an expression', [regexp('prod/(.*)/pw', '$1')], { 'prod/db/pw': '1' }, { db: '1' }],
    ['all with the whole key: an empty match is none', [regexp('(.*)', 'my_$1')], { foo: '1' }, { my_foo: '1' }],
    ['only where the expression matches', [regexp('^x', 'y')], { xa: '1', bx: '2' }, { ya: '1', bx: '2' }],
    ['by several operations, one on the other', [regexp('/', '_'), regexp('^a_', '')], { 'a/b': '1' }, { b: '1' }],
    ['by a template', [transform('{{ .value | upper | replace "/" "_" }}')], { 'a/b': '1' }, { A_B: '1' }],
    ['by a template that asks for something else', [transform('{{ .nope }}')], { a: '1' }, { '<no value>': '1' }],
    [
      'by a template and then an expression',
      [transform('x-{{ .value }}'), regexp('-', '.')],
      { a: '1' },
      { 'x.a': '1' },
    ],
    [
      'in a circle',
      [regexp('^a$', 'c'), regexp('^b$', 'a'), regexp('^c$', 'b')],
      { a: '1', b: '2' },
      { b: '1', a: '2' },
    ],
    ['to nothing: dropped, however many', [regexp('^tmp.*', '')], { tmp1: '1', tmp2: '2', a: '3' }, { a: '3' }],
    [
      'to nothing and back',
      [regexp('^db/?', ''), regexp('^$', 'root')],
      { db: '1', 'db/a': '2' },
      { root: '1', a: '2' },
    ],
    [
      'and merged, over an input, before that',
      [{ merge: { strategy: 'JSON', into: 'x' } }, regexp('^', 'p_')],
      { x: '{"a": 1}' },
      { p_x: '{"a":1}' },
    ],
    ['to what JavaScript knows', [regexp('x', '__proto__')], { x: '1' }, { ['__proto__']: '1' }],
  ])('%s', (_, operations, texts, expected) => {
    expect(Object.entries(applied(operations, texts))).toEqual(Object.entries(expected));
  });

  test.each<[string, readonly Rewrite[], readonly string[], string]>([
    [
      'two keys that become one, which upstream lets overwrite one another',
      [regexp('^.*/', '')],
      ['b/pw', 'a/pw'],
      'rewrite[0]: "b/pw" and "a/pw" both become "pw"; let them differ',
    ],
    [
      'two keys that become one later are told by what they were first',
      [regexp('/', '_'), transform('{{ .value | trunc 1 }}')],
      ['a/x', 'a/y'],
      'rewrite[1]: "a/x" and "a/y" both become "a"; let them differ',
    ],
    [
      'many of them are told by the first few',
      [regexp('.+', 'k')],
      ['a', 'b', 'c', 'd', 'e', 'f'],
      'rewrite[0]: "a" and "b" both become "k"; "b" and "c" both become "k"; "c" and "d" both become "k"; and 2 more; let them differ',
    ],
    [
      'two keys that were emptied and come back as one',
      [regexp('.*', ''), regexp('^$', 'all')],
      ['a', 'b'],
      'rewrite[1]: "a" and "b" both become "all"; let them differ',
    ],
    [
      'a template that fails for a key',
      [transform('{{ fail "no" }}')],
      ['a'],
      'rewrite[0]: template: transform:1:3: executing "transform" at <fail "no">: error calling fail: no',
    ],
  ])('%s', (_, operations, keys, message) => {
    const error = failure(() => applied(operations, Object.fromEntries(keys.map((key) => [key, CANARY]))));
    expect(error).toBeInstanceOf(InvalidSecretContent);
    expect(error.message).toBe(message);
  });

  test.each<[string, Rewrite, string]>([
    [
      'an expression that is none',
      regexp('a(', ''),
      'rewrite[0]: "a(" is not a regular expression of the RE2 syntax (missing closing ): `a(`); correct it',
    ],
    [
      'lookahead',
      regexp('(?=a)', ''),
      'rewrite[0]: "(?=a)" is not a regular expression of the RE2 syntax (invalid or unsupported Perl syntax: `(?=`); correct it',
    ],
    [
      'an expression that is too large',
      regexp(`${'(a|b)'.repeat(400)}{1000}`, ''),
      'rewrite[0]: the regular expression is too large; shorten it, or its repetitions',
    ],
    ['a template that does not parse', transform('{{ .value'), 'rewrite[0]: template: transform:1: unclosed action'],
  ])('%s can never work', (_, operation, message) => {
    const error = failure(() => applied([operation], { a: CANARY }));
    expect(error).toBeInstanceOf(InvalidSpec);
    expect(error.message).toBe(message);
  });

  test('what takes too long is given up', () => {
    let nowMs = 0;
    const tools: RewriteTools = {
      elapsedMs: () => nowMs,
      compileTransform: () => (key) => {
        nowMs += 400;
        return `${key}x`;
      },
    };
    const keys = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => [key, CANARY]));
    expect(failure(() => applied([transform('')], keys, tools)).message).toBe(
      'rewrite[0]: rewriting the keys takes more than 1000 ms; use a simpler expression or template, or fewer keys',
    );
    expect(nowMs).toBe(1_200);
  });

  test('keys that grow without end are given up', () => {
    const doubling = Array.from({ length: 40 }, () => regexp('^.*$', '$0$0'));
    expect(failure(() => applied(doubling, { a: CANARY })).message).toBe(
      'rewrite[20]: the rewritten keys have more than 1048576 characters, which no Secret holds; shorten what they become',
    );
  });

  test('a thousand keys take no time', () => {
    const keys = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`prod/service-${i}/db/password`, '1']));
    const startedAtMs = performance.now();
    const result = applied([regexp('[^a-z0-9-]', '_'), regexp('^prod_(.*)_password$', '${1}')], keys);
    expect(Object.keys(result).slice(0, 2)).toEqual(['service-0_db', 'service-1_db']);
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
  });
});

describe('which keys a Secret gets', () => {
  test.each<[string, KeyRules, readonly string[], readonly string[]]>([
    ['they are converted', {}, ['a/b', 'c d'], ['a_b', 'c_d']],
    ['by their code under Unicode', { conversionStrategy: 'Unicode' }, ['a/b', '😀'], ['a_U002f_b', '_U1f600_']],
    ['an empty list of operations is none', { rewrite: [] }, ['a/b'], ['a_b']],
    ['empty keys are dropped', {}, ['', 'a'], ['a']],
    ['all of them may be', { rewrite: [regexp('.*', '')] }, ['a', 'b'], []],
    ['none is no failure', {}, [], []],
  ])('%s', (_, rules, keys, expected) => {
    expect(keysUnder(rules, ...keys)).toEqual(expected);
  });

  test.each<[string, KeyRules, readonly string[], string]>([
    [
      'with a rewrite nothing is converted',
      { rewrite: [regexp('x', 'y')] },
      ['a/x'],
      `the key "a/y" has the invalid character "/"; only letters, digits, '-', '.' and '_' are allowed; change such keys with rewrite or conversionStrategy`,
    ],
    [
      'what a generator brings is not converted',
      { conversionStrategy: 'None' },
      ['a b'],
      `the key "a b" has the invalid character " "; only letters, digits, '-', '.' and '_' are allowed; change such keys with rewrite or conversionStrategy`,
    ],
    [
      'letters outside ASCII are kept by conversion, and refused',
      {},
      ['é'],
      `the key "é" has the invalid character "é"; only letters, digits, '-', '.' and '_' are allowed; change such keys with rewrite or conversionStrategy`,
    ],
    [
      'two keys that become one by conversion',
      {},
      ['a/b', 'a b'],
      '"a/b" and "a b" both become "a_b" by conversion; use rewrite, or conversionStrategy: Unicode, to tell them apart',
    ],
  ])('%s', (_, rules, keys, message) => {
    const error = failure(() => keysUnder(rules, ...keys));
    expect(error).toBeInstanceOf(InvalidSecretContent);
    expect(error.message).toBe(message);
  });

  test('of many invalid keys the first few are named', () => {
    const { message } = failure(() => keysUnder({ rewrite: [{}] }, 'a/1', 'a/2', 'ok', 'a/3', 'a/4', 'a/5'));
    expect(message.match(/"a\/\d"/g)).toEqual(['"a/1"', '"a/2"', '"a/3"']);
    expect(message).toContain('; and 2 more; change such keys');
  });

  test('a key of 254 bytes is cut in the message', () => {
    const { message } = failure(() => keysUnder({ rewrite: [{}] }, 'k'.repeat(254)));
    expect(message).toContain("has 254 bytes; a Secret's key has at most 253");
    expect(message.length).toBeLessThan(200);
  });
});
