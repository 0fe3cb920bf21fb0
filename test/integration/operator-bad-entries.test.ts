/** Entries of `data` and `dataFrom` that are wrong, or read what is: each is told, and keeps the last good Secret. */

import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BadManifest, expectKeptThrough, type GoodSecret, goodSecret, nameFrom } from './bad-manifests.ts';
import type { Json } from './cluster-objects.ts';
import { startWorld, type Value, type World } from './operator-world.ts';
import { endFaultless } from './proxied-world.ts';

let world: World;
let namespace: string;
let good: GoodSecret;

beforeAll(async () => {
  world = await startWorld();
  namespace = await world.namespace('bad-entries');
  await world.store(namespace);
  good = await goodSecret(world);
});

afterAll(() => endFaultless(world));

type Case = () => Promise<BadManifest>;

/** The world is there when a case runs, and not yet when it is written down. */
const secretText = () => world.canary();

/** Reads a secret with this value by `data`. */
const single = (value: () => Value, remoteRef: Json, ...words: readonly string[]): Case => {
  return async () => {
    const { name: key } = await world.putSecret(value());
    return {
      spec: { data: [{ secretKey: 'x', remoteRef: { key, ...remoteRef } }] },
      words: ['spec.data[0]', ...words],
    };
  };
};

/** Reads what is not there, or is no name. */
const named = (key: string, ...words: readonly string[]): Case => {
  return async () => ({ spec: { data: [{ secretKey: 'x', remoteRef: { key } }] }, words: ['spec.data[0]', ...words] });
};

/** Takes a secret with this value apart. */
const extract = (value: () => Value, more: Json, ...words: readonly string[]): Case => {
  return async () => {
    const { name: key } = await world.putSecret(value());
    const { rewrite, ...rest } = more;
    return {
      spec: { dataFrom: [{ extract: { key, ...rest }, ...(rewrite !== undefined && { rewrite }) }] },
      words: ['spec.dataFrom[0]', ...words],
    };
  };
};

const rewritten = (value: () => Value, operation: Json, ...words: readonly string[]): Case =>
  extract(value, { rewrite: [operation] }, 'rewrite[0]: ', ...words);

/** Finds secrets of these names below a path of their own. */
const found = (secrets: Readonly<Record<string, () => string>>, more: Json, ...words: readonly string[]): Case => {
  return async () => {
    const path = `${world.uniqueName('bad')}/`;
    for (const [name, value] of Object.entries(secrets)) {
      await world.secretsManager.send(new CreateSecretCommand({ Name: path + name, SecretString: value() }));
    }
    const { rewrite, ...rest } = more;
    return {
      spec: { dataFrom: [{ find: { path, ...rest }, ...(rewrite !== undefined && { rewrite }) }] },
      words: ['spec.dataFrom[0].find', ...words],
    };
  };
};

const regexp = (expression: string, ...words: readonly string[]): Case => {
  const spec = { dataFrom: [{ find: { name: { regexp: expression } } }] };
  return async () => ({ spec, words: ['spec.dataFrom[0].find.name.regexp: ', ...words] });
};

const beside = (more: Json, ...words: readonly string[]): Case => {
  return async () => ({ spec: { data: [{ secretKey: 'x', remoteRef: { key: good.key } }], ...more }, words });
};

const windowOf = (schedule: string, duration: string, ...words: readonly string[]): Case =>
  beside(
    { syncWindows: { kind: 'allow', windows: [{ schedule, duration }] } },
    'spec.syncWindows.windows[0]',
    ...words,
  );

const transform = (template: string, ...words: readonly string[]): Case =>
  rewritten(() => ({ a: secretText() }), { transform: { template } }, 'the template of transform fails', ...words);

const merge = (value: () => Value, operation: Json, ...words: readonly string[]): Case =>
  rewritten(value, { merge: operation }, ...words);

const inA = () => ({ a: secretText() });
const LOOP = '{{ define "loop" }}{{ template "loop" }}{{ end }}{{ template "loop" }}';

const NO_RE2 = 'is not a regular expression of the RE2 syntax';
const NO_OBJECT = 'extract needs a JSON object';
const HAS_NUL = 'has a NUL byte, and nullBytePolicy is Fail';

const GROUPS: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  'a single value': {
    'that is no base64': single(secretText, { decodingStrategy: 'Base64' }, 'the value for key "x" is not Base64'),
    'of base64 without its padding': single(() => 'YQ', { decodingStrategy: 'Base64' }, 'is not Base64'),
    'in the other base64': single(() => 'a+b/', { decodingStrategy: 'Base64URL' }, 'is not Base64URL'),
    'with a NUL byte': single(
      () => `${secretText()}\0`,
      { nullBytePolicy: 'Fail' },
      `the value for key "x" ${HAS_NUL}`,
    ),
    'of a property that JavaScript knows': single(
      inA,
      { property: '__proto__' },
      'property "__proto__" does not exist',
    ),
    'of a property behind a text': single(inA, { property: 'a.length' }, 'property "a.length" does not exist'),
    'of a property with a NUL byte': single(inA, { property: 'a\0' }, 'property "a\\u0000" does not exist'),
    'of a property of an emoji': single(inA, { property: '😀' }, 'property "😀" does not exist in the secret'),
    'of a query that is cut off': single(
      inA,
      { property: 'a.#(b==' },
      'property "a.#(b==" does not exist in the secret',
    ),
    'of a modifier that there is not': single(inA, { property: 'a|@nope' }, 'property "a|@nope" does not exist'),
    'of lists in lists in lists': single(
      () => ({ a: secretText().repeat(200) }),
      { property: `${'['.repeat(14)}${Array(1000).fill('@this').join(',')}${']'.repeat(14)}` },
      'exceeds the limit of',
      'ask for less in one ExternalSecret',
    ),
    'of a version that there is not': single(secretText, { version: 'uuid/nope' }, 'has no version "nope"'),
    'of a label that there is not': single(secretText, { version: '😀' }, 'has no version with the stage "😀"'),
    'of a version without its id': single(secretText, { version: 'uuid/' }, 'version "uuid/" names no version'),
    'of a secret with an emoji': named('😀/x', 'AWS has no secret "😀/x" in us-east-1', 'Check the key, the region'),
    'of a secret with a line break': named('a\nb', 'AWS has no secret "a\\u000ab" in us-east-1'),
    'of a secret without a name': named('', 'the key has 0 characters; AWS takes 1 to 2048'),
    'of a secret with a name beyond all measure': named('k'.repeat(2049), 'the key has 2049 characters'),
    'of an ARN that is none': named('arn:aws:s3:::bucket', 'AWS has no secret "arn:aws:s3:::bucket"'),
  },
  'an extract of': {
    'a text': extract(secretText, {}, NO_OBJECT),
    'a number': extract(() => '42', {}, NO_OBJECT),
    'JSON that is cut off': extract(() => `{"a":"${secretText()}`, {}, NO_OBJECT),
    'JSON that is nested beyond all measure': extract(
      () => `{"a":${'['.repeat(9999)}${']'.repeat(9999)}}`,
      {},
      NO_OBJECT,
    ),
    'bytes that are no text': extract(() => new Uint8Array([123, 255, 0, 125]), {}, NO_OBJECT),
    'a property that is a list': extract(() => ({ a: [secretText()] }), { property: 'a' }, NO_OBJECT),
    'values one of which is no base64': extract(
      () => ({ a: 'YQ==', b: secretText() }),
      { decodingStrategy: 'Base64' },
      'the value for key "b" is not Base64',
    ),
    'values one of which has a NUL byte': extract(
      () => ({ a: 'x', b: `${secretText()}\0` }),
      { nullBytePolicy: 'Fail' },
      `the value for key "b" ${HAS_NUL}`,
    ),
    'keys of emoji that become one': extract(
      () => ({ '😀': secretText(), '😁': secretText() }),
      {},
      '"😀" and "😁" both become "_" by conversion; use rewrite, or conversionStrategy: Unicode',
    ),
    'a key that is reserved': extract(() => ({ '..': secretText() }), {}, 'the key ".." is reserved'),
  },
  'a find': {
    'by an expression without its end': regexp('(', `"(" ${NO_RE2}`, 'missing closing )', 'correct it'),
    'by an expression that looks ahead': regexp('(?=a)', NO_RE2),
    'by an expression that refers back': regexp('(a)\\1', NO_RE2),
    'by repetitions of repetitions': regexp('((a{1000}){1000}){1000}', NO_RE2, 'invalid repeat count'),
    'by an expression beyond all measure': regexp('a'.repeat(100_000), 'is too large; shorten it, or its repetitions'),
    'of names that become one key': found(
      { 'a/b': secretText, a_b: secretText },
      {},
      '_a_b" by conversion; use rewrite, or conversionStrategy: Unicode',
    ),
    'of a value that is no base64': found({ a: secretText }, { decodingStrategy: 'Base64' }, '_a" is not Base64'),
    'of a value with a NUL byte': found({ a: () => `${secretText()}\0` }, { nullBytePolicy: 'Fail' }, `_a" ${HAS_NUL}`),
    'of a value that is not to be merged': found(
      { a: secretText },
      { rewrite: [{ merge: {} }] },
      'rewrite[0]: merge needs a JSON object in every value',
    ),
  },
  'a rewrite': {
    'by an expression without its end': rewritten(inA, { regexp: { source: '(', target: '' } }, `"(" ${NO_RE2}`),
    'that makes one key of two': rewritten(
      () => ({ a: secretText(), b: secretText() }),
      { regexp: { source: '.', target: 'z' } },
      '"a" and "b" both become "z"; let them differ',
    ),
    'that makes a key with an emoji': extract(
      inA,
      { rewrite: [{ regexp: { source: 'a', target: '😀' } }] },
      'the key "😀" has the invalid character "😀"',
    ),
    'that makes a key too long': extract(
      inA,
      { rewrite: [{ regexp: { source: 'a', target: 'z'.repeat(300) } }] },
      "has 300 bytes; a Secret's key has at most 253",
    ),
    'that makes keys beyond all measure': extract(
      inA,
      { rewrite: Array.from({ length: 30 }, () => ({ regexp: { source: '(.*)', target: '$1$1$1' } })) },
      'rewrite[12]: the rewritten keys have more than 1048576 characters',
    ),
    'by a template that is cut off': transform('{{ .value', 'unclosed action'),
    'by a template that fails': transform('{{ fail "no" }}', 'error calling fail: no'),
    'by a template that calls itself': transform(LOOP, 'exceeded maximum template depth'),
    'by a template of 10 MB': transform('{{ repeat 10000000 "x" }}', 'exceeded the limit of 65536 bytes'),
    'by a template without end': transform('{{ range until 100000000 }}{{ end }}', 'exceeded the limit of 20000 steps'),
    'that merges a text': merge(
      inA,
      {},
      'merge needs a JSON object in every value, and that of "a" (39 bytes) is none',
    ),
    'that merges a list': merge(() => ({ a: [secretText()] }), {}, 'merge needs a JSON object in every value'),
    'that merges a key twice': merge(
      () => ({ a: { k: secretText() }, b: { k: secretText() } }),
      {},
      'merge finds keys in more than one input: "k" (in "a" and "b"); rename them, or set conflictPolicy: Ignore',
    ),
    'that merges into nothing': merge(() => ({ a: {} }), { strategy: 'JSON' }, 'merge with strategy JSON needs into'),
    'that prefers what there is not': merge(
      () => ({ a: { k: secretText() } }),
      { priority: ['nope'] },
      'merge.priority names "nope", which is not among the keys; correct it, or set priorityPolicy: IgnoreNotFound',
    ),
  },
  'a manifest': {
    'with a key twice': async () => ({
      spec: { data: ['x', 'y', 'x'].map((secretKey) => ({ secretKey, remoteRef: { key: good.key } })) },
      words: ['spec.data names the secretKey "x" twice; remove one of the two entries'],
    }),
    'with an interval of an emoji': beside({ refreshInterval: '😀' }, 'spec.refreshInterval "😀" is not a duration'),
    'with an interval beyond all measure': beside({ refreshInterval: '99999999999h' }, 'is not a duration'),
    'of another kind than Secret, which was not allowed': beside(
      { target: { manifest: { apiVersion: 'v1', kind: 'ConfigMap' } } },
      'invalid generic target: only Secrets are written; for other kinds start the operator with ' +
        '--unsafe-allow-generic-targets',
    ),
    'with a window at the 61st minute': windowOf('61 * * * *', '1h', 'schedule "61 * * * *" is no cron schedule'),
    'with a window of words': windowOf('a b c d e', '1h', 'use for example "0 22 * * mon-fri"'),
    'with a window of a day': windowOf('* * * * *', '1d', 'duration "1d" is not a duration above zero'),
  },
};

describe.each(Object.entries(GROUPS))('%s', (group, cases) => {
  it.concurrent.each(Object.entries(cases))('%s', async (sentence, make) => {
    await expectKeptThrough(world, namespace, nameFrom(`${group} ${sentence}`), good, await make());
  });
});

describe('what only looks bad is served', () => {
  it('emoji, NUL bytes and lone surrogates in values', async () => {
    const text = `${secretText()}\0😀\n`;
    const { name: key } = await world.putSecret({ text });
    const { name: lone } = await world.putSecret('{"a":"\\ud800"}');
    await world.externalSecret(namespace, 'values', { dataFrom: [{ extract: { key } }, { extract: { key: lone } }] });
    await world.expectData(namespace, 'values', { text, a: '\ufffd' });
  });

  it('a key that is twice in JSON: the last one by extract, the first one by property, as upstream has it', async () => {
    const [first, last] = [secretText(), secretText()];
    const { name: key } = await world.putSecret(`{"a":"${first}","a":"${last}"}`);
    const data = [{ secretKey: 'first', remoteRef: { key, property: 'a' } }];
    await world.externalSecret(namespace, 'twice', { dataFrom: [{ extract: { key } }], data });
    await world.expectData(namespace, 'twice', { a: last, first });
  });

  it('an ExternalSecret with the longest name that there can be, and what is told of it', async () => {
    const name = `${'n'.repeat(252)}x`;
    await expectKeptThrough(world, namespace, name, good, {
      spec: { data: [{ secretKey: 'x', remoteRef: { key: 'test/nowhere' } }] },
      words: ['AWS has no secret "test/nowhere"'],
    });
    await expect(world.externalSecret(namespace, `${name}x`, {})).rejects.toThrow(/must be no more than 253/);
  });
});
